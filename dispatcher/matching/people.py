"""The people of a plan: who could go, and what the plan weighs about each of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np

from dispatcher.geo.coordinates import Point
from dispatcher.model import Means, PositionSource
from dispatcher.policy import Fair
from dispatcher.travel import MEANS, Floats


@dataclass(frozen=True)
class Candidate:
    """Somebody on duty with nothing in hand. `seen_at` is when a position by page was taken.

    `near`, `far`: the chance that they accept an offer near them, and one farther than the policy's `far_m`.
    `load`: tasks accepted in the last hours; `rested`: long enough since the last one.
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
    grid_id: UUID | None = None
    skills: frozenset[str] = field(default_factory=frozenset)
    station: str | None = None
    """The name of the station that lends them; None: the case's own."""


_NUMBERS: Final = {means: number for number, means in enumerate(MEANS)}


class People:
    """The candidates in one order, with what is reckoned with as arrays; degrees, seconds, chances."""

    def __init__(self, candidates: Sequence[Candidate], fair: Fair) -> None:
        self.all = sorted(candidates, key=lambda c: c.volunteer_id)
        self.place = {person.volunteer_id: index for index, person in enumerate(self.all)}
        count = len(self.all)
        self.lon: Floats = np.fromiter((c.point.lon if c.point else np.nan for c in self.all), np.float64, count)
        self.lat: Floats = np.fromiter((c.point.lat if c.point else np.nan for c in self.all), np.float64, count)
        self.means = np.fromiter((_NUMBERS[c.means] for c in self.all), np.int64, count)
        self.near: Floats = np.fromiter((c.near for c in self.all), np.float64, count)
        self.far: Floats = np.fromiter((c.far for c in self.all), np.float64, count)
        self.doubt_m: Floats = np.fromiter((c.doubt_m for c in self.all), np.float64, count)
        load = np.fromiter((c.load for c in self.all), np.float64, count)
        rested = np.fromiter((c.rested for c in self.all), np.bool_, count)
        self.handicap_s: Floats = load * fair.load_s + np.where(rested, 0.0, fair.unrested_s)
