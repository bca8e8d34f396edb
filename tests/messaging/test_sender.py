"""Sending against a provider that fails in every way it can: each text reaches its phone once, or says why not."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from dispatcher.casework import close_case, lock_case, queue_text, stand_down
from dispatcher.casework.outbox import Urgency
from dispatcher.lifecycle import Disposition, MessageState, OfferState
from dispatcher.messaging import sender as sender_module
from dispatcher.messaging.outcome import MOST_ATTEMPTS
from dispatcher.messaging.sender import LOOKERS, SENDERS
from dispatcher.model import Case, Message, Offer, Receipt
from dispatcher.work import Work
from tests.messaging.line import LINK_BASE, Blind, Gate, Line, until

M, O = MessageState, OfferState  # noqa: E741
BUSY = {"status": 429, "code": 20429, "retry_after": 3}
UNSURE = [{"hang_seconds": 2.1}, {"accept_then_500": True}]


@pytest.fixture
def case(line: Line) -> Case:
    """A case with two people to ask, of whom one is asked at a time."""
    line.world.person()
    line.world.person()
    case = line.world.case()
    assert line.world.plan() == 1
    line.world.waker.woken.clear()
    return case


def end(line: Line, case: Case) -> None:
    """The officer closes the case."""
    line.world.database.transact(
        lambda work: close_case(work, lock_case(work, case.id), Disposition.DISSUADED, by="officer")
    )


def asks_the_next(line: Line, case: Case, first: Offer) -> None:
    """The plan was woken, asks somebody else, and that text arrives."""
    assert line.world.planned()
    assert line.world.plan() == 1
    offer, person = line.asked(case)
    assert offer.volunteer_id != first.volunteer_id
    line.send()
    line.exchange.phone(person.phone).expect_sms(offer.code)


def on_its_way(line: Line, offer: Offer) -> bool:
    """Whether text and offer are sent or delivered, by the first attempt; the list says how far it has come."""
    (state,) = line.states(offer)
    return state in {M.SENT, M.DELIVERED} and line.world.of(offer).state == O(state.value)


def test_an_offer_goes_out_once_and_follows_its_receipts(line: Line, case: Case) -> None:
    offer, person = line.asked(case)
    line.world.clock.forward(seconds=20)

    assert line.send() == 1
    body = line.exchange.phone(person.phone).expect_sms(offer.code)
    assert f"{LINK_BASE}/t/{offer.token}" in body
    until(lambda: line.world.of(offer).state == O.DELIVERED)

    assert line.world.kinds(case)[-3:] == ["offer.queued", "offer.sent", "offer.delivered"]
    assert line.states(offer) == [M.DELIVERED]
    assert line.world.of(offer).expires_at == line.world.clock.now() + timedelta(seconds=60)
    assert line.send() == 0
    assert len(line.taken()) == 1
    line.exchange.expect_nothing_else(0)


@pytest.mark.parametrize("code", [21211, 21610, 21614])
def test_a_refused_text_asks_the_next_person_and_never_this_one_again(line: Line, case: Case, code: int) -> None:
    offer, person = line.asked(case)
    line.exchange.fault(person.phone, refuse={"status": 400, "code": code})
    line.send()

    assert line.attempts(offer)[0].error == str(code)
    assert line.states(offer) == [M.FAILED]
    assert line.world.of(offer).state == O.UNDELIVERABLE
    line.exchange.fault(person.phone)
    asks_the_next(line, case, offer)
    line.world.clock.forward(seconds=30)
    assert line.send() == 0
    assert line.taken(person.phone) == []


def test_a_phone_that_is_off_asks_the_next_person(line: Line, case: Case) -> None:
    offer, person = line.asked(case)
    line.exchange.phone(person.phone).switch_off()
    line.send()
    until(lambda: line.world.of(offer).state == O.UNDELIVERABLE)

    assert line.states(offer) == [M.UNDELIVERED]
    assert line.attempts(offer)[0].error == "30003"
    asks_the_next(line, case, offer)
    assert len(line.taken(person.phone)) == 1


def test_a_provider_that_is_too_busy_gets_the_same_text_again_when_it_said(line: Line, case: Case) -> None:
    offer, person = line.asked(case)
    line.exchange.fault(person.phone, refuse=BUSY, times=1, never_report=True)
    line.send()
    assert line.states(offer) == [M.FAILED, M.QUEUED]
    assert line.world.of(offer).state == O.QUEUED

    line.world.clock.forward(seconds=2)
    assert line.send() == 0
    line.world.clock.forward(seconds=1)
    assert line.send() == 1

    line.exchange.phone(person.phone).expect_sms(offer.code)
    until(lambda: line.states(offer) == [M.FAILED, M.DELIVERED])
    assert len(line.taken(person.phone)) == 1


def test_a_provider_that_stays_too_busy_is_given_up_and_the_next_person_asked(line: Line, case: Case) -> None:
    offer, person = line.asked(case)
    line.exchange.fault(person.phone, refuse={"status": 429, "code": 20429, "retry_after": 1})
    for _ in range(MOST_ATTEMPTS):
        assert line.world.of(offer).state == O.QUEUED
        assert line.send() == 1
        line.world.clock.forward(seconds=MOST_ATTEMPTS)

    assert line.states(offer) == [M.FAILED] * MOST_ATTEMPTS
    assert line.world.of(offer).state == O.UNDELIVERABLE
    asks_the_next(line, case, offer)


@pytest.mark.parametrize("fault", UNSURE, ids=["hangs", "500"])
def test_an_unsure_text_asks_the_next_person_at_once_and_is_found_later(
    line: Line, case: Case, fault: dict[str, object]
) -> None:
    offer, person = line.asked(case)
    line.exchange.fault(person.phone, times=1, never_report=True, **fault)
    line.send(Blind(line.impatient))
    assert line.states(offer) == [M.UNKNOWN]
    assert line.world.of(offer).doubtful
    asks_the_next(line, case, offer)

    line.world.clock.forward(seconds=4)
    line.send()
    assert on_its_way(line, offer)
    assert not line.world.of(offer).doubtful
    line.world.clock.forward(minutes=5)
    assert line.send() == 0
    assert len(line.taken(person.phone)) == 1


def test_an_unsure_text_is_looked_up_in_the_same_breath(line: Line, case: Case) -> None:
    offer, person = line.asked(case)
    line.exchange.fault(person.phone, accept_then_500=True, never_report=True)
    line.send()

    assert on_its_way(line, offer)
    assert "offer.doubtful" in line.world.kinds(case)
    assert len(line.taken(person.phone)) == 1


def hang_without_taking(line: Line, case: Case) -> tuple[Offer, str]:
    offer, person = line.asked(case)
    line.exchange.fault(person.phone, hang_seconds=2.1, taken=False)
    line.send(Blind(line.impatient))
    line.exchange.fault(person.phone)
    assert line.states(offer) == [M.UNKNOWN]
    return offer, person.phone


def look_until_sure(line: Line, offer: Offer) -> None:
    for _ in range(5):
        line.world.clock.forward(seconds=4)
        line.send()
        if M.UNKNOWN not in line.states(offer):
            return
    raise AssertionError("it is still not known")


def test_a_text_that_was_never_taken_is_sent_once_after_all(line: Line, case: Case) -> None:
    offer, phone = hang_without_taking(line, case)
    line.world.clock.forward(seconds=4)
    line.send()
    assert line.states(offer) == [M.UNKNOWN]
    assert line.taken(phone) == []

    look_until_sure(line, offer)
    line.exchange.phone(phone).expect_sms(offer.code)
    until(lambda: line.states(offer) == [M.FAILED, M.DELIVERED])
    assert not line.world.of(offer).doubtful
    assert len(line.taken(phone)) == 1


def test_a_text_that_was_never_taken_stays_unsent_when_its_offer_has_ended(line: Line, case: Case) -> None:
    offer, phone = hang_without_taking(line, case)
    line.world.later(seconds=61)
    assert line.world.of(offer).state == O.EXPIRED

    look_until_sure(line, offer)
    assert line.states(offer) == [M.FAILED]
    assert line.taken(phone) == []


def test_a_sender_that_died_before_the_call_sends_once_after_its_lease(line: Line, case: Case) -> None:
    offer, person = line.asked(case)
    assert [text.phone for text in line.claim()] == [person.phone]
    assert line.send() == 0
    assert line.states(offer) == [M.SENDING]

    line.lease_over()
    line.send()
    assert line.world.planned()
    look_until_sure(line, offer)
    line.exchange.phone(person.phone).expect_sms(offer.code)
    assert len(line.taken(person.phone)) == 1


def test_a_sender_that_died_after_the_call_never_sends_again(line: Line, case: Case) -> None:
    offer, person = line.asked(case)
    line.exchange.fault(person.phone, never_report=True)
    (text,) = line.claim()
    line.patient.send(text.phone, text.body, str(text.id))

    line.lease_over()
    line.send()
    assert on_its_way(line, offer)
    line.world.clock.forward(minutes=1)
    assert line.send() == 0
    assert len(line.taken(person.phone)) == 1


def test_a_sender_that_slept_on_its_claim_leaves_the_text_alone(
    line: Line, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    (text,) = line.claim()
    monkeypatch.setattr(sender_module, "LEASE", timedelta(0))
    line.sender()._send(text)
    assert line.taken() == []


def test_two_senders_at_once_send_each_of_two_hundred_texts_once(line: Line) -> None:
    line.exchange.fault(never_report=True)
    phones = [f"+8613700000{n:03d}" for n in range(200)]
    for phone in phones:
        line.queue(phone, f"test:{phone}")
    with ThreadPoolExecutor(2) as pool:
        handled = list(pool.map(lambda sender: sender.send_due(), [line.sender(), line.sender()]))

    assert Counter(text.phone for text in line.taken()) == Counter(phones)
    assert sum(handled) == len(phones)
    states = line.world.database.read(lambda session: set(session.scalars(select(Message.state))))
    assert states == {M.SENT}


def count(line: Line, state: MessageState) -> int:
    counted = select(func.count()).where(Message.state == state)
    return line.world.database.read(lambda session: session.scalars(counted).one())


def test_no_text_waits_out_its_lease_behind_a_provider_that_hangs(line: Line) -> None:
    for n in range(30):
        line.queue(f"+86137000000{n:02d}", f"test:{n}")
    gate = Gate(closed_for=None)
    thread = threading.Thread(target=line.send, args=[gate])
    thread.start()
    try:
        until(lambda: len(gate.calls) == SENDERS)
        assert count(line, M.SENDING) == SENDERS
        assert count(line, M.QUEUED) == 30 - SENDERS
    finally:
        gate.open.set()
        thread.join()
    assert Counter(gate.calls).most_common(1)[0][1] == 1
    assert count(line, M.SENT) == 30


def test_a_text_that_hangs_holds_up_no_other(line: Line) -> None:
    line.queue("+8613700000001", "test:slow")
    gate = Gate(closed_for="+8613700000001")
    thread = threading.Thread(target=line.send, args=[gate])
    thread.start()
    try:
        until(lambda: len(gate.calls) == 1)
        line.queue("+8613700000002", "test:next")
        until(lambda: count(line, M.SENT) == 1)
        assert count(line, M.SENDING) == 1
    finally:
        gate.open.set()
        thread.join()
    assert count(line, M.SENT) == 2


def test_looking_up_never_takes_the_threads_that_send(line: Line) -> None:
    class SlowList(Gate):
        def find(self, *_text: object, **_named: object) -> None:
            self.calls.append("look")
            assert self.open.wait(20)

    for n in range(12):
        line.queue(f"+86137000000{n:02d}", f"test:{n}")
    line.claim()
    line.lease_over()
    slow = SlowList(closed_for="nobody")
    thread = threading.Thread(target=line.send, args=[slow])
    thread.start()
    try:
        until(lambda: slow.calls.count("look") == LOOKERS)
        line.queue("+8613700000099", "test:next")
        until(lambda: count(line, M.SENT) == 1)
        assert slow.calls.count("look") == LOOKERS
    finally:
        slow.open.set()
        thread.join()


def test_a_text_without_words_is_given_up_alone(line: Line) -> None:
    line.world.database.transact(
        lambda work: queue_text(
            work, "offer", {}, purpose="bad", phone="+8613700000001", language="zh", urgency=Urgency.OFFER
        )
    )
    line.queue("+8613700000002", "good")
    line.send()
    assert [text.phone for text in line.taken()] == ["+8613700000002"]
    assert count(line, M.FAILED) == 1


def test_a_text_without_words_is_given_up_in_the_order_in_which_everybody_locks(line: Line, case: Case) -> None:
    """The case before its messages: whoever has the case must get at the text while the sender waits for the case."""
    database = line.world.database
    database.transact(
        lambda work: queue_text(
            work,
            "offer",
            {},
            purpose="bad",
            phone="+8613700000001",
            language="zh",
            urgency=Urgency.OFFER,
            case=lock_case(work, case.id),
        )
    )
    with ThreadPoolExecutor(1) as pool:
        with database.engine.begin() as holder:
            holder.execute(select(Case.id).where(Case.id == case.id).with_for_update(key_share=True))
            sending = pool.submit(line.send)
            until(lambda: _waiting_for_a_lock(line) == 1)
            holder.execute(select(Message.id).where(Message.purpose == "bad").with_for_update(nowait=True))
        sending.result()
    assert count(line, M.FAILED) == 1


def test_a_case_in_somebodys_hands_holds_up_no_text(line: Line, case: Case) -> None:
    """A claimed text refers to its case and offer: whoever has these may want the text next."""
    offer, _ = line.asked(case)
    database = line.world.database

    def hold(work: Work) -> None:
        lock_case(work, case.id)
        work.session.scalars(select(Offer).where(Offer.case_id == case.id).with_for_update(key_share=True)).all()
        assert [text.id for text in line.claim()] == [message.id for message in line.attempts(offer)]

    database.transact(hold)


def _waiting_for_a_lock(line: Line) -> int:
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return line.world.database.read(lambda session: int(session.scalars(text(waits)).one()))


def test_the_most_urgent_text_leaves_first(line: Line, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    _, person = line.asked(case)
    monkeypatch.setattr(sender_module, "SENDERS", 1)
    line.world.clock.forward(seconds=-5)
    line.queue("+8613700000001", "test:older")
    line.world.clock.forward(seconds=5)
    line.send()
    assert [text.phone for text in line.taken()] == [person.phone, "+8613700000001"]


@pytest.mark.parametrize("fault", [{"callbacks_first": True}, {"reorder_callbacks": True}, {"repeat_callbacks": 3}])
def test_receipts_may_come_first_in_any_order_and_often(line: Line, case: Case, fault: dict[str, object]) -> None:
    offer, person = line.asked(case)
    line.exchange.fault(person.phone, **fault)
    line.send()
    line.exchange.phone(person.phone).expect_sms(offer.code)
    until(lambda: line.world.of(offer).state == O.DELIVERED)

    assert line.states(offer) == [M.DELIVERED]
    assert line.attempts(offer)[0].provider_id == line.taken(person.phone)[0].sid
    assert [kind for kind in line.world.kinds(case) if kind.startswith("offer.")].count("offer.delivered") == 1
    receipts = line.world.database.read(lambda session: session.scalars(select(Receipt)).all())
    assert receipts == []


def test_an_offer_that_ends_while_its_text_is_queued_is_never_told_of(line: Line, case: Case) -> None:
    offer, person = line.asked(case)
    end(line, case)
    line.send()
    assert line.states(offer) == [M.FAILED]
    assert line.world.closings(person) == []
    assert line.taken() == []


def test_an_offer_that_ends_while_its_text_waits_for_a_second_attempt_is_never_told_of(line: Line, case: Case) -> None:
    _, person = line.asked(case)
    line.exchange.fault(person.phone, refuse=BUSY, times=1)
    line.send()
    end(line, case)
    line.world.clock.forward(minutes=1)
    line.send()
    assert line.taken() == []


def test_an_offer_that_ends_while_its_text_is_leaving_is_told_of_once(line: Line, case: Case) -> None:
    offer, person = line.asked(case)
    (text,) = line.claim()
    end(line, case)
    line.sender()._send(text)
    line.send()
    told_once(line, offer, person.phone)
    assert line.world.of(offer).state == O.STOOD_DOWN


def test_an_offer_that_ends_after_its_text_left_is_told_of_once(line: Line, case: Case) -> None:
    offer, person = line.asked(case)
    line.send()
    end(line, case)
    line.send()
    again = line.world.database.transact(lambda work: stand_down(work, lock_case(work, case.id), "taken"))
    assert again == []
    line.send()
    told_once(line, offer, person.phone)


def test_an_offer_that_ends_while_its_text_turns_out_never_taken_is_not_told_of(line: Line, case: Case) -> None:
    offer, phone = hang_without_taking(line, case)
    end(line, case)
    look_until_sure(line, offer)
    line.send()
    assert line.taken(phone) == []


def told_once(line: Line, offer: Offer, phone: str) -> None:
    handset = line.exchange.phone(phone)
    handset.expect_sms(f"1{offer.code}")
    handset.expect_sms(offer.code, "结束")
    assert len(line.taken(phone)) == 2
    assert len(line.taken()) == 2
