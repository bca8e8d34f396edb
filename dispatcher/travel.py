"""Where people are, and how long they take to a door: departure, then the way with its detours at their own speed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dispatcher.geo.coordinates import EARTH_RADIUS_M, Point
from dispatcher.model import Means, PositionSource
from dispatcher.policy import Travel

MEANS: Final = tuple(Means)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Whereabouts:
    """The best guess where somebody is.

    `seen_at` is when a position by page was taken; `doubt_m` is added to any way.
    """

    point: Point | None
    source: PositionSource | None
    seen_at: datetime | None = None
    doubt_m: float = 0.0


@dataclass(frozen=True)
class Legs:
    """Ways from people to doors, one an element. Degrees in WGS-84; `metres` in a straight line, NaN where unknown."""

    from_lon: Floats
    from_lat: Floats
    to_lon: Floats
    to_lat: Floats
    metres: Floats
    means: Ints
    """Index into `MEANS`."""


TravelTime = Callable[[Legs], Floats]
"""The port that a routing engine can fill: seconds under way for each leg, departure not counted."""


def straight(travel: Travel) -> TravelTime:
    """Distance x detour / speed; a distance not known counts as the policy's `unknown_m`."""
    speeds = np.array([travel.speed(means) for means in MEANS])

    def seconds(legs: Legs) -> Floats:
        known = np.where(np.isnan(legs.metres), travel.unknown_m, legs.metres)
        found: Floats = known * travel.detour / speeds[legs.means]
        return found

    return seconds


def distances_m(from_lon: Floats, from_lat: Floats, to_lon: Floats, to_lat: Floats) -> Floats:
    """Great-circle metres, element by element; NaN where a position is missing."""
    here, there = np.radians(from_lat), np.radians(to_lat)
    across = np.radians(to_lon - from_lon)
    a = np.sin((there - here) / 2) ** 2 + np.cos(here) * np.cos(there) * np.sin(across / 2) ** 2
    metres: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(a, 0, 1)))
    return metres


def whereabouts(person: Any, now: datetime, travel: Travel) -> Whereabouts:
    """Of a volunteer, or a row with the columns of one.

    A position by page counts in full until it is stale, and the less the older it is after that: it is drawn towards
    the base by the share that age has taken from it, or, for somebody without a base, leaves that share in doubt.
    """
    base = _point(person.base_lon, person.base_lat)
    page = _point(person.page_lon, person.page_lat) if person.page_at else None
    if page is None:
        return Whereabouts(base, person.base_source if base else None)
    age_s = max(0.0, (now - person.page_at).total_seconds())
    weight = 1.0 if age_s <= travel.stale_after_s else travel.stale_after_s / age_s
    if base is None:
        return Whereabouts(page, PositionSource.PAGE, person.page_at, (1 - weight) * travel.unknown_m)
    if weight < travel.page_counts_from:
        return Whereabouts(base, person.base_source)
    between = Point(base.lon + weight * (page.lon - base.lon), base.lat + weight * (page.lat - base.lat))
    return Whereabouts(between, PositionSource.PAGE, person.page_at)


def eta_s(place: Whereabouts, door: Point | None, means: Means, travel: Travel, departure_s: float) -> float:
    """Seconds until one person is at the door, as the plan reckons them."""
    here = place.point
    if here is None or door is None:
        metres = np.array([np.nan])
    else:
        metres = distances_m(*(np.array([value]) for value in (here.lon, here.lat, door.lon, door.lat)))
    nowhere = np.array([np.nan])
    legs = Legs(nowhere, nowhere, nowhere, nowhere, metres + place.doubt_m, np.array([MEANS.index(means)]))
    return departure_s + float(straight(travel)(legs)[0])


def _point(lon: float | None, lat: float | None) -> Point | None:
    return Point(lon, lat) if lon is not None and lat is not None else None
