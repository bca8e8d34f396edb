"""The officer's own hand in the plan: whoever is chosen or recalled, the plan goes on from there."""

import pytest

from dispatcher.casework import ask_by_hand, hold_case, lock_case, recall
from dispatcher.db import Database
from dispatcher.errors import Conflict
from dispatcher.lifecycle import CaseState, OfferState
from dispatcher.model import AlarmKind, Case, DeadlineWhat, Level, Offer, Volunteer
from dispatcher.settings import Settings
from tests import builders
from tests.conftest import FixedClock, RecordingWaker
from tests.tracking.world import World


@pytest.fixture
def world(database: Database, settings: Settings, clock: FixedClock, waker: RecordingWaker) -> World:
    return World(database, settings, clock, waker, database.transact(builders.station))


def choose(world: World, case: Case, person: Volunteer) -> Offer:
    return world.database.transact(
        lambda work: ask_by_hand(work, lock_case(work, case.id), person, zone=world.settings.zone)
    )


def call_back(world: World, case: Case, offer: Offer) -> bool:
    return world.database.transact(
        lambda work: recall(work, lock_case(work, case.id), work.session.get_one(Offer, offer.id))
    )


def test_a_chosen_person_off_duty_takes_an_escalated_case(world: World) -> None:
    case = world.case()
    assert world.plan() == 0
    assert (world.of(case).state, world.alarms(AlarmKind.NOBODY_LEFT)) == (CaseState.ESCALATED, 1)
    person = world.person(on_duty=False)
    offer = choose(world, case, person)
    assert world.of(case).state == CaseState.DISPATCHING
    assert world.deadline(case, DeadlineWhat.SIGN).met_at is not None
    [text] = world.texts(person, "offer")
    assert (text.offer_id, text.params["token"]) == (offer.id, offer.token)
    assert world.text(person, f"1{offer.code}") == "done"
    assert world.of(case).state == CaseState.ACCEPTED
    assert [kind for kind in world.kinds(case) if kind.startswith("offer.")] == ["offer.queued", "offer.accepted"]


def test_who_takes_over_a_case_that_nobody_is_left_for_has_answered_its_call(world: World) -> None:
    case = world.case()
    assert world.plan() == 0
    officer = world.database.transact(lambda work: builders.officer(work, world.station))
    world.database.transact(lambda work: hold_case(work, lock_case(work, case.id), officer))
    assert world.ringing(AlarmKind.NOBODY_LEFT) == 0


def test_a_call_for_several_cases_rings_on_when_one_of_them_is_taken_over(world: World) -> None:
    first, _second = world.case(), world.case()
    assert world.plan() == 0
    officer = world.database.transact(lambda work: builders.officer(work, world.station))
    world.database.transact(lambda work: hold_case(work, lock_case(work, first.id), officer))
    assert world.ringing(AlarmKind.NOBODY_LEFT) == 1


def test_while_the_chosen_one_may_still_answer_the_plan_asks_nobody_else(world: World) -> None:
    case, chosen, other = world.case(), world.person(), world.person()
    choose(world, case, chosen)
    assert world.plan() == 0
    world.later(seconds=61)
    assert world.plan() == 1
    assert world.live(other).case_id == case.id


def test_a_second_one_chosen_gets_a_seat_of_their_own(world: World) -> None:
    case, first, second = world.case(), world.person(), world.person()
    world.ask(case, first)
    world.text(first, "1")
    offer = choose(world, case, second)
    assert world.of(case).wanted == 2
    assert world.plan() == 0
    assert world.text(second, f"1{offer.code}") == "done"
    assert world.holders(case) == {first.id, second.id}


def test_a_second_one_recalled_leaves_no_empty_seat(world: World) -> None:
    case, first, second = world.case(), world.person(), world.person()
    world.person()  # somebody the plan could ask
    world.ask(case, first)
    world.text(first, "1")
    offer = choose(world, case, second)
    assert call_back(world, case, offer)
    assert (world.of(offer).state, world.of(case).wanted) == (OfferState.STOOD_DOWN, 1)
    assert world.plan() == 0
    assert world.closings(second) == []  # their text had not left yet, and leaves no more


def test_who_is_called_back_on_the_way_is_told_once_and_somebody_else_is_sought(world: World) -> None:
    case, person = world.case(), world.person()
    offer = world.ask(case, person)
    world.text(person, "1")
    next_one = world.person()
    world.planned()
    assert call_back(world, case, offer)
    assert world.planned()
    assert not call_back(world, case, offer)
    assert (world.of(offer).state, world.of(case).state) == (OfferState.RECALLED, CaseState.DISPATCHING)
    assert world.closings(person) == ["stood_down"]
    assert world.plan() == 1
    assert world.live(next_one).case_id == case.id


def test_who_is_asked_with_others_is_stood_down_alone(world: World) -> None:
    case = world.case(level=Level.EXTREME)
    people = [world.person() for _ in range(3)]
    offers = [world.ask(case, person) for person in people]
    assert call_back(world, case, offers[1])
    assert [world.of(offer).state for offer in offers] == [OfferState.SENT, OfferState.STOOD_DOWN, OfferState.SENT]
    assert [world.closings(person) for person in people] == [[], ["stood_down"], []]


def test_an_offer_that_ended_otherwise_cannot_be_recalled(world: World) -> None:
    case, person = world.case(), world.person()
    offer = world.ask(case, person)
    world.text(person, f"2{offer.code}")
    with pytest.raises(Conflict, match="declined"):
        call_back(world, case, offer)


def test_somebody_who_declined_and_was_talked_round_is_asked_again_and_again(world: World) -> None:
    case, person = world.case(), world.person()
    codes = set()
    for number in range(3):
        offer = choose(world, case, person)
        codes.add(offer.code)
        assert world.text(person, f"2{offer.code}") == "done"
        # The plan itself never asks twice.
        assert world.plan() == 0, number
    assert len(codes) == 3
    offer = choose(world, case, person)
    assert world.text(person, f"1{offer.code}") == "done"


def test_a_case_that_is_over_asks_nobody(world: World) -> None:
    closed, dissuaded, person = world.case(), world.case(), world.person()
    world.close(closed)
    with pytest.raises(Conflict, match="closed"):
        choose(world, closed, person)
    world.ask(dissuaded, person)
    world.text(person, "1")
    world.text(person, "4")
    with pytest.raises(Conflict, match="talked out of it"):
        choose(world, dissuaded, world.person())
