"""One station's requests, moved in a line each: what the tests of this folder look at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dispatcher.casework import draft_freeze, lock_case
from dispatcher.db import Database
from dispatcher.freezes import acts
from dispatcher.freezes.acts import Act, Decision, Said
from dispatcher.freezes.clocks import due_freezes, run_freeze
from dispatcher.model import Alarm, AlarmKind, AskedBy, AuditEntry, Case, Freeze, FreezeStep, Officer, Place, Whose
from dispatcher.work import Work
from tests import builders
from tests.conftest import FixedClock

ZONE = ZoneInfo("Asia/Shanghai")
Does = Callable[[Act], None]


def facts(account: str = "6217000000000099", amount: int = 50000) -> dict[str, Any]:
    """Everything a bank must be told."""
    return {
        "account": account,
        "account_name": "张某",
        "bank": "建设银行",
        "other_account": "6222020000000017",
        "other_name": "王某丽",
        "other_bank": "工商银行",
        "amount": Decimal(amount),
        "transferred_at": datetime(2026, 4, 29, 7, 30, tzinfo=UTC),
        "facts": "冒充公检法",
        "receipts": [],
    }


@dataclass
class Desk:
    """One station, its cases and the officers who record."""

    database: Database
    clock: FixedClock
    station: Place

    def officer(self) -> Officer:
        return self.database.transact(lambda work: builders.officer(work, self.station))

    def case(self) -> Case:
        return self.database.transact(lambda work: builders.open_case(work, self.station))

    def draft(self, case: Case, officer: Officer, whose: Whose = Whose.SUSPECT, **more: Any) -> UUID:
        said = facts(**more)
        drawn = self.database.transact(
            lambda work: draft_freeze(
                work, lock_case(work, case.id), whose=whose, asked_by=AskedBy.POLICE, by=officer, **said
            )
        )
        return drawn.id

    def act(self, freeze_id: UUID, officer: Officer, does: Does, version: int | None = None) -> Callable[[Work], None]:
        """A unit of work; with `version` as an officer who saw that one."""

        def run(work: Work) -> None:
            case_id = work.session.scalars(select(Freeze.case_id).where(Freeze.id == freeze_id)).one()
            case = lock_case(work, case_id)
            freeze = acts.get_freeze(work, case, freeze_id)
            acts.check_seen(work, freeze, freeze.version if version is None else version)
            does(Act(work, case, freeze, officer))

        return run

    def do(self, freeze_id: UUID, officer: Officer, does: Does, version: int | None = None) -> None:
        self.database.transact(self.act(freeze_id, officer, does, version))

    def stopped(self, case: Case, officer: Officer, **more: Any) -> UUID:
        freeze_id = self.draft(case, officer, **more)
        self.do(freeze_id, officer, acts.send)
        self.do(freeze_id, officer, lambda act: acts.stop(act, self.said()))
        return freeze_id

    def said(self, amount: int | None = None, until: datetime | None = None) -> Said:
        return Said(self.clock.now(), None, None if amount is None else Decimal(amount), until)

    def decision(self, *, major: bool = False) -> Decision:
        return Decision("陈局", self.clock.now(), major=major)

    def tick(self) -> int:
        """Every clock that has run out does what it is for; how many there were."""
        due = self.database.read(lambda session: due_freezes(session, self.clock.now()))
        for freeze_id in due:
            self.database.transact(lambda work, freeze_id=freeze_id: run_freeze(work, freeze_id))  # type: ignore[misc]
        return len(due)

    def one(self, freeze_id: UUID) -> Freeze:
        return self.database.read(lambda session: session.get_one(Freeze, freeze_id))

    def steps(self, freeze_id: UUID) -> list[FreezeStep]:
        rows = select(FreezeStep).where(FreezeStep.freeze_id == freeze_id).order_by(FreezeStep.version)
        return self.database.read(lambda session: list(session.scalars(rows)))

    def alarms(self) -> list[AlarmKind]:
        rows = select(Alarm.kind).where(Alarm.station_id == self.station.id).order_by(Alarm.raised_at)
        return self.database.read(lambda session: list(session.scalars(rows)))

    def lapses_on_record(self) -> int:
        rows = select(AuditEntry.id).where(AuditEntry.act == "freeze.lapsed")
        return len(self.database.read(lambda session: list(session.scalars(rows))))
