"""The chance that somebody accepts: the prior at first, their own answers in the end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.matching.willingness import HIGHEST, LEAST, NO_RECORD, Record, Tally, chances
from dispatcher.policy import Willing

PRIOR = Willing()


def by_day(record: Record = NO_RECORD) -> float:
    return chances(record, PRIOR, night=False, tired=False)[0]


def test_of_somebody_new_the_prior_is_assumed() -> None:
    near, far = chances(NO_RECORD, PRIOR, night=False, tired=False)
    assert near == pytest.approx(0.3)
    assert far == pytest.approx(0.27)
    assert chances(NO_RECORD, PRIOR, night=True, tired=False)[0] == pytest.approx(0.24)
    assert chances(NO_RECORD, PRIOR, night=True, tired=True)[0] == pytest.approx(0.24 * 0.9)


def test_after_as_many_offers_as_the_prior_is_strong_a_record_counts_half() -> None:
    assert by_day(Record(all=Tally(10, 10))) == pytest.approx((0.3 + 1.0) / 2)
    assert by_day(Record(all=Tally(10, 0))) == pytest.approx(0.15)


def test_somebody_who_goes_by_night_as_by_day_is_known_in_the_end() -> None:
    same = Record(all=Tally(1000, 500), night=Tally(500, 250))
    assert chances(same, PRIOR, night=True, tired=False)[0] == pytest.approx(0.5, abs=0.01)
    never = Record(all=Tally(1000, 500), night=Tally(500, 0))
    assert chances(never, PRIOR, night=True, tired=False)[0] < 0.05


def test_somebody_who_never_goes_far_is_known_in_the_end() -> None:
    near, far = chances(Record(all=Tally(400, 200), far=Tally(100, 0)), PRIOR, night=False, tired=False)
    assert near == pytest.approx(0.5, abs=0.01)
    assert far < 0.06


TALLY = st.integers(0, 500).flatmap(lambda asked: st.builds(Tally, st.just(asked), st.integers(0, asked)))


@given(st.builds(Record, TALLY, TALLY, TALLY, TALLY), st.booleans(), st.booleans())
def test_nobody_is_certain_and_nobody_written_off(record: Record, night: bool, tired: bool) -> None:
    for chance in chances(record, PRIOR, night=night, tired=tired):
        assert LEAST <= chance <= HIGHEST


@given(TALLY)
def test_one_more_acceptance_never_makes_somebody_less_likely(tally: Tally) -> None:
    more = Tally(tally.asked + 1, tally.taken + 1)
    less = Tally(tally.asked + 1, tally.taken)
    assert by_day(Record(all=less)) <= by_day(Record(all=tally)) <= by_day(Record(all=more))
