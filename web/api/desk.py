"""The duty desk beside the cases: people, inbox, alarms."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from sqlalchemy import case, select
from sqlalchemy.orm import Session

from dispatcher import casework
from dispatcher.access import scope
from dispatcher.access.audit import record
from dispatcher.access.roles import Permission
from dispatcher.access.viewer import Viewer
from dispatcher.casework.alarms import alarm_view
from dispatcher.errors import Conflict
from dispatcher.model import STOPS_FIRST, Alarm, InboundText, Officer, Volunteer
from dispatcher.protection.masking import mask_phone
from dispatcher.views import iso, volunteer_views
from dispatcher.work import Work
from web.api.fields import Asked, Limit, Moment, Station, VolunteerOut, Why
from web.session import Actor, Context, Unmasker, may

router = APIRouter(tags=["desk"])


class Duty(Asked):
    """On duty or off."""

    on_duty: bool


class InboxText(BaseModel):
    """A text nobody guessed at; its sender is masked."""

    id: UUID
    volunteer: UUID | None
    phone: str | None
    body: str
    outcome: str
    received_at: Moment
    handled_by: str | None
    handled_at: Moment | None


class Sender(BaseModel):
    """Who sent a text: the phone, whole."""

    phone: str | None


class AlarmOut(BaseModel):
    """One alarm; `cases` is how many one digest speaks of."""

    id: UUID
    kind: str
    case_id: UUID | None
    cases: int
    raised_at: Moment
    acknowledged_by: str | None
    acknowledged_at: Moment | None


@router.get("/volunteers", summary="People on the rosters in scope")
def list_volunteers(
    viewer: Annotated[Viewer, Depends(may(Permission.SEE_PEOPLE))],
    context: Context,
    station: Station = None,
    on_duty: Annotated[bool | None, Query()] = None,
) -> list[VolunteerOut]:
    """In the order they were added."""

    def look(session: Session) -> list[dict[str, Any]]:
        places = scope.places_of(session, viewer, station)
        chosen = select(Volunteer.id).where(
            Volunteer.active, scope.visible_volunteers(viewer), Volunteer.station_id.in_(places)
        )
        if on_duty is not None:
            chosen = chosen.where(Volunteer.on_duty.is_(on_duty))
        ids = session.scalars(chosen.order_by(Volunteer.id)).all()
        views = volunteer_views(session, ids)
        return [views[person] for person in ids]

    return [VolunteerOut.model_validate(one) for one in context.database.read(look)]


@router.post("/volunteers/{volunteer_id}/duty", summary="Put a person on or off duty")
def change_duty(
    volunteer_id: UUID, body: Duty, viewer: Annotated[Viewer, Depends(may(Permission.SET_DUTY))], context: Context
) -> VolunteerOut:
    """A task in hand stays in hand."""

    def act(work: Work) -> dict[str, Any]:
        person = scope.lock_volunteer(work, viewer, volunteer_id)
        casework.set_duty(work, person, on_duty=body.on_duty)
        record(work, viewer, "volunteer.duty", person.id, on_duty=body.on_duty)
        work.session.flush()
        return volunteer_views(work.session, [person.id])[person.id]

    return VolunteerOut.model_validate(context.database.transact(act))


@router.get("/inbox", summary="Texts that wait for an officer")
def list_inbox(
    viewer: Annotated[Viewer, Depends(may(Permission.READ_TEXTS))],
    context: Context,
    station: Station = None,
    handled: Annotated[bool, Query(description="the handled ones instead of the waiting ones")] = False,
    limit: Limit = 100,
) -> list[InboxText]:
    """Newest first."""

    def look(session: Session) -> list[dict[str, Any]]:
        chosen = select(InboundText).where(InboundText.in_inbox, scope.visible_texts(viewer))
        if station is not None:
            chosen = chosen.where(InboundText.station_id.in_(scope.places_of(session, viewer, station)))
        at = InboundText.handled_at
        chosen = chosen.where(at.is_not(None) if handled else at.is_(None))
        rows = session.scalars(chosen.order_by(InboundText.received_at.desc(), InboundText.id).limit(limit)).all()
        return [_inbox_text(session, row) for row in rows]

    return [InboxText.model_validate(one) for one in context.database.read(look)]


@router.post("/inbox/{text_id}/handled", summary="A text has been seen to")
def handle_text(text_id: UUID, viewer: Actor, context: Context) -> InboxText:
    """Twice by the same officer is once; 409 names another officer who was first."""

    def act(work: Work) -> dict[str, Any]:
        row = scope.lock_text(work, viewer, text_id)
        if _first(work, viewer, row.handled_by, "the text was handled"):
            row.handled_by, row.handled_at = viewer.officer.id, work.now
            if row.station_id:
                by, at = viewer.officer.name, iso(row.handled_at)
                work.emit("text.handled", row.station_id, text=str(row.id), handled_by=by, handled_at=at)
        record(work, viewer, "text.handled", row.id)
        return _inbox_text(work.session, row)

    return InboxText.model_validate(context.database.transact(act))


@router.post("/inbox/{text_id}/unmask", summary="The number a text came from, for a reason")
def unmask_text(text_id: UUID, body: Why, viewer: Unmasker, context: Context) -> Sender:
    """So that the desk can call back; the audit keeps who saw it, when and why."""

    def act(work: Work) -> str | None:
        row = scope.lock_text(work, viewer, text_id)
        record(work, viewer, "text.unmasked", row.id, reason=body.reason)
        return row.phone

    return Sender(phone=context.database.transact(act))


@router.get("/alarms", summary="Alarms that ring")
def list_alarms(
    viewer: Annotated[Viewer, Depends(may(Permission.SEE_ALARMS))],
    context: Context,
    station: Station = None,
    acknowledged: Annotated[bool, Query(description="the acknowledged ones instead of the ringing ones")] = False,
    limit: Limit = 100,
) -> list[AlarmOut]:
    """Newest first; of those that ring, the ones about stop-payments before all others (field guide §3)."""

    def look(session: Session) -> list[dict[str, Any]]:
        places = scope.places_of(session, viewer, station)
        at = Alarm.acknowledged_at
        chosen = select(Alarm).where(
            scope.visible_alarms(viewer),
            Alarm.station_id.in_(places),
            at.is_not(None) if acknowledged else at.is_(None),
        )
        first = [] if acknowledged else [case((Alarm.kind.in_(STOPS_FIRST), 0), else_=1)]
        rows = session.scalars(chosen.order_by(*first, Alarm.raised_at.desc(), Alarm.id).limit(limit)).all()
        return [alarm_view(session, row) for row in rows]

    return [AlarmOut.model_validate(one) for one in context.database.read(look)]


@router.post("/alarms/{alarm_id}/acknowledge", summary="An officer has seen the alarm")
def acknowledge(alarm_id: UUID, viewer: Actor, context: Context) -> AlarmOut:
    """Twice by the same officer is once; 409 names another officer who was first."""

    def act(work: Work) -> dict[str, Any]:
        row = scope.lock_alarm(work, viewer, alarm_id)
        if _first(work, viewer, row.acknowledged_by, "the alarm was acknowledged"):
            casework.acknowledge_alarm(work, row, viewer.officer)
        record(work, viewer, "alarm.acknowledged", row.id)
        return alarm_view(work.session, row)

    return AlarmOut.model_validate(context.database.transact(act))


def _first(work: Work, viewer: Viewer, done_by: UUID | None, what: str) -> bool:
    """Whether nobody did it yet. Raises Conflict when somebody else did."""
    if done_by not in {None, viewer.officer.id}:
        raise Conflict(f"{what} by {_name(work.session, done_by)}")
    return done_by is None


def _inbox_text(session: Session, row: InboundText) -> dict[str, Any]:
    return {
        "id": row.id,
        "volunteer": row.volunteer_id,
        "phone": mask_phone(row.phone),
        "body": row.body,
        "outcome": row.outcome,
        "received_at": iso(row.received_at),
        "handled_by": _name(session, row.handled_by),
        "handled_at": iso(row.handled_at),
    }


def _name(session: Session, officer_id: UUID | None) -> str | None:
    officer = session.get(Officer, officer_id) if officer_id else None
    return officer.name if officer else None
