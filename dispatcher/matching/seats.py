"""The first person for each case: all cases of a station at once, by the least lateness in all."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from dispatcher.matching.candidates import Candidates, Waiting
from dispatcher.policy import Policy
from dispatcher.travel import Floats, Ints

UNSERVED_S = 7200.0
"""A case for which nobody is free now is reckoned with so much time, or twice the longest way."""


def first_seats(found: Candidates, rows: Ints, urgency: Floats, age_s: Floats) -> Ints:
    """For each of these rows the column of its person, -1 for none.

    What is made least is the sum of `urgency x (age + time to the door)²` over the cases: with the square, the one
    that has waited long weighs more each minute. Costs are finite, so there is always a solution.
    """
    people, cost = found.person[rows], found.cost_s[rows]
    possible = np.isfinite(cost)
    columns = np.where(possible.any(axis=1), 0, -1)
    served = np.flatnonzero(columns >= 0)
    if len(served) < 2 or len(np.unique(people[served, 0])) == len(served):  # noqa: PLR2004  # nobody is wanted twice
        return columns
    return _assigned(people, np.where(possible, cost, 0.0), possible, urgency, age_s)


def _assigned(people: Ints, cost: Floats, possible: Ints, urgency: Floats, age_s: Floats) -> Ints:
    """Each case has a place of its own beside the people, which costs as if nobody were free."""
    never = max(UNSERVED_S, 2 * float(cost.max()))
    gain = urgency[:, None] * ((age_s[:, None] + never) ** 2 - (age_s[:, None] + cost) ** 2)
    top = float(gain.max())
    row, column = np.nonzero(possible)
    wanted, place = np.unique(people[row, column], return_inverse=True)
    cases = len(people)
    weights = np.concatenate(((top - gain[row, column]) / top + 1, np.full(cases, 2.0)))
    matrix = csr_array(
        (weights, (np.concatenate((row, np.arange(cases))), np.concatenate((place, len(wanted) + np.arange(cases))))),
        shape=(cases, len(wanted) + cases),
    )
    chosen_rows, chosen = min_weight_full_bipartite_matching(matrix)
    result = np.full(cases, -1)
    for case, where in zip(chosen_rows, chosen, strict=True):
        if where < len(wanted):
            result[case] = int(np.flatnonzero(possible[case] & (people[case] == wanted[where]))[0])
    return result


def urgencies(cases: Sequence[Waiting], policy: Policy) -> Floats:
    """How much a case's lateness counts: its level's weight for each share of the time in which it should be met."""
    levels = [policy.levels[case.level] for case in cases]
    return np.array([level.weight / level.meet_s for level in levels], dtype=np.float64)
