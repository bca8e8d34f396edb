"""Every act in every state, allowed or refused; what is missing; moments and periods that cannot be."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from dispatcher.errors import BadInput, Conflict, DispatcherError
from dispatcher.freezes import rules
from dispatcher.freezes.rules import Standing
from dispatcher.lifecycle import FreezeState
from dispatcher.model import FreezeAct, Whose

A, S = FreezeAct, FreezeState
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 4, 29, 8, 0, tzinfo=UTC)
LEAD = timedelta(hours=6)

ALLOWED: dict[FreezeState, dict[FreezeAct, FreezeState]] = {
    S.DRAFT: {A.CORRECTED: S.DRAFT, A.SUBMITTED: S.TO_APPROVE, A.SENT: S.SENT},
    S.TO_APPROVE: {A.CORRECTED: S.DRAFT, A.APPROVED: S.SENT, A.SENT: S.SENT},
    S.SENT: {A.MISMATCHED: S.MISMATCH, A.STOPPED: S.STOPPED},
    S.MISMATCH: {A.CORRECTED: S.DRAFT, A.SUBMITTED: S.TO_APPROVE, A.SENT: S.SENT},
    S.STOPPED: {A.FROZEN: S.FROZEN, A.RELEASED: S.RELEASED, A.LAPSED: S.LAPSED},
    S.FROZEN: {A.RENEWED: S.RENEWED, A.RELEASED: S.RELEASED, A.LAPSED: S.LAPSED, A.RETURNED: S.RETURNED},
    S.RENEWED: {A.RENEWED: S.RENEWED, A.RELEASED: S.RELEASED, A.LAPSED: S.LAPSED, A.RETURNED: S.RETURNED},
    S.LAPSED: {A.FROZEN: S.FROZEN, A.RENEWED: S.RENEWED, A.RELEASED: S.RELEASED, A.RETURNED: S.RETURNED},
    S.RELEASED: {},
    S.RETURNED: {},
}
"""A suspect's account. What lapsed as a stop can be frozen late, what lapsed as a freeze renewed or returned late."""
NEVER_OWN = {A.FROZEN, A.RENEWED, A.RETURNED}
ACTS = [act for act in A if act != A.DRAFTED]


def standing(state: FreezeState, whose: Whose, *, frozen: bool) -> Standing:
    return Standing(state, whose, NOW, NOW + timedelta(hours=48), NOW if frozen else None)


def expected(state: FreezeState, act: FreezeAct, whose: Whose, *, frozen: bool) -> FreezeState | None:
    if whose == Whose.OWN and act in NEVER_OWN:
        return None
    if state == S.LAPSED and act in NEVER_OWN and frozen == (act == A.FROZEN):
        return None
    return ALLOWED[state].get(act)


@pytest.mark.parametrize(("state", "act"), [*itertools.product(S, ACTS)], ids=str)
@pytest.mark.parametrize("whose", Whose)
@pytest.mark.parametrize("frozen", [False, True], ids=["stopped", "frozen"])
def test_every_act_in_every_state(state: FreezeState, act: FreezeAct, whose: Whose, frozen: bool) -> None:
    before = standing(state, whose, frozen=frozen)
    to = expected(state, act, whose, frozen=frozen)
    if to is not None:
        assert rules.check_act(before, act) == to
    else:
        with pytest.raises(Conflict):
            rules.check_act(before, act)


FULL = {
    "facts": "x",
    "account_name": "x",
    "account": "x",
    "bank": "x",
    "other_name": "x",
    "other_account": "x",
    "other_bank": "x",
    "amount": 1,
    "transferred_at": NOW,
}
OF_OWN = ("facts", "account_name", "account", "bank")


@pytest.mark.parametrize("name", FULL)
@pytest.mark.parametrize("whose", Whose)
@pytest.mark.parametrize("empty", [None, ""])
def test_what_is_missing_is_named(whose: Whose, name: str, empty: str | None) -> None:
    data: dict[str, object] = FULL | {name: empty}
    if whose == Whose.OWN and name not in OF_OWN:
        rules.check_complete(whose, data)
        return
    with pytest.raises(BadInput, match=name) as refusal:
        rules.check_complete(whose, data)
    assert refusal.value.field == name


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(BadInput, match="facts, account_name, account, bank") as refusal:
        rules.check_complete(Whose.OWN, {})
    assert refusal.value.field == "facts"


@pytest.mark.parametrize(
    ("act", "second_officer", "same", "fine"),
    [
        (A.SENT, False, True, True),
        (A.SENT, True, True, False),
        (A.SENT, True, False, False),
        (A.APPROVED, True, True, False),
        (A.APPROVED, True, False, True),
        (A.APPROVED, False, False, True),
        (A.APPROVED, False, True, False),
    ],
)
def test_who_may_send(act: FreezeAct, second_officer: bool, same: bool, fine: bool) -> None:
    me = uuid4()

    def check() -> None:
        rules.check_eyes(act, second_officer=second_officer, officer=me, submitted_by=me if same else uuid4())

    if fine:
        check()
    else:
        with pytest.raises(Conflict):
            check()


@pytest.mark.parametrize(
    ("at", "kind"),
    [
        (timedelta(0), None),
        (timedelta(hours=47, minutes=59), None),
        (timedelta(hours=48), Conflict),
        (timedelta(hours=-1), BadInput),
        (timedelta(hours=50), BadInput),
    ],
    ids=["at once", "in time", "over", "before", "future"],
)
def test_when_it_can_have_happened(at: timedelta, kind: type[DispatcherError] | None) -> None:
    now = NOW + timedelta(hours=49)
    before = standing(S.STOPPED, Whose.SUSPECT, frozen=False)
    if kind is None:
        rules.check_moment(before, NOW + at, now)
        return
    with pytest.raises(kind) as refusal:
        rules.check_moment(before, NOW + at, now)
    assert refusal.value.field == "at"


def test_a_suspects_stop_lasts_48_hours_whatever_is_said() -> None:
    found = rules.stop_period(Whose.SUSPECT, NOW, None, LEAD)
    assert (found.until, found.warn_at) == (NOW + timedelta(hours=48), NOW + timedelta(hours=42))
    with pytest.raises(BadInput) as refusal:
        rules.stop_period(Whose.SUSPECT, NOW, NOW + timedelta(hours=72), LEAD)
    assert refusal.value.field == "until"


def test_the_victims_own_account_is_stopped_until_what_the_bank_said() -> None:
    said = NOW + timedelta(days=5)
    assert rules.stop_period(Whose.OWN, NOW, said, LEAD).until == said
    assert rules.stop_period(Whose.OWN, NOW, None, LEAD) == rules.Period(NOW, None, None)
    with pytest.raises(BadInput):
        rules.stop_period(Whose.OWN, NOW, NOW, LEAD)


def freeze(before: Standing, at: datetime, says: datetime | None = None, **more: Any) -> datetime | None:
    major = bool(more.get("major"))
    return rules.freeze_period(before, at, says, timedelta(days=7), major=major, zone=SHANGHAI).until


def test_a_freeze_lasts_six_months_or_a_year_and_no_longer() -> None:
    stopped = standing(S.STOPPED, Whose.SUSPECT, frozen=False)
    half, year = (datetime(y, m, 29, 16, 0, tzinfo=UTC) for y, m in ((2026, 10), (2027, 4)))
    assert (freeze(stopped, NOW), freeze(stopped, NOW, major=True)) == (half, year)
    assert freeze(stopped, NOW, half - timedelta(days=1)) == half - timedelta(days=1)
    for says in (half + timedelta(seconds=1), NOW):
        with pytest.raises(BadInput) as refusal:
            freeze(stopped, NOW, says)
        assert refusal.value.field == "until"


def test_a_renewal_counts_from_its_day_unless_the_bank_counts_from_the_old_end() -> None:
    ends = datetime(2026, 10, 29, 16, 0, tzinfo=UTC)
    frozen = Standing(S.FROZEN, Whose.SUSPECT, NOW, ends, NOW)
    early = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)
    assert freeze(frozen, early) == datetime(2027, 4, 1, 16, 0, tzinfo=UTC)
    latest = datetime(2027, 4, 29, 16, 0, tzinfo=UTC)
    assert freeze(frozen, early, latest) == latest
    with pytest.raises(BadInput):
        freeze(frozen, early, latest + timedelta(days=1))


def test_a_chief_approves_before_the_bank_freezes() -> None:
    rules.check_chief(NOW, NOW)
    with pytest.raises(BadInput) as refusal:
        rules.check_chief(NOW + timedelta(seconds=1), NOW)
    assert refusal.value.field == "chief_at"


@pytest.mark.parametrize(("case_open", "confirm"), [*itertools.product([True, False], repeat=2)])
def test_a_release_in_an_open_case_is_confirmed(case_open: bool, confirm: bool) -> None:
    if case_open and not confirm:
        with pytest.raises(Conflict) as refusal:
            rules.check_release(case_open=case_open, confirm=confirm)
        assert refusal.value.field == "confirm"
    else:
        rules.check_release(case_open=case_open, confirm=confirm)
