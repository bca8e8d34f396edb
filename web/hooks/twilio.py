"""What Twilio posts to us: texts that came in, and receipts for ours (contract: SMS).

Its signature has no timestamp, so a request may come again, late and out of order: texts are taken in once by their
MessageSid, and the state of a text moves forwards only.
"""

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from dispatcher.errors import BadInput, NotAllowed
from dispatcher.messaging.outcome import receipt
from dispatcher.messaging.twilio_adapter import valid_signature
from dispatcher.tracking.replies import take_text
from web.forms import Form, read_form
from web.services import Services, services

router = APIRouter(prefix="/hooks/twilio", include_in_schema=False)

_EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_SID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_STATUS = re.compile(r"[A-Za-z_-]{1,32}")
_ERROR = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_SENDER = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def signed_form(
    request: Request, form: Annotated[Form, Depends(read_form)], context: Annotated[Services, Depends(services)]
) -> Form:
    """The fields of a request that Twilio signed, over the public address and never over what Host says.

    Raises NotAllowed.
    """
    settings = context.settings
    query = request.scope["query_string"].decode("latin-1")
    url = settings.public_url + request.url.path + (f"?{query}" if query else "")
    if not valid_signature(settings.twilio_auth_token, url, form, request.headers.get("x-twilio-signature", "")):
        raise NotAllowed("the signature is missing or does not fit", field="X-Twilio-Signature")
    return form


Signed = Annotated[Form, Depends(signed_form)]
Context = Annotated[Services, Depends(services)]


@router.post("/inbound")
def inbound(form: Signed, context: Context) -> Response:
    """A text from a phone."""
    sid = _field(form, "MessageSid", _SID)
    sender = _field(form, "From", _SENDER)
    body = form.get("Body", "")
    context.database.transact(lambda work: take_text(work, sid, sender, body))
    return Response(_EMPTY_TWIML, media_type="text/xml")


@router.post("/status")
def status(request: Request, form: Signed, context: Context) -> Response:
    """A receipt for a text of ours; `message` in the query is our own id of it."""
    sid = _field(form, "MessageSid", _SID)
    word = _field(form, "MessageStatus", _STATUS)
    error = _field(form, "ErrorCode", _ERROR) if form.get("ErrorCode") else None
    reference = _reference(request.query_params.get("message", ""))
    context.database.transact(lambda work: receipt(work, sid, word, error, reference))
    return Response(_EMPTY_TWIML, media_type="text/xml")


def _field(form: Form, name: str, pattern: re.Pattern[str]) -> str:
    value = form.get(name, "")
    if not pattern.fullmatch(value):
        raise BadInput(f"{name} is missing or odd", field=name)
    return value


def _reference(text: str) -> UUID | None:
    return UUID(text) if _UUID.fullmatch(text) else None
