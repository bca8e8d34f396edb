"""The people of a plan: who could go, and what the plan weighs about each of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final
from uuid import UUID

import numpy as np

from dispatcher.geo.coordinates import Point
from dispatcher.model import Means, PositionSource
from dispatcher.policy import Fair
from dispatcher.travel import MEANS, Floats, Ints


@dataclass(slots=True)
class Candidate:
    """Never changed; not frozen, since thousands are made for one plan and freezing costs each of them time.

    Somebody on duty with nothing in hand. `seen_at` is when a position by page was taken.

    `near`, `far`: the chance that they accept an offer near them, and one farther than the policy's `far_m`.
    `load`: tasks accepted in the last hours; `rested`: long enough since the last one; `reached`: texts arrive.
    """

    volunteer_id: UUID
    point: Point | None
    source: PositionSource | None
    seen_at: datetime | None = None
    doubt_m: float = 0.0
    means: Means = Means.WALK
    near: float = 0.3
    far: float = 0.3
    load: int = 0
    rested: bool = True
    reached: bool = True
    grid_id: UUID | None = None
    skills: frozenset[str] = field(default_factory=frozenset)
    station: str | None = None
    """The name of the station that lends them; None: the case's own."""


_NUMBERS: Final = {means: number for number, means in enumerate(MEANS)}


class People:
    """The candidates in one order, with what is reckoned with as arrays; degrees, seconds, chances."""

    def __init__(self, candidates: Sequence[Candidate], fair: Fair) -> None:
        self.all = sorted(candidates, key=lambda c: c.volunteer_id.int)
        points = [c.point for c in self.all]
        self.lon = _floats([p.lon if p else math.nan for p in points])
        self.lat = _floats([p.lat if p else math.nan for p in points])
        self.means: Ints = np.array([_NUMBERS[c.means] for c in self.all], dtype=np.int64)
        self.near = _floats([c.near for c in self.all])
        self.far = _floats([c.far for c in self.all])
        self.doubt_m = _floats([c.doubt_m for c in self.all])
        self.handicap_s = _floats([_handicap_s(c, fair) for c in self.all])

    @cached_property
    def place(self) -> Mapping[UUID, int]:
        """The index of each person."""
        return {person.volunteer_id: index for index, person in enumerate(self.all)}


def _handicap_s(person: Candidate, fair: Fair) -> float:
    tired_s = person.load * fair.load_s + (0 if person.rested else fair.unrested_s)
    return tired_s + (0 if person.reached else fair.unreached_s)


def _floats(values: list[float]) -> Floats:
    return np.array(values, dtype=np.float64)
