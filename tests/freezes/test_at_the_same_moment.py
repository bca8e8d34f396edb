"""Two at one moment, in real transactions: one wins, and the other hears of it; a clock fires once however many watch."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from dispatcher.errors import Conflict
from dispatcher.freezes import acts
from dispatcher.freezes.clocks import run_freeze
from dispatcher.lifecycle import FreezeState
from dispatcher.model import AlarmKind, FreezeAct
from tests.freezes.desk import ZONE, Desk, Does
from tests.tracking.test_at_the_same_moment import at_once


def loses(desk: Desk, first: Callable[..., object], second: Callable[..., object]) -> str:
    """What the second hears, who began before the first had committed."""
    with pytest.raises(Conflict) as refusal:
        at_once(desk.database, first, second)
    return refusal.value.message


@pytest.fixture
def pairs(desk: Desk) -> dict[str, tuple[Does, Does]]:
    return {
        "send twice": (acts.send, acts.send),
        "correct and send": (lambda act: acts.correct(act, {"bank": "中国银行"}), acts.send),
    }


@pytest.mark.parametrize("name", ["send twice", "correct and send"])
def test_of_two_officers_one_wins(desk: Desk, pairs: dict[str, tuple[Does, Does]], name: str) -> None:
    early, late = desk.officer(), desk.officer()
    freeze = desk.draft(desk.case(), early)
    first, second = pairs[name]
    said = loses(desk, desk.act(freeze, early, first, 1), desk.act(freeze, late, second, 1))
    assert early.name in said
    assert [step.by for step in desk.steps(freeze)] == [early.name] * 2


def test_the_bank_answers_once(desk: Desk) -> None:
    early, late = desk.officer(), desk.officer()
    freeze = desk.draft(desk.case(), early)
    desk.do(freeze, early, acts.send)
    stops = desk.act(freeze, early, lambda act: acts.stop(act, desk.said(42000)), 2)
    differs = desk.act(freeze, late, lambda act: acts.mismatch(act, "户名不符", desk.said()), 2)
    said = loses(desk, stops, differs)
    assert f"{early.name} was first: stopped" in said
    assert desk.one(freeze).state == FreezeState.STOPPED


def test_a_freeze_is_not_renewed_twice_by_two(desk: Desk) -> None:
    """The table allows a renewal after a renewal: only the version tells that the second did not mean another year."""
    early, late = desk.officer(), desk.officer()
    freeze = desk.stopped(desk.case(), early)
    desk.do(freeze, early, lambda act: acts.freeze_account(act, desk.said(), desk.decision(), ZONE))

    def renew(act: acts.Act) -> None:
        acts.renew(act, desk.said(), desk.decision(), ZONE)

    seen = desk.one(freeze).version
    said = loses(desk, desk.act(freeze, early, renew, seen), desk.act(freeze, late, renew, seen))
    assert f"{early.name} was first: renewed" in said
    assert [step.act for step in desk.steps(freeze)].count(FreezeAct.RENEWED) == 1


def test_the_last_stop_of_an_account_goes_to_one_of_two_cases(desk: Desk) -> None:
    officer = desk.officer()
    desk.stopped(desk.case(), officer)
    one, other = (desk.draft(desk.case(), officer) for _ in range(2))
    said = loses(desk, desk.act(one, officer, acts.send), desk.act(other, officer, acts.send))
    assert "sent, not answered" in said
    assert (desk.one(one).state, desk.one(other).state) == (FreezeState.SENT, FreezeState.DRAFT)


def test_two_stops_of_one_account_recorded_at_once_are_the_first_and_the_second(desk: Desk) -> None:
    officer = desk.officer()
    freezes = [desk.draft(desk.case(), officer) for _ in range(2)]
    for freeze in freezes:
        desk.do(freeze, officer, acts.send)
    one, other = (desk.act(freeze, officer, lambda act: acts.stop(act, desk.said())) for freeze in freezes)
    at_once(desk.database, one, other)
    assert sorted(desk.one(freeze).stop_no or 0 for freeze in freezes) == [1, 2]


def test_a_lapse_fires_once_under_several_timekeepers(desk: Desk) -> None:
    freeze = desk.stopped(desk.case(), desk.officer())
    desk.clock.forward(hours=48)
    with ThreadPoolExecutor(4) as pool:
        watching = [pool.submit(desk.database.transact, lambda work: run_freeze(work, freeze)) for _ in range(8)]
        for one in watching:
            one.result(30)
    assert [step.act for step in desk.steps(freeze)][-1] == FreezeAct.LAPSED
    assert len(desk.steps(freeze)) == 4
    assert desk.alarms() == [AlarmKind.FREEZE_LAPSED]
    assert (desk.lapses_on_record(), desk.tick()) == (1, 0)


def test_a_freeze_recorded_as_the_stop_lapses_comes_before_or_after(desk: Desk) -> None:
    """The clock comes first and the officer, who saw it stopped, hears that it has lapsed; and records it once more."""
    officer = desk.officer()
    freeze = desk.stopped(desk.case(), officer)
    desk.clock.forward(hours=47)
    said, decision = desk.said(), desk.decision()
    desk.clock.forward(hours=1)

    def record(act: acts.Act) -> None:
        acts.freeze_account(act, said, decision, ZONE)

    seen = desk.one(freeze).version
    told = loses(desk, lambda work: run_freeze(work, freeze), desk.act(freeze, officer, record, seen))
    assert "system was first: lapsed" in told
    desk.do(freeze, officer, record)
    assert desk.one(freeze).state == FreezeState.FROZEN
    assert desk.tick() == 0


def test_a_case_in_somebodys_hands_is_passed_over_and_then_waited_for(desk: Desk) -> None:
    case, officer = desk.case(), desk.officer()
    freeze = desk.stopped(case, officer)
    desk.clock.forward(hours=48)
    found: list[bool] = []

    def touch(work: object) -> None:
        desk.act(freeze, officer, lambda _act: None)(work)  # type: ignore[arg-type]

    at_once(desk.database, touch, lambda work: found.append(run_freeze(work, freeze)))
    assert found == [False]
    assert desk.tick() == 1
    assert desk.one(freeze).state == FreezeState.LAPSED
