"""Reading cases: lists, and one case with its history on one page (field guide §2)."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from dispatcher.access import scope
from dispatcher.access.roles import Permission
from dispatcher.access.viewer import Viewer
from dispatcher.errors import BadInput
from dispatcher.lifecycle import CaseState, OfferState
from dispatcher.model import Case, Level, Place
from dispatcher.views import case_views, iso
from web.api import history, likeness
from web.api.fields import CaseOut, Code, Limit, Moment, Station, VolunteerOut
from web.session import CaseReader, Context

router = APIRouter(prefix="/cases", tags=["cases"])


MOST_COUNTED = 1000
"""Nobody reads further, and counting years of cases would take longer than showing them."""


class CasePage(BaseModel):
    """Cases, newest first; `next` is the `after` of the next page."""

    cases: list[CaseOut]
    total: int = Field(
        description=f"how many there are on all pages; {MOST_COUNTED + 1} for any number above {MOST_COUNTED}"
    )
    next: UUID | None


class AlertOut(BaseModel):
    """One warning order on the case, without personal data."""

    id: UUID
    alert_no: str
    level: str | None
    kind: str | None
    fraud_type: str | None
    at_risk: str | None
    currency: str | None
    stated_at: Moment | None
    received_at: Moment
    withdrawn_at: Moment | None
    withdrawn_reason: str | None


class KinOut(BaseModel):
    """One relative; name and phone are masked."""

    name: str | None
    relation: str | None
    phone: str | None


class TextOut(BaseModel):
    """One text of the case, in or out; links in it are cut."""

    id: UUID
    direction: str = Field(description="in or out")
    volunteer: UUID | None
    phone: str | None
    template: str | None
    body: str | None
    state: str = Field(description="state of a text out, what was understood of a text in")
    at: Moment


class EventOut(BaseModel):
    """One change of the case."""

    seq: int
    kind: str
    at: Moment
    data: dict[str, Any]


class MoneyOut(BaseModel):
    """What the warning orders still standing say is at risk, added up."""

    at_risk: str = Field(examples=["10000000.00"])
    currency: str | None


class ContactDetail(BaseModel):
    """What CASE does not say of one contact; `lon` and `lat` are WGS-84, where who reported it was."""

    id: UUID
    note: str | None
    lon: float | None
    lat: float | None


class PlannedOut(BaseModel):
    """How one offer was planned. Metres in a straight line, null when a position was missing; seconds to the door."""

    offer: UUID
    volunteer: UUID
    state: OfferState
    wave: int
    asked_at: Moment
    ended_at: Moment | None
    accepted_at: Moment | None
    arrived_at: Moment | None
    eta_s: int | None
    metres: int | None
    means: str | None = Field(description="walk, bike or car")
    position: str | None = Field(description="page, base or grid")
    position_age_min: int | None
    elsewhere: int | None = Field(description="people who were nearer and asked for other cases at that moment")
    later: int | None = Field(description="people who were nearer and stood behind")
    together: float | None = Field(description="chance that one of those asked at that moment accepts, 0 to 1")


class EarlierCase(BaseModel):
    """A closed case of the same resident: the same phone, nothing else (contract: Warning orders in)."""

    id: UUID
    number: str
    disposition: str | None
    opened_at: Moment
    closed_at: Moment | None


class SimilarCase(BaseModel):
    """A case that may be about the same resident: for the officer to judge."""

    id: UUID
    number: str
    level: str
    state: str
    disposition: str | None
    opened_at: Moment
    same: list[Literal["name", "address"]]


class CasePageOne(BaseModel):
    """Everything about one case that needs no unmasking."""

    case: CaseOut
    station: str = Field(description="code of the case's station: its words and colours of the levels hold here")
    signed_at: Moment | None
    closed_at: Moment | None
    money: list[MoneyOut] = Field(description="one entry a currency")
    alerts: list[AlertOut]
    kin: list[KinOut]
    volunteers: list[VolunteerOut] = Field(description="everybody ever asked; for roles that see volunteers")
    plan: list[PlannedOut] = Field(description="every offer as it was planned, in order of time")
    contacts_detail: list[ContactDetail] = Field(description="for roles that read texts")
    texts: list[TextOut] = Field(description="for roles that read texts")
    events: list[EventOut]
    earlier: list[EarlierCase] = Field(description="newest first, 20 at most")
    similar: list[SimilarCase] = Field(description="newest first, 10 at most; open, or of the last 30 days")


@router.get("", summary="Cases in scope, newest first")
def list_cases(
    viewer: CaseReader,
    context: Context,
    station: Station = None,
    state: Annotated[list[CaseState] | None, Query(description="one or several; without it, all")] = None,
    level: Annotated[list[Level] | None, Query()] = None,
    number: Annotated[Code | None, Query(description="the beginning of the case number")] = None,
    held: Annotated[bool | None, Query(description="whether an officer holds it")] = None,
    after: Annotated[UUID | None, Query(description="`next` of the page before")] = None,
    limit: Limit = 50,
) -> CasePage:
    """Pages by the last case of the page before, so that new cases shift nothing."""

    def look(session: Session) -> dict[str, Any]:
        chosen = _chosen(session, viewer, station)
        if state:
            chosen = chosen.where(Case.state.in_(state))
        if level:
            chosen = chosen.where(Case.level.in_(level))
        if number:
            chosen = chosen.where(Case.number.startswith(number, autoescape=True))
        if held is not None:
            chosen = chosen.where(Case.held_by.is_not(None) if held else Case.held_by.is_(None))
        return _page(session, viewer, chosen, after, limit)

    return CasePage.model_validate(context.database.read(look))


@router.get("/{case_id}", summary="One case with its warning orders, texts and timeline")
def show_case(case_id: UUID, viewer: CaseReader, context: Context) -> CasePageOne:
    """Masked throughout; what people wrote is for roles that read texts, volunteers for roles that see them."""
    database = context.database

    def look(session: Session) -> dict[str, Any]:
        case = scope.get_case(session, viewer, case_id)
        alerts = history.alerts_of(session, case)
        reads = viewer.may(Permission.READ_TEXTS)
        return {
            "case": case_views(session, [case.id])[case.id],
            "station": session.get_one(Place, case.station_id).code,
            "signed_at": iso(case.signed_at),
            "closed_at": iso(case.closed_at),
            "money": history.at_risk(alerts),
            "alerts": [history.alert_view(alert) for alert in alerts],
            "kin": history.kin_view(alerts),
            "volunteers": history.asked_of(session, case) if viewer.may(Permission.SEE_PEOPLE) else [],
            "plan": history.plan_of(session, case),
            "contacts_detail": history.contacts_of(session, case) if reads else [],
            "texts": history.texts_of(session, case) if reads else [],
            "events": history.events_of(session, case),
            "earlier": likeness.earlier_cases(session, viewer, case),
            "similar": likeness.similar_cases(session, case, database.clock.now()),
        }

    return CasePageOne.model_validate(database.read(look))


def _chosen(session: Session, viewer: Viewer, station: str | None) -> Select[Case]:
    places = scope.places_of(session, viewer, station)
    return select(Case).where(scope.visible_cases(viewer), Case.station_id.in_(places))


def _page(session: Session, viewer: Viewer, chosen: Select[Case], after: UUID | None, limit: int) -> dict[str, Any]:
    total = session.scalar(select(func.count()).select_from(chosen.limit(MOST_COUNTED + 1).subquery()))
    if after:
        last = session.scalar(select(Case).where(Case.id == after, scope.visible_cases(viewer)))
        if last is None:
            raise BadInput("there is no such page", field="after")
        chosen = chosen.where(tuple_(Case.opened_at, Case.id) < tuple_(last.opened_at, last.id))
    newest_first = chosen.order_by(Case.opened_at.desc(), Case.id.desc()).limit(limit + 1)
    ids = [case.id for case in session.scalars(newest_first)]
    views = case_views(session, ids[:limit])
    return {
        "cases": [views[case_id] for case_id in ids[:limit]],
        "total": total,
        "next": ids[limit - 1] if len(ids) > limit else None,
    }
