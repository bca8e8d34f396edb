"""The plan alone: 1,000 waiting cases and 10,000 people, beside scipy's solvers; and how it grows with the people.

Alternating in one process. The solvers get the costs ready made: the complete graph, every person a candidate for
every case, as `linear_sum_assignment` takes it; and the plan's own candidate graph, as the plan hands it to
`min_weight_full_bipartite_matching`. The plan reads positions, looks for candidates, weighs them, and asks second
and third persons besides.
"""

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from benchmarks.rows import compared, limited, plain, written
from dispatcher.geo.coordinates import Point
from dispatcher.matching.candidates import LEAST_LOOKED_AT, Candidates, Waiting, look_for
from dispatcher.matching.people import Candidate, People
from dispatcher.matching.seats import graph, urgencies
from dispatcher.matching.waves import plan
from dispatcher.model import Level, Means, PositionSource
from dispatcher.policy import DEFAULT_POLICY
from dispatcher.travel import Floats, straight

ROUNDS, CASES, PEOPLE = 7, 1000, 10_000
SIZES = (100, 1000, 10_000, 100_000)
_NOW = datetime(2026, 4, 29, 8, tzinfo=UTC)
_DEPARTURE_S = 60.0
_LON, _LAT = (113.75, 114.65), (22.45, 22.85)
"""A city such as Shenzhen."""


def measure(rounds: int = ROUNDS) -> dict[str, Any]:
    """Milliseconds of the plan and of the solvers, and of the plan for growing numbers of people."""
    luck = Random(20260429)  # the same city every time
    cases, people = _cases(luck, CASES), _people(luck, PEOPLE)
    found, dense = _candidates(cases, people), _costs(cases, people)
    ages = np.array([(_NOW - case.opened_at).total_seconds() for case in cases])
    sparse = graph(found.person, found.cost_s, np.isfinite(found.cost_s), urgencies(cases, DEFAULT_POLICY), ages).matrix
    times: dict[str, list[float]] = {"plan": [], "dense": [], "sparse": []}
    for _ in range(rounds):
        times["plan"].append(_ms(lambda: _plan(cases, people)))
        times["dense"].append(_ms(lambda: linear_sum_assignment(dense)))
        times["sparse"].append(_ms(lambda: min_weight_full_bipartite_matching(sparse)))
    growth = {size: _grown(luck, size, rounds) for size in SIZES}
    worst = max(
        (growth[more] / growth[less]) / (more * math.log(more) / (less * math.log(less)))
        for less, more in pairwise(SIZES)
    )
    figure = f"g. plan, {CASES:,} waiting × {PEOPLE:,} people"
    everybody, own = "scipy, everybody a candidate", "scipy, our candidate graph"
    rows = [
        compared(figure, "ms", times["plan"], everybody, times["dense"], at_most=1.5),
        compared(figure, "ms", times["plan"], own, times["sparse"], at_most=1.5),
        limited("g. ten times the people: growth ÷ that of n log n, worst", "times", worst, 1),
        *(plain(f"g. plan, 100 waiting × {size:,} people", "ms", growth[size]) for size in SIZES),
    ]
    return {"rows": written(rows), "times_ms": times, "growth_ms": growth}


def _ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


def _grown(luck: Random, size: int, rounds: int) -> float:
    cases, people = _cases(luck, 100), _people(luck, size)
    return float(np.median([_ms(lambda: _plan(cases, people)) for _ in range(rounds)]))


def _plan(cases: list[Waiting], people: list[Candidate]) -> None:
    plan(cases, people, DEFAULT_POLICY, now=_NOW, departure_s=_DEPARTURE_S)


def _candidates(cases: list[Waiting], people: list[Candidate], depth: int | None = None) -> Candidates:
    policy = DEFAULT_POLICY
    depth = depth or LEAST_LOOKED_AT + max(level.limit for level in policy.levels.values())
    everybody = People(people, policy.fair)
    return look_for(
        cases,
        everybody,
        np.ones(len(people), dtype=np.bool_),
        policy,
        departure_s=_DEPARTURE_S,
        travel_time=straight(policy.travel),
        depth=depth,
    )


def _costs(cases: list[Waiting], people: list[Candidate]) -> Floats:
    """Every case's cost with everybody; who is out of range costs much, but not without end."""
    found = _candidates(cases, people, len(people))
    costs = np.full((len(cases), len(people)), 1e6)
    finite = np.isfinite(found.cost_s)
    rows = np.broadcast_to(np.arange(len(cases))[:, None], finite.shape)
    costs[rows[finite], found.person[finite]] = found.cost_s[finite]
    return costs


def _somewhere(luck: Random) -> Point:
    return Point(luck.uniform(*_LON), luck.uniform(*_LAT))


def _cases(luck: Random, many: int) -> list[Waiting]:
    levels, weights = list(Level), (1, 3, 4, 2)
    return [
        Waiting(
            UUID(int=luck.getrandbits(120)),
            luck.choices(levels, weights)[0],
            _NOW - timedelta(seconds=luck.uniform(0, 1800)),
            _somewhere(luck),
        )
        for _ in range(many)
    ]


def _people(luck: Random, many: int) -> list[Candidate]:
    return [
        Candidate(
            UUID(int=luck.getrandbits(120)),
            _somewhere(luck),
            PositionSource.BASE,
            means=luck.choice(list(Means)),
            near=luck.uniform(0.1, 0.6),
            far=luck.uniform(0.1, 0.5),
            load=luck.choice((0, 0, 1, 2)),
        )
        for _ in range(many)
    ]
