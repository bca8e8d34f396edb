"""What came of the plays: times to the first yes and to the door, late shares, texts and tasks, with intervals."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import Any

import numpy as np
from scipy.stats import t as student

from dispatcher.model import Level
from simulator.station.play import State

LIMITS_S: Mapping[Level, float] = {Level.EXTREME: 600, Level.HIGH: 900, Level.MEDIUM: 1800, Level.LOW: 3600}
"""Later than this at the door counts as late. Set by the station; no official figure was found (field guide §2)."""
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """The mean over the seeds and the half width of its 95 % interval (Student's t)."""

    mean: float
    half: float

    def __str__(self) -> str:
        return f"{self.mean:.3g} ± {self.half:.2g}" if self.half else f"{self.mean:.3g}"


def of_play(state: State) -> dict[str, float]:
    """The figures of one play; minutes, shares from 0 to 1, numbers."""
    cases = list(state.cases.values())
    door = [((case.door_at or math.inf) - case.warned.at) / 60 for case in cases]
    yes = [(case.accepted_at - case.warned.at) / 60 for case in cases if case.accepted_at is not None]
    return {
        "door_mean": fmean(door),
        "door_median": _percentile(door, 50),
        "door_p95": _percentile(door, 95),
        "yes_mean": fmean(yes) if yes else math.nan,
        "yes_median": _percentile(yes, 50),
        "yes_p95": _percentile(yes, 95),
        "late": fmean(_late(state)),
        **{f"late_{level.value}": share for level, share in _late_by_level(state)},
        "offers_a_case": fmean(case.asks for case in cases),
        "texts_a_case": fmean(case.asks + case.closings for case in cases),
        "tasks_a_vest": fmean(state.tasks.get(person.id, 0) for person in state.scene.people),
        "most_tasks": max([*state.tasks.values(), 0]),
        "by_patrol": fmean(case.by_patrol for case in cases),
    }


def _late(state: State, level: Level | None = None) -> list[bool]:
    return [
        (case.door_at or math.inf) - case.warned.at > LIMITS_S[case.warned.level]
        for case in state.cases.values()
        if level in {None, case.warned.level}
    ]


def _late_by_level(state: State) -> Iterator[tuple[Level, float]]:
    for level in Level:
        late = _late(state, level)
        yield level, fmean(late) if late else math.nan


def _percentile(values: Sequence[float], share: float) -> float:
    return float(np.percentile(values, share)) if values else math.nan


def over_seeds(plays: Sequence[Mapping[str, float]]) -> dict[str, Interval]:
    """Each figure over the seeds; a figure that a seed does not have, such as a level without cases, is left out."""
    return {name: interval([play[name] for play in plays if not math.isnan(play[name])]) for name in plays[0]}


def interval(values: Sequence[float]) -> Interval:
    """Raises nothing: without values it is NaN, with one it has no width."""
    if not values:
        return Interval(math.nan, 0.0)
    if len(values) == 1:
        return Interval(values[0], 0.0)
    reach = float(student.ppf((1 + _CONFIDENCE) / 2, len(values) - 1))
    return Interval(fmean(values), reach * stdev(values) / math.sqrt(len(values)))


def written(found: Mapping[str, Mapping[str, Interval]]) -> dict[str, Any]:
    """As JSON keeps it: strategy, figure, mean and half width; what there is none of is null."""
    return {name: {key: _plain(asdict(value)) for key, value in figures.items()} for name, figures in found.items()}


def _plain(values: Mapping[str, float]) -> dict[str, float | None]:
    return {key: round(value, 4) if math.isfinite(value) else None for key, value in values.items()}
