"""Handing over: one case, or all one holds at the end of a shift, to a colleague who may take them."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from dispatcher import casework
from dispatcher.access import scope
from dispatcher.access.audit import record
from dispatcher.access.colleagues import get_colleague, list_colleagues
from dispatcher.errors import BadInput
from dispatcher.model import Case, Role
from dispatcher.work import Work
from web.api.acting import act_on_case, myself
from web.api.fields import Asked, CaseOut, Code, Reason, Station
from web.session import Actor, Context

router = APIRouter(tags=["hand-over"])


class HandOver(Asked):
    """To whom, and what they must know."""

    to: Annotated[Code, Field(description="sign-in name of a colleague, as in GET /api/officers")]
    note: Reason


class ShiftHandOver(HandOver):
    """All cases I hold; with `station`, only those of that place."""

    station: Code | None = None


class HandedOver(BaseModel):
    """Numbers of the cases that changed hands, in order."""

    cases: list[str]


class ColleagueOut(BaseModel):
    """One officer to whom cases may be handed over."""

    name: str
    role: str
    place: str = Field(description="code of the officer's place")
    place_name: str
    place_name_en: str | None
    signed_in: bool = Field(description="has a session that was seen within the last 15 minutes")


@router.get("/officers", summary="Colleagues to whom a case may be handed over")
def list_officers(viewer: Actor, context: Context, station: Station = None) -> list[ColleagueOut]:
    """Who may act on cases of the station, oneself left out, in order of name; those of places above it too."""
    database = context.database
    found = database.read(lambda session: list_colleagues(session, viewer, station, database.clock.now()))
    return [
        ColleagueOut(
            name=one.officer.name,
            role=one.officer.role.value,
            place=one.place.code,
            place_name=one.place.name,
            place_name_en=one.place.name_en,
            signed_in=one.signed_in,
        )
        for one in found
    ]


@router.post("/cases/{case_id}/hand_over", summary="Give a held case to a colleague")
def hand_over(case_id: UUID, body: HandOver, viewer: Actor, context: Context) -> CaseOut:
    """The holder gives, or a chief does: with their own name, a chief takes the case over.

    409 when nobody holds it, or names the officer who does. Once it is in the colleague's hands, again is once.
    """

    def act(work: Work, case: Case) -> dict[str, str] | Literal[False]:
        to = get_colleague(work.session, body.to, [case])
        me, chief = myself(work, viewer), viewer.role == Role.CHIEF
        before = casework.hand_over(work, case, to, giver=me, note=body.note, take=chief)
        return {"from": before.name, "to": to.name} if before else False

    return act_on_case(context, viewer, case_id, "case.handed_over", act, note=body.note)


@router.post("/hand_over", summary="Give every case I hold to a colleague: the end of a shift")
def hand_over_shift(body: ShiftHandOver, viewer: Actor, context: Context) -> HandedOver:
    """All of them or none: 422 when one of them lies outside the colleague's places."""

    def act(work: Work) -> list[str]:
        me = myself(work, viewer)
        cases = casework.lock_held(work, me, scope.places_of(work.session, viewer, body.station))
        to = get_colleague(work.session, body.to, cases)
        if to.id == me.id:
            raise BadInput("these cases are in your own hands already", field="to")
        for case in cases:
            casework.hand_over(work, case, to, giver=me, note=body.note)
            said = {"from": me.name, "to": to.name, "note": body.note}
            record(work, viewer, "case.handed_over", case.id, number=case.number, **said)
        return [case.number for case in cases]

    return HandedOver(cases=context.database.transact(act))
