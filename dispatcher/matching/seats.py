"""The first person for each case: all cases of a station at once, by the least lateness in all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from dispatcher.matching.candidates import Candidates, Flags, Waiting
from dispatcher.policy import Policy
from dispatcher.travel import Floats, Ints

UNSERVED_S = 7200.0
"""A case for which nobody is free now is reckoned with so much time, or twice the longest way."""
OLDER = 0.001
"""A second of age counts as so much of a second on the way: enough to decide between equals."""


def first_seats(found: Candidates, rows: Ints, urgency: Floats, age_s: Floats) -> Ints:
    """For each of these rows the column of its person, -1 for none.

    What is made least is the sum of `urgency x time to the door` over the cases; between equals the older is served.
    Costs are finite, so there is always a solution.
    """
    people, cost = found.person[rows], found.cost_s[rows]
    possible = np.isfinite(cost)
    columns = np.where(possible.any(axis=1), 0, -1)
    served = np.flatnonzero(columns >= 0)
    if len(served) < 2 or len(np.unique(people[served, 0])) == len(served):  # noqa: PLR2004  # nobody is wanted twice
        return columns
    return _assigned(people, possible, graph(people, cost, possible, urgency, age_s))


@dataclass(frozen=True)
class Graph:
    """Cases and places as the solver takes them: column `n` is the person `people[n]`, later ones are of nobody."""

    matrix: csr_array
    people: Ints


def graph(people: Ints, cost: Floats, possible: Flags, urgency: Floats, age_s: Floats) -> Graph:
    """Each case has a place of its own beside the people, which costs as if nobody were free."""
    cost = np.where(possible, cost, 0.0)
    never = max(UNSERVED_S, 2 * float(cost.max()))
    gain = urgency[:, None] * (never - cost + OLDER * age_s[:, None])
    top = float(gain.max())
    row, column = np.nonzero(possible)
    wanted, place = np.unique(people[row, column], return_inverse=True)
    cases = len(people)
    weights = np.concatenate(((top - gain[row, column]) / top + 1, np.full(cases, 2.0)))
    edges = np.concatenate((row, np.arange(cases))), np.concatenate((place, len(wanted) + np.arange(cases)))
    return Graph(csr_array((weights, edges), shape=(cases, len(wanted) + cases)), wanted)


def _assigned(people: Ints, possible: Flags, problem: Graph) -> Ints:
    rows, places = min_weight_full_bipartite_matching(problem.matrix)
    chosen = np.full(len(people), -1)
    served = places < len(problem.people)
    chosen[rows[served]] = problem.people[places[served]]
    theirs = possible & (people == chosen[:, None]) & (chosen >= 0)[:, None]
    columns: Ints = np.where(theirs.any(axis=1), theirs.argmax(axis=1), -1)
    return columns


def urgencies(cases: Sequence[Waiting], policy: Policy) -> Floats:
    """How much a case's lateness counts: its level's weight for each share of the time in which it should be met."""
    levels = [policy.levels[case.level] for case in cases]
    return np.array([level.weight / level.meet_s for level in levels], dtype=np.float64)
