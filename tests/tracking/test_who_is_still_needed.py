"""How many people a case still wants after somebody was late, left, or said that all is well."""

import pytest
from sqlalchemy import select

from dispatcher.jobs import Job
from dispatcher.lifecycle import CaseState, OfferState
from dispatcher.messaging import outcome
from dispatcher.model import Case, Flag, Offer, Volunteer
from tests import builders
from tests.tracking.world import World

ALLOWANCE, STEP = 360, 90


@pytest.fixture
def case(world: World) -> Case:
    return world.case()


@pytest.fixture
def person(world: World) -> Volunteer:
    return world.person()


@pytest.fixture
def task(world: World, case: Case, person: Volunteer) -> Offer:
    offer = world.ask(case, person)
    assert world.text(person, f"1{offer.code}") == "done"
    return offer


def late(world: World) -> None:
    world.later(seconds=ALLOWANCE)
    world.later(seconds=STEP)


def test_who_was_late_and_gives_up_is_replaced_by_one_and_not_by_two(
    world: World, case: Case, person: Volunteer, task: Offer
) -> None:
    late(world)
    assert world.of(case).wanted == 2
    world.text(person, f"2{task.code}")
    second, third = world.person(), world.person()
    assert world.plan() == 1
    chosen = next(p for p in (second, third) if _asked(world, p))
    world.text(chosen, f"1{world.live(chosen).code}")
    assert world.plan() == 0
    assert world.holders(case) == {chosen.id}


def test_who_was_late_and_gives_up_leaves_the_second_on_the_way(
    world: World, case: Case, person: Volunteer, task: Offer
) -> None:
    late(world)
    second = world.person()
    world.text(second, f"1{world.ask(case, second).code}")
    world.text(person, f"2{task.code}")
    world.person()
    assert world.plan() == 0
    assert world.holders(case) == {second.id}
    assert world.of(case).state == CaseState.ACCEPTED


def test_who_says_yes_late_is_not_sent_to_somebody_already_talked_out_of_it(
    world: World, case: Case, person: Volunteer
) -> None:
    slow = world.person()
    missed = world.ask(case, slow)
    world.later(minutes=2)
    offer = world.ask(case, person)
    world.text(person, f"1{offer.code}")
    world.text(person, f"4{offer.code}")
    assert Flag.DISSUADED_REPORTED in world.of(case).flags
    assert world.text(slow, f"1{missed.code}") == "too_late"
    assert world.holders(case) == set()
    assert world.closings(slow) == ["taken"]


def test_a_text_that_does_not_arrive_frees_the_person_for_their_own_station(
    world: World, case: Case, person: Volunteer
) -> None:
    offer = world.ask(case, person)
    other = world.database.transact(builders.station)
    world.database.transact(lambda work: setattr(work.session.get_one(Volunteer, person.id), "station_id", other.id))
    sid = f"SM{offer.id.hex}"
    world.database.transact(lambda work: outcome.receipt(work, sid, "undelivered", None, None))
    assert world.of(offer).state == OfferState.UNDELIVERABLE
    assert {(Job.PLAN, str(world.station.id)), (Job.PLAN, str(other.id))} <= set(world.waker.woken)


def _asked(world: World, person: Volunteer) -> bool:
    offers = select(Offer.id).where(Offer.volunteer_id == person.id)
    return world.database.read(lambda session: session.scalar(offers)) is not None
