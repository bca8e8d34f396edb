"""A text comes in: what it changes, and what is answered (contract: SMS)."""

import pytest
from sqlalchemy import select

from dispatcher.casework import draft_freeze, lock_case
from dispatcher.lifecycle import CaseState, FreezeState, MessageState, OfferState
from dispatcher.model import (
    AlarmKind,
    AskedBy,
    Case,
    Contact,
    DeadlineWhat,
    Flag,
    Freeze,
    InboundText,
    Level,
    Offer,
    Officer,
    Volunteer,
    Whose,
)
from tests import builders
from tests.tracking.world import World

STRANGER = "+8613700000042"


@pytest.fixture
def person(world: World) -> Volunteer:
    return world.person()


@pytest.fixture
def case(world: World) -> Case:
    return world.case(own_accounts=[{"bank": "工商银行", "account": "6222020000000017"}])


@pytest.fixture
def offer(world: World, case: Case, person: Volunteer) -> Offer:
    return world.ask(case, person)


@pytest.fixture
def task(world: World, offer: Offer, person: Volunteer) -> Offer:
    assert world.text(person, f"1{offer.code}") == "done"
    world.planned()
    return offer


def inbox(world: World) -> list[InboundText]:
    return world.database.read(lambda s: list(s.scalars(select(InboundText).where(InboundText.in_inbox))))


def contacts(world: World, case: Case) -> list[str]:
    found = select(Contact.result).where(Contact.case_id == case.id).order_by(Contact.id)
    return world.database.read(lambda s: [result.value for result in s.scalars(found)])


@pytest.mark.parametrize("written", ["1{}", "{}1", "1 {}", " １{}\n"])
def test_an_acceptance_gives_the_case_to_the_person(
    world: World, case: Case, offer: Offer, person: Volunteer, written: str
) -> None:
    assert world.text(person, written.format(offer.code.lower())) == "done"
    assert world.of(offer).state == OfferState.ACCEPTED
    assert world.of(case).state == CaseState.ACCEPTED
    assert world.of(case).signed_at == world.clock.now()
    assert world.deadline(case, DeadlineWhat.SIGN).met_at == world.clock.now()
    assert world.kinds(case)[-1] == "offer.accepted"


def test_accepting_twice_is_accepting_once(world: World, case: Case, task: Offer, person: Volunteer) -> None:
    before = world.kinds(case)
    assert world.text(person, f"1{task.code}") == "done"
    assert world.kinds(case) == before
    assert world.closings(person) == []


def test_the_first_acceptance_wins_and_the_others_are_told_once(world: World, case: Case) -> None:
    people = [world.person() for _ in range(3)]
    offers = [world.ask(case, person) for person in people]
    assert world.text(people[1], f"1{offers[1].code}") == "done"
    assert world.holders(case) == {people[1].id}
    assert [world.closings(person) for person in people] == [["taken"], [], ["taken"]]
    assert world.text(people[0], f"1{offers[0].code}") == "too_late"
    assert world.text(people[0], f"1{offers[0].code}") == "too_late"
    assert world.holders(case) == {people[1].id}
    assert world.closings(people[0]) == ["taken"]
    assert inbox(world) == []


def test_whose_text_never_left_is_told_nothing(world: World, case: Case) -> None:
    quick, unsent = world.person(), world.person()
    offer = world.ask(case, quick)
    waiting = world.ask(case, unsent, text=MessageState.QUEUED)
    world.text(quick, f"1{offer.code}")
    assert world.of(waiting).state == OfferState.STOOD_DOWN
    assert world.texts(unsent, "offer") == []
    assert world.closings(unsent) == []


def test_a_late_acceptance_is_welcome_while_nobody_has_the_case(
    world: World, case: Case, offer: Offer, person: Volunteer
) -> None:
    world.later(minutes=2)
    assert world.of(offer).state == OfferState.EXPIRED
    world.plan()
    assert world.of(case).state == CaseState.ESCALATED
    assert world.text(person, f"1{offer.code}") == "done"
    assert world.of(case).state == CaseState.ACCEPTED
    assert world.holders(case) == {person.id}


def test_a_late_acceptance_is_told_once_when_somebody_has_the_case(
    world: World, case: Case, offer: Offer, person: Volunteer
) -> None:
    world.later(minutes=2)
    other = world.person()
    world.text(other, f"1{world.ask(case, other).code}")
    assert world.closings(person) == []
    assert world.text(person, f"1{offer.code}") == "too_late"
    assert world.text(person, f"1{offer.code}") == "too_late"
    assert world.of(offer).state == OfferState.STOOD_DOWN
    assert world.closings(person) == ["taken"]
    assert world.holders(case) == {other.id}


def test_somebody_late_who_has_another_task_by_now_keeps_that_one(
    world: World, case: Case, offer: Offer, person: Volunteer
) -> None:
    world.later(minutes=2)
    second = world.ask(world.case(), person)
    world.text(person, f"1{second.code}")
    assert world.text(person, f"1{offer.code}") == "too_late"
    assert world.live(person).id == second.id
    assert world.of(case).state == CaseState.DISPATCHING


def test_a_declined_offer_goes_to_the_next_person_at_once(
    world: World, case: Case, offer: Offer, person: Volunteer
) -> None:
    other = world.person()
    world.planned()
    assert world.text(person, f"2{offer.code}") == "done"
    assert world.of(offer).state == OfferState.DECLINED
    assert world.planned()
    assert world.plan() == 1
    assert world.live(other).case_id == case.id
    assert world.closings(person) == []


def test_who_declined_and_thinks_again_reaches_the_officer_and_is_told_so(
    world: World, offer: Offer, person: Volunteer
) -> None:
    world.text(person, f"2{offer.code}")
    assert world.text(person, f"1{offer.code}") == "old_code"
    assert len(inbox(world)) == 1
    assert len(world.texts(person, "old_code")) == 1


def test_who_gives_up_a_task_gives_it_to_the_next(world: World, case: Case, task: Offer, person: Volunteer) -> None:
    world.text(person, f"3{task.code}")
    assert world.text(person, f"2{task.code}") == "done"
    assert world.of(task).state == OfferState.RELEASED
    assert world.of(case).state == CaseState.DISPATCHING
    assert world.planned()
    other = world.person()
    assert world.plan() == 1
    assert world.live(other).case_id == case.id


def test_arrived_then_met(world: World, case: Case, task: Offer, person: Volunteer) -> None:
    assert world.text(person, f"3{task.code}") == "done"
    assert world.of(case).state == CaseState.ON_SCENE
    assert world.deadline(case, DeadlineWhat.ARRIVE).met_at
    assert world.text(person, f"4{task.code}") == "done"
    assert world.of(task).state == OfferState.COMPLETED
    assert contacts(world, case) == ["arrived", "met"]
    now = world.of(case)
    assert (now.state, Flag.DISSUADED_REPORTED in now.flags) == (CaseState.ON_SCENE, True)
    assert world.deadline(case, DeadlineWhat.MEET).met_at
    assert world.kinds(case)[-1] == "offer.completed"
    assert world.planned()


def test_met_without_arrived_records_both(world: World, case: Case, task: Offer, person: Volunteer) -> None:
    assert world.text(person, f"4{task.code}") == "done"
    assert contacts(world, case) == ["arrived", "met"]
    assert world.of(task).arrived_at
    assert world.text(person, f"4{task.code}") == "done"
    assert contacts(world, case) == ["arrived", "met"]
    assert world.of(case).state != CaseState.CLOSED


def test_not_found_opens_the_search_and_ends_nothing(world: World, case: Case, task: Offer, person: Volunteer) -> None:
    assert world.text(person, f"5{task.code}") == "done"
    now = world.of(case)
    assert (now.state, now.disposition) == (CaseState.ACCEPTED, None)
    assert Flag.SEARCHING in now.flags
    assert contacts(world, case) == ["not_found"]
    assert world.holders(case) == {person.id}
    world.text(person, f"4{task.code}")
    assert Flag.SEARCHING not in world.of(case).flags


def test_money_moving_drafts_one_stop_and_calls_the_officer(
    world: World, case: Case, task: Offer, person: Volunteer
) -> None:
    assert world.text(person, f"6{task.code}") == "done"
    assert world.text(person, f"{task.code}6") == "done"
    freezes = world.database.read(lambda s: s.scalars(select(Freeze).where(Freeze.case_id == case.id)).all())
    assert [(f.state, f.bank, f.account) for f in freezes] == [(FreezeState.DRAFT, "工商银行", "6222020000000017")]
    assert world.alarms(AlarmKind.MONEY_MOVING) == 1
    assert Flag.MONEY_MOVING in world.of(case).flags


def test_money_moving_opens_no_second_draft_for_an_account_that_has_one(
    world: World, case: Case, task: Offer, person: Volunteer
) -> None:
    officer = world.database.transact(lambda work: builders.officer(work, world.station))
    world.database.transact(
        lambda work: draft_freeze(
            work,
            lock_case(work, case.id),
            whose=Whose.OWN,
            asked_by=AskedBy.FAMILY,
            by=work.session.get_one(Officer, officer.id),
            account="6222020000000017",
        )
    )
    assert world.text(person, f"6{task.code}") == "done"
    freezes = world.database.read(lambda s: s.scalars(select(Freeze).where(Freeze.case_id == case.id)).all())
    assert [f.asked_by for f in freezes] == [AskedBy.FAMILY]
    assert world.alarms(AlarmKind.MONEY_MOVING) == 1


def test_help_calls_the_officer(world: World, case: Case, task: Offer, person: Volunteer) -> None:
    assert world.text(person, f"7{task.code}") == "done"
    assert world.alarms(AlarmKind.HELP_ASKED) == 1
    assert Flag.HELP_ASKED in world.of(case).flags


def test_on_and_off_duty_need_no_code(world: World, person: Volunteer) -> None:
    assert world.text(person, "9") == "duty"
    assert not world.of(person).on_duty
    world.planned()
    assert world.text(person, "8") == "duty"
    assert world.of(person).on_duty
    assert world.planned()


def test_after_completion_money_and_help_still_count_and_the_rest_does_not(
    world: World, case: Case, task: Offer, person: Volunteer
) -> None:
    world.text(person, f"4{task.code}")
    assert world.text(person, f"6{task.code}") == "done"
    assert world.text(person, f"7{task.code}") == "done"
    assert world.text(person, f"5{task.code}") == "old_code"
    assert world.text(person, f"2{task.code}") == "too_late"
    assert world.of(task).state == OfferState.COMPLETED
    assert world.alarms(AlarmKind.MONEY_MOVING) == 1


@pytest.mark.parametrize("digit", range(3, 8))
def test_who_has_not_accepted_reports_nothing(
    world: World, case: Case, offer: Offer, person: Volunteer, digit: int
) -> None:
    assert world.text(person, f"{digit}{offer.code}") == "old_code"
    assert world.of(offer).state == OfferState.SENT
    assert contacts(world, case) == []
    assert len(inbox(world)) == 1


def test_the_code_may_be_left_out_while_there_was_one_offer_in_half_an_hour(
    world: World, offer: Offer, person: Volunteer
) -> None:
    world.clock.forward(minutes=29)
    assert world.text(person, "1") == "done"
    assert world.of(offer).state == OfferState.ACCEPTED


def test_after_half_an_hour_the_code_is_needed(world: World, offer: Offer, person: Volunteer) -> None:
    world.clock.forward(minutes=31)
    assert world.text(person, "1") == "unclear"
    assert world.of(offer).state == OfferState.SENT
    assert world.text(person, f"1{offer.code}") == "done"


def test_with_two_offers_in_half_an_hour_the_code_is_needed(world: World, offer: Offer, person: Volunteer) -> None:
    world.text(person, f"2{offer.code}")
    second = world.ask(world.case(), person)
    assert world.text(person, "1") == "unclear"
    assert world.of(second).state == OfferState.SENT
    assert world.text(person, f"1{second.code}") == "done"


def test_somebody_elses_code_is_not_theirs(world: World, offer: Offer) -> None:
    other = world.person()
    assert world.text(other, f"1{offer.code}") == "old_code"
    assert world.of(offer).state == OfferState.SENT
    assert [message.params for message in world.texts(other, "old_code")] == [{"code": offer.code}]


def test_after_the_case_is_closed_nothing_counts_and_the_closing_text_comes_once(
    world: World, case: Case, task: Offer, person: Volunteer
) -> None:
    world.close(case)
    assert world.of(task).state == OfferState.RECALLED
    assert world.closings(person) == ["stood_down"]
    outcomes = [world.text(person, f"{digit}{task.code}") for digit in range(1, 8)]
    assert outcomes == ["too_late", "too_late", *["old_code"] * 5]
    assert world.of(case).state == CaseState.CLOSED
    assert world.closings(person) == ["stood_down"]
    assert contacts(world, case) == []
    assert len(inbox(world)) == 5


@pytest.mark.parametrize("body", ["👍", "", "好的我去", "0K73", "1 K73 K74", "\x00", "1" * 2000])
def test_what_is_not_understood_waits_for_the_officer_and_changes_nothing(
    world: World, case: Case, offer: Offer, person: Volunteer, body: str
) -> None:
    assert world.text(person, body) == "unclear"
    assert world.of(offer).state == OfferState.SENT
    assert [text.body for text in inbox(world)] == [body[:1600]]
    assert len(world.texts(person, "unclear")) == 1


def test_a_chatty_phone_is_answered_once_an_hour(world: World, person: Volunteer) -> None:
    assert [world.text(person, word) for word in ("在吗", "👍", "喂")] == ["unclear"] * 3
    assert len(world.texts(person, "unclear")) == 1
    world.clock.forward(minutes=61)
    world.text(person, "喂")
    assert len(world.texts(person, "unclear")) == 2
    assert len(inbox(world)) == 4


def test_a_stranger_gets_one_answer_an_hour_and_the_officer_sees_every_text(world: World) -> None:
    assert [world.text(STRANGER, body) for body in ("1K73", "8", "你是谁")] == ["stranger"] * 3
    assert len(world.texts(STRANGER, "stranger")) == 1
    assert [text.station_id for text in inbox(world)] == [world.station.id] * 3
    world.clock.forward(minutes=61)
    world.text(STRANGER, "在吗")
    assert len(world.texts(STRANGER, "stranger")) == 2


def test_a_resident_who_writes_is_shown_to_the_station_of_their_case(world: World) -> None:
    other = world.database.transact(lambda work: builders.station(work, "000000-AA"))
    world.case(phone=STRANGER)
    world.text(STRANGER, "警察是真的吗？")
    (text,) = inbox(world)
    assert text.station_id == world.station.id != other.id


def test_a_sender_that_is_no_phone_is_shown_and_never_answered(world: World) -> None:
    assert world.text("BANK", "您的验证码") == "stranger"
    assert world.texts("BANK", "stranger") == []
    assert len(inbox(world)) == 1


def test_the_same_text_delivered_again_changes_nothing(
    world: World, case: Case, offer: Offer, person: Volunteer
) -> None:
    assert world.text(person, f"1{offer.code}", sid="SM-1") == "done"
    before = world.kinds()
    assert world.text(person, f"2{offer.code}", sid="SM-1") == "repeated"
    assert world.text(person, "👍", sid="SM-1") == "repeated"
    assert world.kinds() == before
    assert world.of(offer).state == OfferState.ACCEPTED
    assert inbox(world) == []


def test_a_person_who_left_the_roster_is_a_stranger(world: World, offer: Offer, person: Volunteer) -> None:
    def leave(work: object) -> None:
        work.session.get_one(Volunteer, person.id).active = False  # type: ignore[attr-defined]

    world.database.transact(leave)
    assert world.text(person, f"1{offer.code}") == "stranger"
    assert world.of(offer).state == OfferState.SENT


def test_at_the_gravest_level_a_wave_is_asked_and_one_goes(world: World) -> None:
    people = {person.id: person for person in (world.person() for _ in range(4))}
    case = world.case(level=Level.EXTREME)
    assert world.plan() == 3
    asked = world.database.read(lambda s: list(s.scalars(select(Offer.volunteer_id))))
    first = people[asked[0]]
    world.text(first, f"1{world.live(first).code}")
    assert world.holders(case) == {first.id}
    assert world.plan() == 0
