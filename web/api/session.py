"""Signing in and out, and enrolling the second factor."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import select

from dispatcher.access import enrolment, sessions, sign_in
from dispatcher.access.audit import record
from dispatcher.access.roles import PERMISSIONS
from dispatcher.access.viewer import Viewer
from dispatcher.levels import LevelLook
from dispatcher.model import Level, Place, PlaceKind
from dispatcher.places.tree import below
from dispatcher.policy import read_looks
from dispatcher.work import Work
from web.api.fields import Asked, Code, Line
from web.session import Context, address_of, anybody_signed_in, clear_cookie, set_cookie

router = APIRouter(prefix="/session", tags=["session"])

SignedIn = Annotated[Viewer, Depends(anybody_signed_in)]


class Credentials(Asked):
    """Who signs in."""

    username: Line
    password: Annotated[str, StringConstraints(max_length=4096)]
    totp: Line | None = Field(default=None, description="the one-time password, once one is enrolled")


class Me(BaseModel):
    """The officer of this session."""

    name: str
    role: str
    place: str = Field(description="code of the officer's place; everything below it is in scope")
    stations: list[str] = Field(description="codes of the stations in scope")
    levels: dict[str, dict[Level, LevelLook]] = Field(
        description="what each of these stations calls the levels, and the colour it gives them"
    )
    permissions: list[str]
    needs_enrolment: bool = Field(description="true while the session may do nothing but enrol a second factor")
    idle_minutes: float = Field(description="the session ends after so long without an act of the officer")


class Enrolment(BaseModel):
    """What an authenticator program needs; told once."""

    secret: str
    otpauth_url: str


class FirstCode(Asked):
    """The first code of the authenticator program."""

    totp: Code


@router.post("", summary="Sign in: sets the session's cookie")
def open_session(body: Credentials, request: Request, response: Response, context: Context) -> Me:
    """Needs no earlier cookie or token. 401 with field `totp` asks for the one-time password; 429 after many tries."""
    signed = sign_in.sign_in(
        context.database, body.username, body.password, body.totp, address_of(request), context.settings
    )
    set_cookie(response, context.settings, signed.token)
    place = context.database.read(lambda session: session.get_one(Place, signed.officer.place_id))
    return _me(Viewer(signed.officer, place, signed.session.id, signed.session.full), context)


@router.get("", summary="Who am I, and what may I do")
def who_am_i(viewer: SignedIn, context: Context) -> Me:
    """Also the call by which a console says that its officer is still there."""
    return _me(viewer, context)


@router.delete("", summary="Sign out", status_code=HTTPStatus.NO_CONTENT)
def close_session(viewer: SignedIn, response: Response, context: Context) -> None:
    """Ends the session for all its sockets too, within seconds."""

    def act(work: Work) -> None:
        sessions.end(work, viewer.session_id)
        record(work, viewer, "sign_out", viewer.session_id)

    context.database.transact(act)
    clear_cookie(response, context.settings)


@router.post("/totp", summary="Start enrolling a one-time password")
def start_enrolment(viewer: SignedIn, context: Context) -> Enrolment:
    """409 when one is enrolled already; a new start makes the secret of an unconfirmed one worthless."""
    secret, url = context.database.transact(lambda work: enrolment.enrol(work, viewer))
    return Enrolment(secret=secret, otpauth_url=url)


@router.post("/totp/confirm", summary="Confirm the enrolment with a first code")
def confirm_enrolment(body: FirstCode, viewer: SignedIn, response: Response, context: Context) -> Me:
    """The session becomes a full one, under a new cookie."""
    token = enrolment.confirm(context.database, viewer, body.totp)
    set_cookie(response, context.settings, token)
    return _me(Viewer(viewer.officer, viewer.place, viewer.session_id, full=True), context)


def _me(viewer: Viewer, context: Context) -> Me:
    chosen = select(Place.code, Place.policy).where(Place.kind == PlaceKind.STATION, below(viewer.place))
    stations = context.database.read(lambda session: session.execute(chosen.order_by(Place.path)).all())
    return Me(
        name=viewer.officer.name,
        role=viewer.role.value,
        place=viewer.place.code,
        stations=[station.code for station in stations],
        levels={station.code: read_looks(station.policy) for station in stations},
        permissions=sorted(PERMISSIONS[viewer.role]),
        needs_enrolment=not viewer.full,
        idle_minutes=context.settings.session_idle_minutes,
    )
