"""Duty follows the plan: at each boundary once, and what was said by hand since the last one is left as it is."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatcher.casework import set_duty
from dispatcher.model import Shift, Volunteer, Weekday
from dispatcher.roster.shifts import Pattern, standing
from dispatcher.work import Work

MOST = 200
_BY = "shift plan"
"""Who put a person on or off duty, in the audit."""


def due_people(session: Session, now: datetime) -> Sequence[UUID]:
    """People whose plan has a boundary that nobody looked at yet, the longest due first, at most 200 at a time."""
    due = select(Volunteer.id).where(Volunteer.turn_at <= now, Volunteer.active)
    return session.scalars(due.order_by(Volunteer.turn_at, Volunteer.id).limit(MOST)).all()


def follow_plan(work: Work, volunteer_id: UUID, zone: ZoneInfo) -> bool:
    """Bring one person's duty to what their plan says now, and note when to look again.

    False when somebody else has the person just now, or was first. Boundaries that nobody looked at in time count for
    one: what the plan says now.
    """
    due = select(Volunteer).where(Volunteer.id == volunteer_id, Volunteer.turn_at <= work.now, Volunteer.active)
    person = work.session.scalar(due.with_for_update(skip_locked=True, key_share=True))
    if person is None:
        return False
    found = standing(plan_of(work.session, [person.id])[person.id], zone, work.now)
    person.turn_at = found.then.at if found.then else None
    person.turn_on_duty = found.then.on_duty if found.then else None
    said = person.duty_said_at
    spoken = found.since is not None and (said is None or said < found.since)
    if spoken and set_duty(work, person, on_duty=found.on_duty, by_plan=True):
        work.audit("volunteer.duty", actor=_BY, subject=person.id, on_duty=found.on_duty)
    else:
        work.emit("volunteer.changed", person.station_id, volunteer=person)  # until when has changed
    return True


def plan_of(session: Session, volunteer_ids: Sequence[UUID]) -> dict[UUID, frozenset[Pattern]]:
    """The plans of these people by id; an empty one for who has none."""
    found: dict[UUID, set[Pattern]] = {volunteer_id: set() for volunteer_id in volunteer_ids}
    for shift in session.scalars(select(Shift).where(Shift.volunteer_id.in_(volunteer_ids))):
        days = frozenset(Weekday(day) for day in shift.days)
        found[shift.volunteer_id].add(Pattern(days, shift.starts, shift.ends, shift.first, shift.last))
    return {volunteer_id: frozenset(plan) for volunteer_id, plan in found.items()}
