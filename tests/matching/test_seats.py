"""The first person for each case is the best there is for all cases together."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.matching.candidates import Candidates
from dispatcher.matching.seats import OLDER, UNSERVED_S, first_seats

COSTS = st.integers(1, 4).flatmap(
    lambda people: st.lists(
        st.lists(st.none() | st.integers(1, 3000), min_size=people, max_size=people), min_size=1, max_size=4
    )
)


def lateness(costs: list[list[int | None]], seats: tuple[int, ...], urgency: list[float], age: list[float]) -> float:
    """The sum that is to be the least; -1 is nobody. Among equals somebody is with the older."""
    total, never = 0.0, max(UNSERVED_S, 2.0 * max((c for row in costs for c in row if c), default=0))
    for row, seat in enumerate(seats):
        cost = costs[row][seat] if seat >= 0 else never
        if cost is None:
            return np.inf
        total += urgency[row] * (cost - (OLDER * age[row] if seat >= 0 else 0.0))
    return total


@given(COSTS, st.data())
def test_no_other_way_to_seat_them_is_less_late(costs: list[list[int | None]], data: st.DataObject) -> None:
    cases, people = len(costs), len(costs[0])
    urgency = data.draw(st.lists(st.floats(1e-5, 1e-2), min_size=cases, max_size=cases))
    age = data.draw(st.lists(st.floats(0, 7200), min_size=cases, max_size=cases))
    cost = np.array([[np.inf if c is None else float(c) for c in row] for row in costs])
    order = np.argsort(cost, axis=1, kind="stable")
    rows = np.arange(cases)
    found = Candidates(order, cost, cost, cost, np.take_along_axis(cost, order, axis=1))
    columns = first_seats(found, rows, np.array(urgency), np.array(age))
    seats = tuple(int(order[row, column]) if column >= 0 else -1 for row, column in enumerate(columns.tolist()))
    assert len({seat for seat in seats if seat >= 0}) == sum(seat >= 0 for seat in seats)
    ways = set(permutations([*range(people), *[-1] * cases], cases))
    best = min(lateness(costs, way, urgency, age) for way in ways)
    assert lateness(costs, seats, urgency, age) == pytest.approx(best, rel=1e-9, abs=1e-9)
