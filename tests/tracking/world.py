"""What the stories of this folder look at: one station's world, read and moved in a line each."""

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select

from dispatcher.casework import close_case, lock_case, reopen_case
from dispatcher.db import Database
from dispatcher.lifecycle import LIVE, Disposition, OfferState
from dispatcher.model import Alarm, AlarmKind, Case, Deadline, DeadlineWhat, Event, Message, Offer, Place, Volunteer
from dispatcher.settings import Settings
from dispatcher.tracking.clocks import due_cases, run_clocks
from tests import builders
from tests.conftest import FixedClock, RecordingWaker

Row = TypeVar("Row")


@dataclass
class World:
    """One station, and shorthands for what happens there."""

    database: Database
    settings: Settings
    clock: FixedClock
    waker: RecordingWaker
    station: Place

    def person(self, **details: Any) -> Volunteer:
        return self.database.transact(lambda work: builders.volunteer(work, self.station, **details))

    def case(self, **details: Any) -> Case:
        return self.database.transact(lambda work: builders.open_case(work, self.station, **details))

    def ask(self, case: Case, person: Volunteer, **details: Any) -> Offer:
        return self.database.transact(lambda work: builders.ask(work, case, person, **details))

    def text(self, person: Volunteer | str, body: str, sid: str | None = None) -> str:
        return builders.text(self.database, person, body, sid)

    def plan(self) -> int:
        return builders.plan(self.database, self.station, self.settings)

    def later(self, **span: float) -> int:
        """Time passes, and every clock that has run out does what it is for; how many cases had one."""
        self.clock.forward(**span)
        due = self.database.read(lambda session: list(due_cases(session, self.clock.now())))
        for case_id in due:
            self.database.transact(lambda work, case_id=case_id: run_clocks(work, case_id))  # type: ignore[misc]
        return len(due)

    def close(self, case: Case) -> None:
        self.database.transact(
            lambda work: close_case(work, lock_case(work, case.id), Disposition.WITHDRAWN, by="officer")
        )

    def reopen(self, case: Case) -> None:
        self.database.transact(lambda work: reopen_case(work, lock_case(work, case.id), by="officer"))

    def of(self, row: Row) -> Row:
        """The row as it is now."""
        kind: Any = type(row)
        identity = row.id  # type: ignore[attr-defined]
        return self.database.read(lambda session: session.get_one(kind, identity))  # type: ignore[no-any-return]

    def live(self, person: Volunteer) -> Offer:
        """The one offer or task the person has."""
        live = select(Offer).where(Offer.volunteer_id == person.id, Offer.state.in_(LIVE))
        return self.database.read(lambda session: session.scalars(live).one())

    def holders(self, case: Case) -> set[UUID]:
        accepted = select(Offer.volunteer_id).where(Offer.case_id == case.id, Offer.state == OfferState.ACCEPTED)
        return self.database.read(lambda session: set(session.scalars(accepted)))

    def texts(self, person: Volunteer | str, template: str) -> list[Message]:
        """Texts of one kind to one phone, withdrawn ones left out."""
        phone = person if isinstance(person, str) else person.phone
        found = select(Message).where(Message.template == template).order_by(Message.created_at)
        messages = self.database.read(lambda session: session.scalars(found).all())
        return [message for message in messages if message.phone == phone and message.error != "superseded"]

    def closings(self, person: Volunteer) -> list[str]:
        return [m.template for name in ("taken", "stood_down") for m in self.texts(person, name)]

    def kinds(self, case: Case | None = None) -> list[str]:
        """The kinds of the station's events in order, of one case or of all."""
        found = select(Event.kind).where(Event.station_id == self.station.id).order_by(Event.seq)
        if case:
            found = found.where(Event.case_id == case.id)
        return self.database.read(lambda session: list(session.scalars(found)))

    def alarms(self, kind: AlarmKind) -> int:
        found = select(func.count()).where(Alarm.station_id == self.station.id, Alarm.kind == kind)
        return self.database.read(lambda session: session.scalars(found).one())

    def ringing(self, kind: AlarmKind) -> int:
        """How many of them nobody has acknowledged."""
        found = select(func.count()).where(
            Alarm.station_id == self.station.id, Alarm.kind == kind, Alarm.acknowledged_at.is_(None)
        )
        return self.database.read(lambda session: session.scalars(found).one())

    def deadline(self, case: Case, what: DeadlineWhat) -> Deadline:
        return self.database.read(lambda session: session.get_one(Deadline, (case.id, what)))

    def planned(self) -> bool:
        """Whether the plan was woken since this was last asked."""
        woken = ("plan", str(self.station.id)) in self.waker.woken
        self.waker.woken.clear()
        return woken
