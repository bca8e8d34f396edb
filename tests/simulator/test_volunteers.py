"""Volunteers: the same phone does the same with the same offer, and stops when it is told to."""

import re
import threading
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from simulator.handset import Exchange
from simulator.volunteers import Volunteers, Watch, answers, habit_of

PHONES = [f"+861380000{number:04d}" for number in range(60)]
OFFER = '【蓝马甲】特急 {code} 桃源社区。回"1{code}"接单,"2{code}"不能去 https://x/t/abc'
SEED = 7


def digits(bodies: list[str]) -> str:
    return "".join(
        re.sub("K73|k73", "", body).strip().translate(str.maketrans("１２３４５６", "123456")) for body in bodies
    )


def test_habits_and_answers_follow_from_the_seed() -> None:
    assert [habit_of(phone, SEED) for phone in PHONES] == [habit_of(phone, SEED) for phone in PHONES]
    assert [answers(p, "K73", SEED) for p in PHONES] == [answers(p, "K73", SEED) for p in PHONES]
    assert [answers(p, "K73", SEED) for p in PHONES] != [answers(p, "K73", SEED + 1) for p in PHONES]


def test_people_do_all_the_things_people_do() -> None:
    done = {digits([act.body for act in answers(phone, "K73", SEED, turn)]) for phone in PHONES for turn in range(20)}
    assert {"", "2", "收到", "134", "1354", "1352", "1364"} <= done


@given(st.sampled_from(PHONES), st.integers(0, 1000))
def test_whoever_accepts_arrives_and_reports_in_that_order(phone: str, seed: int) -> None:
    acts = answers(phone, "K73", seed)
    assert [act.after for act in acts] == sorted(act.after for act in acts)
    assert re.fullmatch("|136?(4|54|52)|2|收到", digits([act.body for act in acts]))


def accepting(code: str) -> str:
    return next(phone for phone in PHONES if len(answers(phone, code, SEED)) >= 3)


def test_answers_are_due_at_their_time_and_once() -> None:
    phone, volunteers = accepting("K73"), Volunteers(SEED)
    volunteers.receive(phone, OFFER.format(code="K73"), now=100)
    planned = answers(phone, "K73", SEED)
    assert volunteers.due(100) == []
    assert volunteers.due(100 + planned[0].after) == [(phone, planned[0].body)]
    assert volunteers.due(10_000) == [(phone, act.body) for act in planned[1:]]
    assert volunteers.due(20_000) == []


def test_pace_shortens_the_day() -> None:
    phone, volunteers = accepting("K73"), Volunteers(SEED, pace=100)
    volunteers.receive(phone, OFFER.format(code="K73"), now=0)
    assert len(volunteers.due(10)) == len(answers(phone, "K73", SEED))


def test_a_closing_text_ends_the_plans_for_its_code_only() -> None:
    volunteers = Volunteers(SEED)
    phone = next(p for p in PHONES if answers(p, "K73", SEED) and answers(p, "M22", SEED))
    volunteers.receive(phone, OFFER.format(code="K73"), now=0)
    volunteers.receive(phone, OFFER.format(code="M22"), now=0)
    volunteers.receive(phone, "【蓝马甲】K73已有人接单，您不用去了，谢谢！", now=0)
    assert [body for _, body in volunteers.due(10_000)] == [act.body for act in answers(phone, "M22", SEED)]


def test_whoever_is_asked_again_thinks_again() -> None:
    volunteers = Volunteers(SEED)
    phone = next(p for p in PHONES if answers(p, "K73", SEED, 0) == [] and answers(p, "K73", SEED, 1))
    volunteers.receive(phone, OFFER.format(code="K73"), now=0)
    assert volunteers.due(10_000) == []
    volunteers.receive(phone, OFFER.format(code="K73"), now=0)
    assert volunteers.due(10_000) != []


def test_volunteers_live_at_a_running_exchange(
    client: Any, exchange: Exchange, until: Callable[[Callable[[], bool]], None]
) -> None:
    phone, stop = accepting("K73"), threading.Event()
    client.messages.create(to=phone, from_=exchange.number, body=OFFER.format(code="A22"))
    exchange.phone(phone).expect_sms("A22")
    watch = Watch(exchange.url, Volunteers(SEED, pace=1000), stop)
    thread = threading.Thread(target=watch.run)
    thread.start()
    until(watch.ready.is_set)
    client.messages.create(to=phone, from_=exchange.number, body=OFFER.format(code="K73"))
    planned = [act.body for act in answers(phone, "K73", SEED)]
    until(lambda: [t.body for t in exchange.texts(phone) if t.direction == "inbound"] == planned)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
