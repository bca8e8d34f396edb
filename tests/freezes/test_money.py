"""An account counts once, however many requests and cases speak of it."""

from decimal import Decimal
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.freezes.money import Booked, Sums, add_up
from dispatcher.lifecycle import FreezeState
from dispatcher.model import Whose

S = FreezeState
HERE, THERE = uuid4(), uuid4()


def one(
    amount: int | None,
    held: int | None,
    *,
    case: UUID = HERE,
    account: bytes = b"a",
    state: FreezeState = S.STOPPED,
    whose: Whose = Whose.SUSPECT,
    returned: int | None = None,
) -> Booked:
    sums = (None if value is None else Decimal(value) for value in (amount, held, returned))
    return Booked(case, account, whose, state, *sums)


def sums(protected: int = 0, held: int = 0, returned: int = 0, lost: int = 0) -> Sums:
    return Sums(*(Decimal(value) for value in (protected, held, returned, lost)))


def test_nothing_is_lost_before_a_bank_has_looked() -> None:
    assert add_up([one(50, None, state=S.SENT), one(50, None, state=S.MISMATCH)]) == sums()


def test_what_was_transferred_and_not_found_is_lost() -> None:
    assert add_up([one(50, 42)]) == sums(protected=42, held=42, lost=8)
    assert add_up([one(50, 0)]) == sums(lost=50)
    assert add_up([one(50, 60)]) == sums(protected=60, held=60)


def test_a_second_request_for_the_same_account_adds_nothing() -> None:
    again = [one(50, 42, state=S.LAPSED), one(50, 42), one(50, None, state=S.DRAFT)]
    assert add_up(again) == sums(protected=42, held=42, lost=8)


def test_what_was_protected_stays_so_after_the_end() -> None:
    assert add_up([one(50, 42, state=S.RELEASED)]) == sums(protected=42, lost=8)
    assert add_up([one(50, 42, state=S.RETURNED, returned=40)]) == sums(protected=42, returned=40, lost=8)


def test_two_victims_of_one_account_lost_both_transfers() -> None:
    assert add_up([one(50, 60), one(30, 60, case=THERE)]) == sums(protected=60, held=60, lost=20)


def test_of_ones_own_account_nothing_is_lost() -> None:
    assert add_up([one(50, 10, whose=Whose.OWN)]) == sums(protected=10, held=10)


requests = st.builds(
    one,
    amount=st.integers(1, 100),
    held=st.none() | st.integers(0, 100),
    case=st.sampled_from([HERE, THERE]),
    account=st.sampled_from([b"a", b"b"]),
    state=st.sampled_from([S.SENT, S.STOPPED, S.RENEWED, S.LAPSED]),
)


@given(many=st.lists(requests, max_size=8))
def test_saying_everything_twice_changes_no_sum(many: list[Booked]) -> None:
    assert add_up(many) == add_up(many + many)
    assert add_up(many) == add_up(list(reversed(many)))
    found = add_up(many)
    assert found.held <= found.protected
