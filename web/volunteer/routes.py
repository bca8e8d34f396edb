"""The volunteer's page over HTTP: GET shows, POST acts, for link previewers open links (contract: Links)."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, ValidationError

from dispatcher.errors import BadInput, Conflict, NotFound
from dispatcher.geo.coordinates import Crs
from dispatcher.settings import Settings
from dispatcher.tracking.positions import share_position
from dispatcher.tracking.replies import act_on
from dispatcher.work import Work
from web.forms import Form, read_body, read_form
from web.volunteer.frame import HEADERS, Context, language, own_page
from web.volunteer.rendering import missing_page, task_page
from web.volunteer.task import find_offer, link_expired, read_page

router = APIRouter(include_in_schema=False)

ACTS: Final[Mapping[str, int]] = {
    "accept": 1,
    "decline": 2,
    "arrived": 3,
    "met": 4,
    "not_found": 5,
    "stop_card": 6,
    "help": 7,
}
"""A button does what its digit does by text."""

_HERE = Path(__file__).parent
_STATIC: Final[Mapping[str, tuple[str, bytes]]] = {
    "volunteer.css": ("text/css", (_HERE / "volunteer.css").read_bytes()),
    "position.js": ("text/javascript", (_HERE / "position.js").read_bytes()),
}
_POSITION_BYTES = 1024


class Position(BaseModel):
    """Where a phone is, in degrees."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    lon: float
    lat: float
    crs: Crs


async def read_position(request: Request) -> Position:
    """The position in the body, of at most 1 kB.

    Raises HTTPException 413, and BadInput naming the field.
    """
    body = await read_body(request, _POSITION_BYTES)
    try:
        return Position.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        raise BadInput(first["msg"], field=field) from None


@router.get("/t-static/{name}")
def static(name: str) -> Response:
    """The style sheet and the one script of the page."""
    if name not in _STATIC:
        raise NotFound("there is no such file")
    kind, content = _STATIC[name]
    return Response(content, media_type=kind, headers={"Cache-Control": "public, max-age=3600"})


@router.api_route("/t/{token}", methods=["GET", "HEAD"])
def show(token: str, context: Context, lang: str | None = None, said: str | None = None) -> Response:
    """Show the task as it stands; changes nothing, however often and by whomever it is opened."""
    database = context.database
    page = database.read(lambda session: read_page(session, token, database.clock.now()))
    if page is None:
        return _no_such_link(context.settings, lang)
    html = task_page(page, token, language(lang or page.language), said, simulated=context.settings.simulated)
    return HTMLResponse(html, headers=HEADERS)


@router.post("/t/{token}", dependencies=[Depends(own_page)])
def act(token: str, form: Annotated[Form, Depends(read_form)], context: Context) -> Response:
    """Do what a button says, then show the page afresh. A link that has expired does nothing."""
    wanted = form.get("act", "")
    if wanted not in ACTS:
        raise BadInput("there is no such act", field="act")

    def do(work: Work) -> bool | None:
        offer = find_offer(work.session, token)
        if offer is None:
            return None
        return not link_expired(offer, work.now) and act_on(work, offer.id, ACTS[wanted])[0]

    counted = context.database.transact(do)
    lang = language(form.get("lang"))
    if counted is None:
        return _no_such_link(context.settings, lang)
    said = wanted if counted else "nothing"
    return RedirectResponse(f"/t/{token}?lang={lang}&said={said}", HTTPStatus.SEE_OTHER, headers=HEADERS)


@router.post("/t/{token}/position", dependencies=[Depends(own_page)])
def position(token: str, where: Annotated[Position, Depends(read_position)], context: Context) -> Response:
    """Take in where the person is: 204, or 409 when they are not under way."""

    def share(work: Work) -> bool:
        offer = find_offer(work.session, token)
        if offer is None:
            raise NotFound("there is no such link")
        return not link_expired(offer, work.now) and share_position(work, offer, where.lon, where.lat, where.crs)

    if not context.database.transact(share):
        raise Conflict("nobody is under way with this link")
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=HEADERS)


def _no_such_link(settings: Settings, lang: str | None) -> Response:
    return HTMLResponse(missing_page(language(lang), simulated=settings.simulated), HTTPStatus.NOT_FOUND, HEADERS)
