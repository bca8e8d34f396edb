"""Bodies of requests, read whole up to a limit and no further, and forms read strictly."""

from http import HTTPStatus
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException

from dispatcher.errors import BadInput

MOST_BYTES = 64 * 1024
MOST_FIELDS = 200
_FORM = "application/x-www-form-urlencoded"

Form = ImmutableMultiDict[str, str]


async def read_body(request: Request, most: int = MOST_BYTES) -> bytes:
    """The body, of at most `most` bytes; whatever length it declares, no more than that is kept.

    Raises HTTPException 413 for a longer one.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body has at most {most} bytes")
    return bytes(body)


async def read_form(request: Request) -> Form:
    """The fields of a urlencoded form, of at most 64 kB.

    Raises HTTPException 413 or 415, and BadInput for what is no UTF-8 or has over 200 fields.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the body must be {_FORM}")
    body = await read_body(request)
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BadInput("not a form in UTF-8") from None
    return ImmutableMultiDict(fields)
