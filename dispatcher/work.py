"""A unit of work: one transaction, the events it numbers last, and whom it wakes after the commit."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from dispatcher import views
from dispatcher.bulk import write_rows
from dispatcher.jobs import Job, Waker
from dispatcher.model import AuditEntry, Case, Event, FeedCounter, Officer, Volunteer


@dataclass(frozen=True)
class _Pending:
    station_id: UUID
    kind: str
    case_id: UUID | None
    volunteer_id: UUID | None
    data: dict[str, Any]


@dataclass
class Work:
    """What one request or job does to the database, at one moment `now` (UTC)."""

    session: Session
    now: datetime
    _pending: list[_Pending] = field(default_factory=list)
    _wakes: dict[tuple[Job, str], None] = field(default_factory=dict)
    _ready: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    def emit(
        self,
        kind: str,
        station_id: UUID,
        *,
        case: Case | None = None,
        volunteer: Volunteer | None = None,
        **data: Any,
    ) -> None:
        """Tell the station's consoles; the case and the volunteer are shown as they are at the commit."""
        if self.session.new:
            self.session.flush()  # what is new has no id yet
        case_id = case.id if case else None
        if case and case in self.session:
            self._ready.pop(case.id, None)
        volunteer_id = volunteer.id if volunteer else None
        self._pending.append(_Pending(station_id, kind, case_id, volunteer_id, data))

    def show(self, view: views.View) -> None:
        """What this case looks like at the commit, from whoever has just written it: it is not read again.

        It counts until the case is told of as an object of the session, which may have been changed.
        """
        self._ready[UUID(view["id"])] = view

    def emit_case(self, kind: str, case: Case, volunteer: Volunteer | None = None, **data: Any) -> None:
        """Tell the consoles of the case's station."""
        self.emit(kind, case.station_id, case=case, volunteer=volunteer, **data)

    def wake(self, job: Job, key: UUID | str = "") -> None:
        """Wake a worker once the commit is done; the same wake-up is sent once."""
        self._wakes[job, str(key)] = None

    def audit(
        self,
        act: str,
        *,
        officer: Officer | None = None,
        actor: str | None = None,
        subject: object = None,
        **details: Any,
    ) -> None:
        """Write an act of a user into the record that cannot be changed."""
        self.session.add(
            AuditEntry(
                at=self.now,
                actor=actor or (officer.name if officer else "system"),
                officer_id=officer.id if officer else None,
                act=act,
                subject=str(subject) if subject is not None else None,
                details=details or None,
            )
        )

    def finish(self) -> None:
        """Number the events and commit: the counters are touched last, stations in order of code."""
        self.session.flush()
        if self._pending:
            self._write_events()
        self.session.commit()

    def tell(self, waker: Waker) -> None:
        """After the commit: nudge the hubs, wake the workers."""
        for station_id in {str(p.station_id): None for p in self._pending}:
            waker.nudge(station_id)
        for job, key in self._wakes:
            waker.wake(job, key)

    def _write_events(self) -> None:
        touched = {p.case_id for p in self._pending if p.case_id}
        cases = self._ready | views.case_views(self.session, touched - self._ready.keys())
        volunteer_ids = {p.volunteer_id for p in self._pending if p.volunteer_id}
        views.lock_volunteers(self.session, volunteer_ids)
        people = views.volunteer_views(self.session, volunteer_ids)
        by_station: dict[UUID, list[_Pending]] = defaultdict(list)
        for pending in self._pending:
            by_station[pending.station_id].append(pending)
        for station_id in views.in_code_order(self.session, by_station):
            self._number(station_id, by_station[station_id], cases, people)

    def _number(
        self,
        station_id: UUID,
        pending: Sequence[_Pending],
        cases: dict[UUID, dict[str, Any]],
        people: dict[UUID, dict[str, Any]],
    ) -> None:
        last = self.session.scalars(
            update(FeedCounter)
            .where(FeedCounter.station_id == station_id)
            .values(seq=FeedCounter.seq + len(pending))
            .returning(FeedCounter.seq)
        ).one()
        first = last - len(pending) + 1
        rows = [
            {
                "station_id": station_id,
                "seq": first + index,
                "kind": p.kind,
                "at": self.now,
                "case_id": p.case_id,
                "case": cases.get(p.case_id) if p.case_id else None,
                "data": p.data | ({"volunteer": people[p.volunteer_id]} if p.volunteer_id else {}),
            }
            for index, p in enumerate(pending)
        ]
        write_rows(self.session, Event, rows)
