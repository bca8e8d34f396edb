"""Whatever people, providers, officers and clocks do in whatever order: nobody on two tasks, no case in nobody's hands."""

import itertools
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
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
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from dispatcher.casework import close_case, hold_case, lock_case, release_case, reopen_case, set_duty
from dispatcher.db import Database
from dispatcher.errors import Conflict
from dispatcher.lifecycle import ASKED, LIVE, WAITING, CaseState, Disposition, MessageState, OfferState
from dispatcher.matching.planner import plan_station
from dispatcher.messaging import outcome
from dispatcher.model import Case, Event, FeedCounter, Flag, Level, Message, Offer, Officer, Volunteer
from dispatcher.settings import Settings
from dispatcher.work import Work
from tests import builders
from tests.conftest import FixedClock, RecordingWaker
from tests.tracking.world import World

PEOPLE, CASES = 4, 3
_sids = itertools.count()

persons = st.integers(0, PEOPLE - 1)
luck = st.integers(0, 1000)


ANY_ON_THE_WAY = (MessageState.SENDING, MessageState.UNKNOWN, MessageState.SENT, MessageState.DELIVERED)
FITS = {
    "takes": (MessageState.QUEUED,),
    "unsure": (MessageState.SENDING,),
    "refused": (MessageState.SENDING,),
    "never had it": (MessageState.UNKNOWN,),
}


def claim(work: Work, text_id: UUID) -> None:
    work.session.get_one(Message, text_id).state = MessageState.SENDING


def withdraw(work: Work, case: Case) -> None:
    """While somebody is on the way the officer is asked, else the case closes (contract: alert.withdrawn)."""
    on_it = select(Offer.id).where(Offer.case_id == case.id, Offer.state == OfferState.ACCEPTED)
    if work.session.scalar(on_it.limit(1)):
        case.flag(Flag.WITHDRAWAL_ASKED)
    else:
        close_case(work, case, Disposition.WITHDRAWN, by="centre")


@dataclass
class Seen:
    """All there is to see of one station at one moment."""

    cases: list[Case]
    offers: list[Offer]
    closings: list[UUID | None]
    numbers: list[int]
    last: int


def nobody_has_two_tasks(seen: Seen) -> None:
    busy = Counter(offer.volunteer_id for offer in seen.offers if offer.state in LIVE)
    assert all(number == 1 for number in busy.values())


def every_case_is_in_somebodys_hands(seen: Seen) -> None:
    """Waiting for the plan with nobody on it, or on somebody's way, or waiting for the officer who was told."""
    live = Counter(offer.case_id for offer in seen.offers if offer.state in LIVE)
    on_it = Counter(offer.case_id for offer in seen.offers if offer.state == OfferState.ACCEPTED)
    for case in seen.cases:
        assert on_it[case.id] <= case.wanted, (case.number, "more people than wanted")
        if case.state in WAITING:
            assert on_it[case.id] == 0, (case.number, case.state)
        elif case.state == CaseState.CLOSED:
            assert live[case.id] == 0, (case.number, "somebody still asked for a closed case")
        else:
            reported = case.state == CaseState.ON_SCENE and Flag.DISSUADED_REPORTED in case.flags
            assert on_it[case.id] or reported, (case.number, case.state)


def everybody_is_told_the_end_at_most_once(seen: Seen) -> None:
    told = Counter(seen.closings)
    assert all(times == 1 for times in told.values())
    assert set(told) <= {o.id for o in seen.offers if o.state in {OfferState.STOOD_DOWN, OfferState.RECALLED}}


class Station(RuleBasedStateMachine):
    """One station with four people on duty, up to three cases, and an officer."""

    database: Database
    settings: Settings
    clock: FixedClock
    waker: RecordingWaker

    @initialize(level=st.sampled_from([Level.EXTREME, Level.HIGH]))
    def found(self, level: Level) -> None:
        """A new station in the one database; earlier ones stand still, for each has its own people and cases."""
        place = self.database.transact(builders.station)
        self.world = World(self.database, self.settings, self.clock, self.waker, place)
        self.people = [self.world.person() for _ in range(PEOPLE)]
        self.cases = [self.world.case(level=level)]
        self.officer = self.database.transact(lambda work: builders.officer(work, place))
        self.world.plan()

    # What happens

    @precondition(lambda self: len(self.cases) < CASES)
    @rule(level=st.sampled_from(list(Level)))
    def a_case_opens(self, level: Level) -> None:
        self.cases.append(self.world.case(level=level))
        self.world.plan()

    @rule()
    def the_plan_runs(self) -> None:
        self.world.plan()

    @rule(which=luck, digit=st.sampled_from([1, 1, 2, 4]))
    def somebody_asked_answers(self, which: int, digit: int) -> None:
        """When nobody is asked, the plan runs instead: in life it is woken by whatever left a case waiting."""
        if not self._answer(which, digit, ASKED):
            self.world.plan()

    @rule(which=luck, digit=st.integers(1, 7))
    def somebody_reports(self, which: int, digit: int) -> None:
        """When nobody has a task, somebody who was asked takes one instead."""
        if not self._answer(which, digit, {OfferState.ACCEPTED}):
            self._answer(which, 1, ASKED)

    @rule(which=luck, digit=st.sampled_from([1, 1, 1, 2, 4, 6, 7]))
    def somebody_answers_late(self, which: int, digit: int) -> None:
        self._answer(which, digit, set(OfferState) - LIVE)

    @rule(who=persons, digit=st.integers(1, 9))
    def somebody_answers_without_a_code(self, who: int, digit: int) -> None:
        self.world.text(self.people[who], str(digit))

    @rule(who=persons, on=st.booleans())
    def duty_changes(self, who: int, on: bool) -> None:
        self.database.transact(
            lambda work: set_duty(work, work.session.get_one(Volunteer, self.people[who].id), on_duty=on)
        )

    @rule(
        which=luck, says=st.sampled_from(["takes", "sent", "delivered", "failed", "unsure", "refused", "never had it"])
    )
    def the_provider(self, which: int, says: str) -> None:
        """Takes a text, says by a receipt what became of it, is unsure, refuses it, or turns out never to have had it."""
        text = self._pick_text(which, FITS.get(says, ANY_ON_THE_WAY))
        if text is None:
            return
        sid = text.provider_id or f"SM-out-{next(_sids)}"
        acts: dict[str, Callable[[Work], None]] = {
            "takes": lambda work: claim(work, text.id),
            "unsure": lambda work: outcome.unsure(work, text.id, "no answer"),
            "refused": lambda work: outcome.refused(work, text.id, "21211"),
            "never had it": lambda work: outcome.not_there(work, text.id),
        }
        self.database.transact(acts.get(says, lambda work: outcome.receipt(work, sid, says, None, text.id)))

    @rule(seconds=st.sampled_from([5, 5, 20, 61, 100, 600]))
    def time_passes(self, seconds: int) -> None:
        self.world.later(seconds=seconds)

    @rule(which=luck, does=st.sampled_from(["withdraws", "holds", "lets go", "closes", "reopens"]))
    def an_officer_or_the_centre(self, which: int, does: str) -> None:
        case_id = self.cases[which % len(self.cases)].id
        acts: dict[str, Callable[[Work, Case], None]] = {
            "withdraws": withdraw,
            "holds": lambda work, case: hold_case(work, case, work.session.get_one(Officer, self.officer.id)),
            "lets go": release_case,
            "closes": lambda work, case: close_case(work, case, Disposition.DISSUADED, by="officer"),
            "reopens": lambda work, case: reopen_case(work, case, by="officer"),
        }
        # A refusal changes nothing, and what always holds is looked at all the same.
        with suppress(Conflict):
            self.database.transact(lambda work: acts[does](work, lock_case(work, case_id)))

    # What always holds

    @invariant()
    def nobody_is_lost(self) -> None:
        seen = self.database.read(self._look)
        nobody_has_two_tasks(seen)
        every_case_is_in_somebodys_hands(seen)
        everybody_is_told_the_end_at_most_once(seen)
        assert seen.numbers == list(range(1, seen.last + 1)), "the feed has a gap"

    @invariant()
    def the_plan_leaves_no_waiting_case_alone(self) -> None:
        """Tried, and undone: whatever has happened, one run of the plan would leave somebody asked or the officer called."""
        with self.database.engine.connect() as connection, connection.begin() as trial:
            session = Session(connection, join_transaction_mode="rollback_only")
            plan_station(Work(session, self.clock.now()), self.world.station.id, self.settings)
            session.flush()
            asked = set(session.scalars(select(Offer.case_id).where(Offer.state.in_(ASKED))))
            waiting = select(Case).where(
                Case.station_id == self.world.station.id, Case.state.in_(WAITING), Case.held_by.is_(None)
            )
            for case in session.scalars(waiting):
                assert case.id in asked or case.state == CaseState.ESCALATED, (case.number, case.state)
            session.close()
            trial.rollback()

    # How it looks

    def _look(self, session: Session) -> Seen:
        station_id = self.world.station.id
        closing = select(Message.offer_id).join(Case, Case.id == Message.case_id)
        closing = closing.where(Case.station_id == station_id, Message.template.in_(["taken", "stood_down"]))
        return Seen(
            cases=list(session.scalars(select(Case).where(Case.station_id == station_id).order_by(Case.id))),
            offers=list(session.scalars(self._theirs())),
            closings=list(session.scalars(closing)),
            numbers=list(session.scalars(select(Event.seq).where(Event.station_id == station_id).order_by(Event.seq))),
            last=session.get_one(FeedCounter, station_id).seq,
        )

    def _theirs(self) -> Select[Offer]:
        ids = [person.id for person in self.people]
        return select(Offer).where(Offer.volunteer_id.in_(ids)).order_by(Offer.asked_at, Offer.id)

    def _offers(self) -> list[Offer]:
        return self.database.read(lambda session: list(session.scalars(self._theirs())))

    def _answer(self, which: int, digit: int, states: Collection[OfferState]) -> bool:
        """Somebody answers one of their offers in these states, the newest first; False when there is none."""
        offers = [offer for offer in self._offers() if offer.state in states]
        if offers:
            offer = offers[-1 - which % len(offers)]
            person = next(person for person in self.people if person.id == offer.volunteer_id)
            self.world.text(person, f"{digit}{offer.code}")
        return bool(offers)

    def _pick_text(self, which: int, states: Collection[MessageState]) -> Message | None:
        ids = [person.id for person in self.people]
        theirs = select(Message).where(Message.volunteer_id.in_(ids), Message.state.in_(states))
        found = self.database.read(lambda s: list(s.scalars(theirs.order_by(Message.created_at, Message.id))))
        return found[-1 - which % len(found)] if found else None


def test_whatever_happens_nobody_is_lost(
    database: Database, settings: Settings, clock: FixedClock, waker: RecordingWaker
) -> None:
    class Here(Station):
        pass

    Here.database, Here.settings, Here.clock, Here.waker = database, settings, clock, waker
    # Not shrunk: each try is a hundred transactions, and the story as it was found can be read.
    few = hypothesis_settings(
        max_examples=40,
        stateful_step_count=30,
        phases=(Phase.explicit, Phase.generate),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Here, settings=few)
