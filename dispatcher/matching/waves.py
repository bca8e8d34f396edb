"""The plan: which of the free people is asked for which of the waiting cases. Pure: all it needs are arguments."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import numpy as np

from dispatcher.geo.coordinates import Point
from dispatcher.matching.travel import Candidate, Floats, arrival_s, distances_m, positions
from dispatcher.model import Level
from dispatcher.policy import Policy


def missing(wave: int, *, firm: int, on_it: int, seats: int) -> int:
    """How many more to ask: a whole wave for the first person, one for each further seat."""
    if seats < 1:
        return 0
    return max(0, (seats if on_it else wave) - firm)


@dataclass(frozen=True)
class Waiting:
    """A case that wants people: `firm` were asked and may still answer, `seats` are free, `on_it` have accepted."""

    case_id: UUID
    level: Level
    opened_at: datetime
    point: Point | None
    firm: int = 0
    on_it: int = 0
    seats: int = 1
    asked_before: frozenset[UUID] = field(default_factory=frozenset)

    def missing(self, wave: int) -> int:
        """How many more to ask."""
        return missing(wave, firm=self.firm, on_it=self.on_it, seats=self.seats)


@dataclass(frozen=True)
class Pick:
    """One person for one case; `metres` is None where a position is missing, `passed_over` counts nearer people."""

    case_id: UUID
    candidate: Candidate
    eta_s: int
    metres: int | None
    passed_over: int


@dataclass(frozen=True)
class Plan:
    """Whom to ask now, and the cases for which nobody is left to ask and nobody is on it."""

    picks: tuple[Pick, ...]
    nobody_left: tuple[UUID, ...]


class _People:
    """The free people in one order, with their positions as arrays."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self.all = sorted(candidates, key=lambda c: c.volunteer_id)
        self.place = {person.volunteer_id: index for index, person in enumerate(self.all)}
        self.lon, self.lat = positions(self.all)


class _Search:
    """The free people as seen from one case."""

    def __init__(self, case: Waiting, people: "_People", policy: Policy, departure_s: float) -> None:
        self.case = case
        self.left = case.missing(policy.levels[case.level].wave)
        self.metres: Floats = distances_m(case.point, people.lon, people.lat)
        self.eta: Floats = arrival_s(self.metres, policy.travel, departure_s)
        self.open = np.ones(len(people.all), dtype=bool)
        self.open[[people.place[one] for one in case.asked_before if one in people.place]] = False

    def nearest(self, free: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int | None:
        """The index of the free person who can be at the door first; equals go by their order in the list."""
        can = free & self.open
        if not can.any():
            return None
        return int(np.argmin(np.where(can, self.eta, np.inf)))


def plan(waiting: Sequence[Waiting], candidates: Sequence[Candidate], policy: Policy, *, departure_s: float) -> Plan:
    """Plan all waiting cases of a station together.

    The gravest choose first, the oldest among equals; every case gets one person before any gets a second, so that a
    wide wave for one does not leave the next with nobody. A person is asked for one case at most.
    """
    people = _People(candidates)
    order = sorted(waiting, key=lambda w: (-w.level.gravity, w.opened_at, w.case_id))
    searches = [_Search(case, people, policy, departure_s) for case in order]
    free = np.ones(len(people.all), dtype=bool)
    picks: list[Pick] = []
    while True:
        found = False
        for search in searches:
            index = search.nearest(free) if search.left else None
            if index is None:
                continue
            picks.append(_pick(search, people.all[index], index, free))
            free[index] = False
            search.left -= 1
            found = True
        if not found:
            break
    helped = {pick.case_id for pick in picks}
    nobody = [c.case_id for c in order if c.case_id not in helped and c.seats > 0 and not (c.firm or c.on_it)]
    return Plan(tuple(picks), tuple(nobody))


def _pick(search: _Search, person: Candidate, index: int, free: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Pick:
    metres = search.metres[index]
    nearer = (search.eta < search.eta[index]) & ~free & search.open
    return Pick(
        case_id=search.case.case_id,
        candidate=person,
        eta_s=round(float(search.eta[index])),
        metres=None if np.isnan(metres) else round(float(metres)),
        passed_over=int(nearer.sum()),
    )
