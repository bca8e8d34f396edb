"""What a lost wake-up leaves behind is found in the database; a quiet service has nothing to find."""

from datetime import timedelta

import pytest
from sqlalchemy import func, update

from dispatcher import sweep
from dispatcher.casework import feedback, hold_case, lock_case
from dispatcher.casework.outbox import Urgency, queue_text
from dispatcher.jobs import Job
from dispatcher.lifecycle import CaseState, MessageState
from dispatcher.messaging.sender import LEASE
from dispatcher.model import Case, Event, Feedback, Message, Receipt, Source
from dispatcher.work import Work
from tests import builders
from tests.tracking.world import World

SEND = (Job.SEND, "")
DELIVER = (Job.DELIVER, "")


@pytest.fixture
def plan(world: World) -> tuple[Job, str]:
    return (Job.PLAN, str(world.station.id))


def lost(world: World) -> list[tuple[Job, str]]:
    now = world.clock.now()
    return world.database.read(lambda session: sweep.lost_wakeups(session, now))


def queue(world: World, purpose: str = "test") -> None:
    world.database.transact(
        lambda work: queue_text(
            work, "stranger", {}, purpose=purpose, phone="+8613700000001", language="zh", urgency=Urgency.ANSWER
        )
    )


def set_text(world: World, **values: object) -> None:
    world.database.transact(lambda work: work.session.execute(update(Message).values(**values)))


def test_all_is_well_from_order_to_acceptance(world: World, plan: tuple[Job, str]) -> None:
    assert lost(world) == []
    person, case = world.person(), world.case()
    assert lost(world) == [], "the wake-up is on its way"
    world.ask(case, person)
    world.clock.forward(seconds=30)
    assert lost(world) == []
    world.text(person, "1")
    set_text(world, state=MessageState.DELIVERED)
    world.clock.forward(seconds=30)
    assert lost(world) == []


def test_a_case_that_waits_for_nobody(world: World, plan: tuple[Job, str]) -> None:
    world.case()
    world.clock.forward(seconds=1)
    assert lost(world) == [plan]


def test_a_case_whose_only_offer_ran_out(world: World, plan: tuple[Job, str]) -> None:
    world.ask(world.case(), world.person())
    world.later(seconds=61)
    assert lost(world) == [plan]


def test_a_case_whose_only_offer_is_doubtful(world: World, plan: tuple[Job, str]) -> None:
    offer = world.ask(world.case(), world.person())
    world.database.transact(lambda work: setattr(work.session.merge(offer), "doubtful", True))
    world.clock.forward(seconds=1)
    assert lost(world) == [plan]


def test_an_escalated_case_as_soon_as_somebody_is_free(world: World, plan: tuple[Job, str]) -> None:
    case = world.case()
    world.plan()
    assert world.of(case).state == CaseState.ESCALATED
    world.clock.forward(seconds=5)
    assert lost(world) == []
    world.person(on_duty=False)
    assert lost(world) == []
    world.person()
    assert lost(world) == [plan]


def test_an_escalated_case_never_asks_the_same_person_again(world: World) -> None:
    offer = world.ask(world.case(), world.person())
    world.later(seconds=61)
    world.plan()
    assert world.of(offer).state == "expired"
    world.clock.forward(seconds=5)
    assert lost(world) == []


def test_an_accepted_case_that_wants_a_second_person(world: World, plan: tuple[Job, str]) -> None:
    case, first = world.case(), world.person()
    world.ask(case, first)
    world.text(first, "1")
    set_text(world, state=MessageState.DELIVERED)
    world.database.transact(lambda work: setattr(lock_case(work, case.id), "wanted", 2))
    world.clock.forward(seconds=5)
    assert lost(world) == [], "there is nobody"
    second = world.person()
    assert lost(world) == [plan]
    world.ask(case, second)
    assert lost(world) == []


def test_a_case_in_an_officers_hands_is_left_there(world: World) -> None:
    case = world.case()
    world.database.transact(
        lambda work: hold_case(work, lock_case(work, case.id), builders.officer(work, world.station))
    )
    world.clock.forward(seconds=5)
    assert lost(world) == []


def test_a_queued_text_after_a_moment(world: World) -> None:
    queue(world)
    assert lost(world) == [], "the wake-up is on its way"
    world.clock.forward(seconds=1)
    assert lost(world) == [SEND]


def test_a_text_for_later_only_then(world: World) -> None:
    queue(world)
    set_text(world, not_before=world.clock.now() + timedelta(seconds=10))
    world.clock.forward(seconds=9)
    assert lost(world) == []
    world.clock.forward(seconds=2)
    assert lost(world) == [SEND]


def test_an_abandoned_claim_on_the_databases_clock(world: World) -> None:
    queue(world)
    set_text(world, state=MessageState.SENDING, claimed_at=func.clock_timestamp())
    world.clock.forward(hours=1)
    assert lost(world) == [], "its sender may be at it"
    set_text(world, claimed_at=func.clock_timestamp() - LEASE - timedelta(seconds=1))
    assert lost(world) == [SEND]


def test_an_unsure_text_whenever_it_is_to_be_looked_up(world: World) -> None:
    queue(world)
    later = world.clock.now() + timedelta(seconds=3)
    set_text(world, state=MessageState.UNKNOWN, not_before=later)
    assert lost(world) == []
    world.clock.forward(seconds=3)
    assert lost(world) == [SEND]


def tell_the_centre(world: World, case: Case, *types: str) -> None:
    def tell(work: Work) -> None:
        source = work.session.get_one(Source, case.source_id)
        source.feedback_url = "http://127.0.0.1:1/feedback"
        for type_ in types:
            feedback(work, lock_case(work, case.id), type_, by="system")

    world.database.transact(tell)


def test_feedback_that_is_due_and_none_that_waits_for_the_one_before_it(world: World) -> None:
    case = world.case()
    world.ask(case, world.person())
    tell_the_centre(world, case, "case.opened", "case.signed_for")
    assert lost(world) == [], "the wake-up is on its way"
    world.clock.forward(seconds=1)
    assert lost(world) == [DELIVER]

    later = world.clock.now() + timedelta(seconds=40)
    first = update(Feedback).where(Feedback.type == "case.opened").values(next_try_at=later, tries=1)
    world.database.transact(lambda work: work.session.execute(first))
    assert lost(world) == [], "the first is not due, the second waits for it"


def test_what_is_old_is_thrown_away_and_nothing_else(world: World) -> None:
    world.case()
    world.database.transact(
        lambda work: work.session.add(Receipt(provider_id="SM1", status="sent", error=None, received_at=work.now))
    )
    kept = timedelta(days=7)
    world.database.transact(lambda work: sweep.tidy(work, kept))
    assert (rows(world, Event), rows(world, Receipt), rows(world, Case)) == (1, 1, 1)
    world.clock.forward(days=8)
    world.database.transact(lambda work: sweep.tidy(work, kept))
    assert (rows(world, Event), rows(world, Receipt), rows(world, Case)) == (0, 0, 1)


def rows(world: World, table: type[Event | Receipt | Case]) -> int:
    return world.database.read(lambda session: session.query(table).count())
