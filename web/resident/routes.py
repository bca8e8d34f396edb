"""The public page by which a resident checks a visitor: the numbers to call first, then a code.

GET shows, POST asks; the code is never part of an address, which browsers and proxies would keep.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatcher.checks import find_visit, read_code
from dispatcher.errors import BadInput
from dispatcher.model import Place, PlaceKind
from web.forms import Form, read_form
from web.resident.guesses import Guesses
from web.resident.rendering import Answer, check_page, sentence
from web.services import Services
from web.session import address_of
from web.volunteer.frame import HEADERS, Context, language, own_page

router = APIRouter(include_in_schema=False)

guesses = Guesses()
_RETRY_AFTER_S = 60


@dataclass(frozen=True)
class _Found:
    stations: Sequence[Place]
    sent: Markup | None


@router.api_route("/check", methods=["GET", "HEAD"])
def show(context: Context, lang: str | None = None) -> Response:
    """The numbers and the form."""
    stations = context.database.read(_stations)
    return HTMLResponse(check_page(stations, language(lang), simulated=context.settings.simulated), headers=HEADERS)


@router.post("/check", dependencies=[Depends(own_page)])
def check(request: Request, form: Annotated[Form, Depends(read_form)], context: Context) -> Response:
    """Whether somebody is under way with the code. What is no code, and what is nobody's, are answered alike."""
    lang = language(form.get("lang"))
    simulated = context.settings.simulated
    if not guesses.allow(address_of(request)):
        stations = context.database.read(_stations)
        html = check_page(stations, lang, simulated=simulated, answer=Answer.TOO_MANY)
        headers = {**HEADERS, "Retry-After": str(_RETRY_AFTER_S)}
        return HTMLResponse(html, HTTPStatus.TOO_MANY_REQUESTS, headers)
    found = _look_up(context, _code(form.get("code", "")), lang)
    answer = Answer.YES if found.sent else Answer.NO
    html = check_page(found.stations, lang, simulated=simulated, answer=answer, sent=found.sent)
    return HTMLResponse(html, headers=HEADERS)


def _look_up(context: Services, code: str, lang: str) -> _Found:
    now, zone = context.database.clock.now(), context.settings.zone

    def look(session: Session) -> _Found:
        visit = find_visit(session, code)
        return _Found(_stations(session), sentence(visit, now, zone, lang) if visit else None)

    return context.database.read(look)


def _code(typed: str) -> str:
    """The code as typed; what is none becomes one that nobody has."""
    try:
        return read_code(typed)
    except BadInput:
        return ""


def _stations(session: Session) -> Sequence[Place]:
    published = select(Place).where(Place.kind == PlaceKind.STATION, Place.phone.is_not(None)).order_by(Place.code)
    return session.scalars(published).all()
