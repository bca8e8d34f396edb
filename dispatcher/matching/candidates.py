"""The candidate graph: for each waiting case the people who come first into question, the best first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from dispatcher.geo.coordinates import EARTH_RADIUS_M, Point
from dispatcher.matching.people import People
from dispatcher.model import Level
from dispatcher.policy import Policy
from dispatcher.travel import MEANS, Floats, Ints, Legs, TravelTime, distances_m

Flags = NDArray[np.bool_]

LEAST_LOOKED_AT: Final = 24
"""People looked at for a case beyond those it may ask at once and those it has asked."""


@dataclass(frozen=True)
class Waiting:
    """A case that wants people: `firm` were asked and may still answer, `seats` are free, `on_it` have accepted.

    `width` is how many may be asked at once by now. `silence` is the chance that nobody of those asked accepts, 1 when
    nobody is asked; `skills` are asked for.
    """

    case_id: UUID
    level: Level
    opened_at: datetime
    point: Point | None
    firm: int = 0
    on_it: int = 0
    seats: int = 1
    asked_before: frozenset[UUID] = field(default_factory=frozenset)
    silence: float = 1.0
    width: int = 1
    grid_id: UUID | None = None
    skills: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Candidates:
    """A row for each case, a column for each of its people, the best first; `cost_s` is infinite where there is none.

    `cost_s` is what people are ranked by: the time to the door and what is weighed against it, in seconds.
    """

    person: Ints
    metres: Floats
    eta_s: Floats
    chance: Floats
    cost_s: Floats


def look_for(
    cases: Sequence[Waiting],
    people: People,
    free: Flags,
    policy: Policy,
    *,
    departure_s: float,
    travel_time: TravelTime,
    depth: int,
) -> Candidates:
    """Look for the best `depth` of the free people for each case.

    People are ranked by `eta + step / chance`: whoever is silent costs the time until more are asked. For people asked
    one after the other no order is sooner (by exchanging two neighbours).
    """
    person = _nearest(cases, people, free, depth + max((len(case.asked_before) for case in cases), default=0))
    there = person >= 0
    known = np.where(there, person, 0)
    case_lon, case_lat = _doors(cases)
    shape = person.shape
    to_lon = np.broadcast_to(case_lon[:, None], shape)
    to_lat = np.broadcast_to(case_lat[:, None], shape)
    metres = distances_m(people.lon[known], people.lat[known], to_lon, to_lat) + people.doubt_m[known]
    legs = Legs(people.lon[known], people.lat[known], to_lon, to_lat, metres, people.means[known])
    eta = departure_s + travel_time(legs)
    guessed = np.where(np.isnan(metres), policy.travel.unknown_m, metres)
    chance = np.where(guessed > policy.willing.far_m, people.far[known], people.near[known])
    _leave_out(there, person, cases, people)
    there &= guessed <= policy.radii_m[-1]
    cost = eta + people.handicap_s[known] + _silence_s(cases, policy)[:, None] / chance
    _favour(cost, person, cases, people, policy)
    cost[~there] = np.inf
    _narrow(cost, guessed, cases, policy)
    best = np.argsort(cost, axis=1, kind="stable")[:, :depth]
    took = [np.take_along_axis(values, best, axis=1) for values in (person, metres, eta, chance, cost)]
    return Candidates(*took)


def _doors(cases: Sequence[Waiting]) -> tuple[Floats, Floats]:
    lon = np.array([case.point.lon if case.point else np.nan for case in cases], dtype=np.float64)
    lat = np.array([case.point.lat if case.point else np.nan for case in cases], dtype=np.float64)
    return lon, lat


def _nearest(cases: Sequence[Waiting], people: People, free: Flags, many: int) -> Ints:
    """Free people by their index for each case, -1 for none: the nearest by each means, and those of unknown position.

    Who travels alike arrives in the order of distance, so nobody better is missed among those whose place is known.
    """
    here = np.flatnonzero(free)
    if len(here) <= many:
        return np.broadcast_to(here, (len(cases), len(here))).copy()
    lon, lat = _doors(cases)
    lost = np.isnan(people.lon[here])
    handy = here[np.argsort(people.handicap_s[here] - people.near[here], kind="stable")][:many]
    blocks = [_block(here[lost][:many], len(cases))]
    middle = float(np.nanmean(people.lat[here])) if not lost.all() else 0.0
    for number in range(len(MEANS)):
        group = here[~lost & (people.means[here] == number)]
        blocks.append(_by_distance(group, people, lon, lat, many, middle))
    found = np.concatenate(blocks, axis=1)
    if np.isnan(lon).any():
        anywhere = np.full((len(cases), found.shape[1]), -1)
        anywhere[:, : min(len(handy), found.shape[1])] = handy[: found.shape[1]]
        found = np.where(np.isnan(lon)[:, None], anywhere, found)
    return found


def _block(group: Ints, rows: int) -> Ints:
    return np.broadcast_to(group, (rows, len(group)))


def _by_distance(group: Ints, people: People, lon: Floats, lat: Floats, many: int, middle: float) -> Ints:
    if not len(group):
        return np.empty((len(lon), 0), dtype=np.int64)
    flat = np.cos(np.radians(middle))
    tree = cKDTree(_plane(people.lon[group], people.lat[group], flat))
    doors = np.nan_to_num(_plane(lon, lat, flat))
    _, index = tree.query(doors, k=min(many, len(group)))
    return group[np.reshape(index, (len(lon), -1))]


def _plane(lon: Floats, lat: Floats, flat: float) -> Floats:
    """Metres east and north, near enough for ranking within one city."""
    return np.radians(np.column_stack((lon * flat, lat))) * EARTH_RADIUS_M


def _leave_out(there: Flags, person: Ints, cases: Sequence[Waiting], people: People) -> None:
    """Nobody is asked twice about a case."""
    for row, case in enumerate(cases):
        before = [people.place[one] for one in case.asked_before if one in people.place] if case.asked_before else []
        if before:
            there[row] &= ~np.isin(person[row], before)


def _silence_s(cases: Sequence[Waiting], policy: Policy) -> Floats:
    levels = [policy.levels[case.level] for case in cases]
    return np.array([level.step_s for level in levels], dtype=np.float64)


def _favour(cost: Floats, person: Ints, cases: Sequence[Waiting], people: People, policy: Policy) -> None:
    """The grid's own worker first among equals; whoever lacks a skill that is asked for later."""
    grids = {case.grid_id for case in cases if case.grid_id}
    owners = {index: c.grid_id for index, c in enumerate(people.all) if c.grid_id in grids} if grids else {}
    for row, case in enumerate(cases):
        if case.grid_id and owners:
            own = [index for index, grid in owners.items() if grid == case.grid_id]
            cost[row][np.isin(person[row], own)] -= policy.fair.owner_s
        if case.skills:
            missing = [len(case.skills - people.all[index].skills) if index >= 0 else 0 for index in person[row]]
            cost[row] += np.array(missing) * policy.fair.unskilled_s


def _narrow(cost: Floats, metres: Floats, cases: Sequence[Waiting], policy: Policy) -> None:
    """The smallest radius with as many people as the level may ask at once; the widest when none has."""
    most = np.array([policy.levels[case.level].limit for case in cases])
    possible = np.isfinite(cost)
    outside = np.zeros_like(possible)
    for radius in reversed(policy.radii_m[:-1]):
        within = possible & (metres <= radius)
        outside = np.where((within.sum(axis=1) >= most)[:, None], metres > radius, outside)
    cost[outside] = np.inf
