"""Events as they are sent, in order, and how long they are kept."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from dispatcher.model import Event
from dispatcher.views import iso
from dispatcher.work import Work


def frame(event: Event) -> dict[str, Any]:
    """The event of the contract, and `data`: what else there is to say, such as the changed VOLUNTEER."""
    return {
        "type": "event",
        "seq": event.seq,
        "kind": event.kind,
        "at": iso(event.at),
        "case_id": str(event.case_id) if event.case_id else None,
        "case": event.case,
        "data": event.data or {},
    }


def events_after(session: Session, station_id: UUID, seq: int, limit: int) -> Sequence[Event]:
    """At most `limit` events of the station with a number above `seq`, in order."""
    return session.scalars(
        select(Event).where(Event.station_id == station_id, Event.seq > seq).order_by(Event.seq).limit(limit)
    ).all()


def prune(work: Work, days: int) -> int:
    """Remove events older than `days`; a console that asks for them gets a snapshot. Gives how many went."""
    gone = work.session.execute(delete(Event).where(Event.at < work.now - timedelta(days=days)))
    return cast("CursorResult[Any]", gone).rowcount
