"""Where a console starts: everything of one moment, or the events it missed.

Both run in one repeatable-read transaction (`Database.read`). A number is given as the last statement before the
commit, so whoever sees number N of a station sees all that N tells of, and nothing of N+1.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dispatcher.errors import NotFound
from dispatcher.feed.events import events_after, frame
from dispatcher.lifecycle import LIVE, CaseState
from dispatcher.model import Case, FeedCounter, Offer, Volunteer
from dispatcher.views import case_views, volunteer_views

MOST_REPLAYED = 1000
"""Further behind than this, a snapshot is the shorter way."""


def snapshot(session: Session, station_id: UUID) -> dict[str, Any]:
    """The snapshot of the contract: open cases in order of opening, the station's people and those it asked.

    Raises NotFound for a place without a feed.
    """
    counter = _counter(session, station_id)
    open_cases = select(Case.id).where(Case.station_id == station_id, Case.state != CaseState.CLOSED)
    case_ids = session.scalars(open_cases.order_by(Case.opened_at, Case.id)).all()
    asked = select(Offer.volunteer_id).where(Offer.case_id.in_(open_cases), Offer.among(LIVE))
    people = session.scalars(
        select(Volunteer.id)
        .where(or_(Volunteer.station_id == station_id, Volunteer.id.in_(asked)), Volunteer.active)
        .order_by(Volunteer.id)
    ).all()
    cases = case_views(session, case_ids)
    volunteers = volunteer_views(session, people)
    return {
        "type": "snapshot",
        "epoch": str(counter.epoch),
        "seq": counter.seq,
        "cases": [cases[case_id] for case_id in case_ids],
        "volunteers": [volunteers[person] for person in people],
    }


def resume(session: Session, station_id: UUID, epoch: str, seq: int) -> list[dict[str, Any]]:
    """The events after `seq`, all there are; or a snapshot alone, when `seq` is unknown, too old or in the future.

    Raises NotFound for a place without a feed.
    """
    counter = _counter(session, station_id)
    behind = counter.seq - seq
    if epoch == str(counter.epoch) and 0 <= behind <= MOST_REPLAYED:
        events = events_after(session, station_id, seq, behind)
        if len(events) == behind:
            return [frame(event) for event in events]
    return [snapshot(session, station_id)]


def _counter(session: Session, station_id: UUID) -> FeedCounter:
    counter = session.get(FeedCounter, station_id)
    if counter is None:
        raise NotFound("this place has no feed of its own", field="station")
    return counter
