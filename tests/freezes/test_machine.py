"""Whatever officers, banks and clocks do in whatever order, and however far time jumps: what always holds of requests."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatcher.casework import close_case, lock_case
from dispatcher.db import Database
from dispatcher.errors import DispatcherError
from dispatcher.freezes import acts, reading
from dispatcher.freezes.acts import Act, Decision, Said
from dispatcher.freezes.times import MOST_STOPS, STOP
from dispatcher.lifecycle import FREEZE_MOVES, HELD, Disposition, FreezeState
from dispatcher.model import AuditEntry, Event, FeedCounter, Freeze, FreezeAct, FreezeStep, Place, Whose
from tests import builders
from tests.conftest import FixedClock
from tests.freezes.desk import ZONE, Desk, facts

REQUESTS, CASES = 6, 2
ACCOUNTS = ("6217000000000099", "6217 0000 0000 0100")
luck = st.integers(0, 1000)
hours = st.sampled_from([0, 0, 1, 30])
sums = st.none() | st.integers(0, 60000)


Doing = Callable[[Act, Said, Decision, dict[str, Any]], None]
ACTS: dict[str, Doing] = {
    "send": lambda act, _s, _d, _f: acts.send(act),
    "submit": lambda act, _s, _d, _f: acts.submit(act),
    "approve": lambda act, _s, _d, _f: acts.send(act, approving=True),
    "correct": lambda act, _s, _d, account: acts.correct(act, account),
    "stop": lambda act, said, _d, _f: acts.stop(act, said),
    "mismatch": lambda act, said, _d, _f: acts.mismatch(act, "户名不符", replace(said, amount=None)),
    "freeze": lambda act, said, decision, _f: acts.freeze_account(act, said, decision, ZONE),
    "renew": lambda act, said, decision, _f: acts.renew(act, said, decision, ZONE),
    "return": lambda act, said, _d, _f: acts.give_back(act, replace(said, amount=said.amount or Decimal(1))),
    "release": lambda act, said, _d, _f: acts.release(act, said, "核实", confirm=said.amount is not None),
}


S = FreezeState
USUAL = {
    S.DRAFT: ["send", "submit"],
    S.TO_APPROVE: ["approve", "approve", "send"],
    S.SENT: ["stop", "stop", "stop", "mismatch"],
    S.MISMATCH: ["correct", "send"],
    S.STOPPED: ["freeze", "freeze", "freeze", "release"],
    S.FROZEN: ["renew", "renew", "return", "release"],
    S.RENEWED: ["renew", "return"],
    S.LAPSED: ["freeze", "renew"],
}


class Requests(RuleBasedStateMachine):
    """One station with two cases, two officers and some requests about two accounts."""

    database: Database
    clock: FixedClock

    @initialize(second_officer=st.booleans())
    def found(self, second_officer: bool) -> None:
        policy = {"stops": {"second_officer": second_officer}}
        station: Place = self.database.transact(lambda work: builders.station(work, policy=policy))
        self.desk = Desk(self.database, self.clock, station)
        self.cases = [self.desk.case() for _ in range(CASES)]
        self.officers = [self.desk.officer() for _ in range(2)]
        self.accounts = [f"{account}{len(str(station.id))}{station.code[-4:]}" for account in ACCOUNTS]
        self.closed: set[UUID] = set()
        asker = self.officers[0]
        self.requests = [self.desk.draft(self.cases[0], asker, whose, account=self.accounts[0]) for whose in Whose]

    # What happens

    @precondition(lambda self: len(self.requests) < REQUESTS)
    @rule(which=luck, whose=st.sampled_from([Whose.SUSPECT, Whose.SUSPECT, Whose.OWN]))
    def somebody_asks(self, which: int, whose: Whose) -> None:
        case = self.cases[which % CASES]
        account = self.accounts[which // CASES % len(ACCOUNTS)]
        with suppress(DispatcherError):
            self.requests.append(self.desk.draft(case, self.officers[which % 2], whose, account=account))

    @rule(which=luck, often=st.integers(1, 5), amount=sums)
    def what_usually_comes_next(self, which: int, often: int, amount: int | None) -> None:
        """So that stories go far: one act after the other that fits the request as it stands, by turns of officers."""
        for step in range(often):
            usual = USUAL.get(self.desk.one(self._picked(which)).state, ["correct"])
            self._do(which ^ (step % 2), usual[(which // 16 + step) % len(usual)], 0, amount)

    @rule(which=luck, does=st.sampled_from(sorted(ACTS)), ago=hours, amount=sums)
    def anything_else(self, which: int, does: str, ago: int, amount: int | None) -> None:
        """Mostly refused."""
        self._do(which, does, ago, amount)

    @rule(
        span=st.sampled_from(
            [timedelta(minutes=1), timedelta(hours=5), timedelta(hours=43), timedelta(days=8), timedelta(days=170)]
        ),
        watched=st.booleans(),
    )
    def time_jumps(self, span: timedelta, watched: bool) -> None:
        """Forwards always: nobody may be watching meanwhile."""
        self.clock.moment += span
        if watched:
            self.desk.tick()
            assert self.desk.tick() == 0, "a clock fires again"

    @rule(which=luck)
    def a_case_closes(self, which: int) -> None:
        case = self.cases[which % CASES]
        if case.id not in self.closed and which % 7 == 0:
            self.closed.add(case.id)
            self.database.transact(
                lambda work: close_case(work, lock_case(work, case.id), Disposition.DISSUADED, by="officer")
            )

    # What always holds

    @invariant()
    def requests_are_whole(self) -> None:
        rows, steps = self.database.read(self._look)
        for row in rows:
            self._whole(row, steps[row.id])
        self._stopped_twice_at_most([step for row in rows for step in steps[row.id]])
        self._counted_once(rows)

    @invariant()
    def every_change_was_told(self) -> None:
        rows, steps = self.database.read(self._look)
        told, last, lapses = self.database.read(self._told)
        assert told == sum(len(steps[row.id]) for row in rows)
        assert last[0] == last[1], "the feed has a gap"
        assert lapses == sum(step.act == FreezeAct.LAPSED for row in rows for step in steps[row.id])

    def _whole(self, row: Freeze, steps: list[FreezeStep]) -> None:
        assert [step.version for step in steps] == list(range(1, row.version + 1))
        assert steps[-1].state == row.state
        for before, after in pairwise(steps):
            stays = after.act == FreezeAct.CORRECTED and before.state == S.DRAFT
            assert stays or after.state in FREEZE_MOVES[before.state], (before.state, after.state)
        if row.state in {S.STOPPED, S.LAPSED} and not row.frozen_at and row.whose == Whose.SUSPECT:
            assert row.since is not None
            assert row.until == row.since + STOP
        if row.whose == Whose.OWN:
            # What was a suspect's when it was stopped stays so: nothing is corrected after the stop.
            assert row.frozen_at is None
            assert row.stop_no is None
        if row.state in HELD and row.warn_at is not None:
            assert row.until is not None
            assert row.warn_at < row.until
        if row.state not in HELD:
            assert row.warn_at is None
        for step in steps:
            assert step.at <= step.recorded_at

    def _stopped_twice_at_most(self, steps: list[FreezeStep]) -> None:
        numbers = Counter(step.account_index for step in steps if step.stop_no)
        assert all(times <= MOST_STOPS for times in numbers.values())
        assert len({(step.account_index, step.stop_no) for step in steps if step.stop_no}) == sum(numbers.values())

    def _counted_once(self, rows: list[Freeze]) -> None:
        most: dict[bytes, int] = {}
        for row in rows:
            if row.account_index is not None:
                most[row.account_index] = max(most.get(row.account_index, 0), int(row.held or 0))
        found = reading.sums_of(rows)
        assert found.protected == sum(most.values())
        assert found.held <= found.protected

    # How it looks

    def _picked(self, which: int) -> UUID:
        return self.requests[which // 2 % len(self.requests)]

    def _do(self, which: int, does: str, ago: int, amount: int | None) -> None:
        """A refusal changes nothing, and what always holds is looked at all the same."""
        said = replace(self.desk.said(amount), at=self.clock.now() - timedelta(hours=ago))
        decision = replace(self.desk.decision(major=which % 3 == 0), at=said.at)
        account = facts(self.accounts[which % len(ACCOUNTS)])
        with suppress(DispatcherError):
            self.desk.do(
                self._picked(which), self.officers[which % 2], lambda act: ACTS[does](act, said, decision, account)
            )

    def _look(self, session: Session) -> tuple[list[Freeze], dict[UUID, list[FreezeStep]]]:
        rows = list(session.scalars(select(Freeze).where(Freeze.id.in_(self.requests))))
        return rows, dict(reading.steps_of(session, rows))

    def _told(self, session: Session) -> tuple[int, tuple[int, int], int]:
        station = self.desk.station.id
        events = select(func.count()).select_from(Event).where(Event.station_id == station)
        told = session.scalar(events.where(Event.kind == "freeze.changed")) or 0
        numbered = session.scalar(events) or 0
        ids = [str(case.id) for case in self.cases]
        lapsed = select(func.count()).where(AuditEntry.act == "freeze.lapsed", AuditEntry.subject.in_(ids))
        return told, (numbered, session.get_one(FeedCounter, station).seq), session.scalar(lapsed) or 0


def test_whatever_happens_requests_stay_whole(database: Database, clock: FixedClock) -> None:
    class Here(Requests):
        pass

    Here.database, Here.clock = database, clock
    few = hypothesis_settings(
        max_examples=40,
        stateful_step_count=30,
        phases=(Phase.explicit, Phase.generate),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Here, settings=few)
