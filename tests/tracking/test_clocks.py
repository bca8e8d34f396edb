"""Clocks that run out, each once: offers not answered, tasks not arrived, deadlines missed."""

from collections import Counter

import pytest

from dispatcher.lifecycle import CaseState, MessageState, OfferState
from dispatcher.model import AlarmKind, Case, DeadlineWhat, Flag, Offer, Volunteer
from tests.tracking.world import World

ALLOWANCE = 6 * 60
"""1.5 times the four minutes that the builders' offers are estimated at, in seconds."""
STEP = 90


@pytest.fixture
def person(world: World) -> Volunteer:
    return world.person()


@pytest.fixture
def case(world: World) -> Case:
    return world.case()


@pytest.fixture
def offer(world: World, case: Case, person: Volunteer) -> Offer:
    return world.ask(case, person)


@pytest.fixture
def task(world: World, offer: Offer, person: Volunteer) -> Offer:
    world.text(person, f"1{offer.code}")
    return offer


def test_an_offer_not_answered_in_time_goes_to_the_next(
    world: World, case: Case, offer: Offer, person: Volunteer
) -> None:
    other = world.person()
    world.planned()
    assert world.later(seconds=59) == 0
    assert world.of(offer).state == OfferState.SENT
    assert world.later(seconds=1) == 1
    assert world.of(offer).state == OfferState.EXPIRED
    assert world.planned()
    assert world.plan() == 1
    assert world.live(other).case_id == case.id
    assert world.closings(person) == []


def test_the_text_of_an_offer_that_ran_out_does_not_leave_any_more(world: World, case: Case, person: Volunteer) -> None:
    offer = world.ask(case, person, text=MessageState.QUEUED)
    world.later(minutes=1)
    assert world.of(offer).state == OfferState.EXPIRED
    assert world.texts(person, "offer") == []


def test_when_everybody_was_asked_the_officer_is_called_at_once_and_once(
    world: World, case: Case, offer: Offer
) -> None:
    world.later(minutes=1)
    assert [world.plan(), world.plan()] == [0, 0]
    assert world.of(case).state == CaseState.ESCALATED
    assert world.alarms(AlarmKind.NOBODY_LEFT) == 1
    assert world.kinds(case).count("case.escalated") == 1


def test_an_escalated_case_stays_in_the_plan(world: World, case: Case) -> None:
    world.plan()
    late = world.person()
    assert world.plan() == 1
    assert world.live(late).case_id == case.id
    assert world.of(case).state == CaseState.DISPATCHING


def test_a_task_with_no_arrival_is_nudged_then_reinforced_then_the_officers(
    world: World, case: Case, task: Offer, person: Volunteer
) -> None:
    second = world.person()
    world.later(seconds=ALLOWANCE - 1)
    assert world.texts(person, "nudge") == []
    world.later(seconds=1)
    assert len(world.texts(person, "nudge")) == 1
    assert world.plan() == 0

    world.later(seconds=STEP)
    assert Flag.NOT_ARRIVED in world.of(case).flags
    assert world.planned()
    assert world.plan() == 1
    assert world.live(second).case_id == case.id
    assert world.alarms(AlarmKind.NOT_ARRIVED) == 0

    world.later(seconds=STEP)
    assert world.alarms(AlarmKind.NOT_ARRIVED) == 1
    for _ in range(3):
        world.later(seconds=STEP)
    assert len(world.texts(person, "nudge")) == 1
    assert world.of(case).wanted == 2
    assert world.alarms(AlarmKind.NOT_ARRIVED) == 1
    counted = Counter(world.kinds(case))
    assert (counted["offer.nudged"], counted["case.second_wanted"]) == (1, 1)


def test_both_may_go_when_a_second_is_wanted_and_a_third_may_not(world: World, case: Case, task: Offer) -> None:
    world.later(seconds=ALLOWANCE)
    world.later(seconds=STEP)
    second, third = world.person(), world.person()
    offers = [world.ask(case, somebody) for somebody in (second, third)]
    assert world.text(second, f"1{offers[0].code}") == "done"
    assert world.holders(case) == {task.volunteer_id, second.id}
    assert world.closings(third) == ["taken"]


def test_nobody_at_the_door_is_overdue(world: World, case: Case, task: Offer, person: Volunteer) -> None:
    world.text(person, f"3{task.code}")
    world.later(seconds=ALLOWANCE)
    world.later(seconds=STEP)
    assert world.texts(person, "nudge") == []
    assert world.alarms(AlarmKind.NOT_ARRIVED) == 0


def test_with_somebody_at_the_door_nobody_more_is_sought(world: World, case: Case, task: Offer) -> None:
    world.later(seconds=ALLOWANCE)
    world.later(seconds=STEP)
    second = world.person()
    world.text(second, f"1{world.ask(case, second).code}")
    world.text(second, f"3{world.live(second).code}")
    wanted = world.of(case).wanted
    for _ in range(3):
        world.later(seconds=ALLOWANCE)
    assert world.of(case).wanted == wanted


def test_deadlines_are_missed_once_and_share_an_alarm(world: World) -> None:
    first, second = world.case(), world.case()
    assert world.later(seconds=180) == 2
    assert world.later(seconds=1) == 0
    assert [world.kinds(case).count("deadline.missed") for case in (first, second)] == [1, 1]
    assert world.deadline(first, DeadlineWhat.SIGN).missed_at
    assert world.alarms(AlarmKind.DEADLINE_MISSED) == 1


def test_a_deadline_met_is_never_missed(world: World, case: Case, task: Offer, person: Volunteer) -> None:
    world.text(person, f"4{task.code}")
    world.later(hours=1)
    missed = [what for what in DeadlineWhat if world.deadline(case, what).missed_at]
    assert missed == []
    world.later(hours=4)
    assert world.deadline(case, DeadlineWhat.FEEDBACK).missed_at


def test_a_closed_case_misses_nothing(world: World, case: Case) -> None:
    world.close(case)
    assert world.later(hours=48) == 0
    assert "deadline.missed" not in world.kinds(case)


def test_a_second_vest_who_gives_up_does_not_reopen_what_the_first_has_settled(
    world: World, case: Case, task: Offer, person: Volunteer
) -> None:
    world.later(seconds=ALLOWANCE)
    world.later(seconds=STEP)
    second = world.person()
    world.text(second, f"1{world.ask(case, second).code}")
    world.text(person, f"4{task.code}")
    world.text(second, f"2{world.live(second).code}")
    assert world.of(case).state == CaseState.ON_SCENE
    world.person()
    assert world.plan() == 0


def test_a_reopened_case_is_planned_afresh_for_everybody(
    world: World, case: Case, task: Offer, person: Volunteer
) -> None:
    world.text(person, f"4{task.code}")
    world.close(case)
    world.reopen(case)
    assert world.plan() == 1
    again = world.live(person)
    assert (again.case_id, again.round) == (case.id, 2)
    world.text(person, f"1{again.code}")
    world.text(person, f"2{again.code}")
    assert world.of(case).state == CaseState.DISPATCHING


def test_who_accepts_late_by_an_offer_from_before_the_reopening_is_on_the_case(
    world: World, case: Case, offer: Offer, person: Volunteer
) -> None:
    world.later(minutes=1)
    world.close(case)
    world.reopen(case)
    assert world.text(person, f"1{offer.code}") == "done"
    world.later(seconds=ALLOWANCE)
    world.later(seconds=STEP)
    assert world.of(case).wanted == 2
    world.plan()
    assert world.of(case).state == CaseState.ACCEPTED
