"""Estimated time of arrival: departure, then distance with its detours at walking speed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from dispatcher.geo.coordinates import Point
from dispatcher.model import PositionSource
from dispatcher.policy import Travel

EARTH_M = 6_371_008.8

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Candidate:
    """Somebody on duty with nothing in hand. `seen_at` is when a position by page was taken."""

    volunteer_id: UUID
    point: Point | None
    source: PositionSource | None
    seen_at: datetime | None = None


def positions(candidates: Sequence[Candidate]) -> tuple[Floats, Floats]:
    """Longitude and latitude of each candidate in degrees; NaN where the position is missing."""
    lon = np.array([c.point.lon if c.point else np.nan for c in candidates], dtype=np.float64)
    lat = np.array([c.point.lat if c.point else np.nan for c in candidates], dtype=np.float64)
    return lon, lat


def distances_m(point: Point | None, lon: Floats, lat: Floats) -> Floats:
    """Great-circle metres from `point` to each of `positions`; NaN where one of the two is missing."""
    if point is None:
        return np.full(len(lon), np.nan)
    here, there = np.radians(point.lat), np.radians(lat)
    a = np.sin((there - here) / 2) ** 2 + np.cos(here) * np.cos(there) * np.sin(np.radians(lon - point.lon) / 2) ** 2
    metres: Floats = 2 * EARTH_M * np.arcsin(np.sqrt(np.clip(a, 0, 1)))
    return metres


def arrival_s(metres: Floats, travel: Travel, departure_s: float) -> Floats:
    """Seconds until each is at the door; a distance not known counts as the policy's `unknown_m`."""
    known = np.where(np.isnan(metres), travel.unknown_m, metres)
    seconds: Floats = departure_s + known * travel.detour / travel.speed_m_s
    return seconds
