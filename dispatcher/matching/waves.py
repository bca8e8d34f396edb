"""The plan: which of the free people is asked for which of the waiting cases. Pure: all it needs are arguments."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import numpy as np

from dispatcher.matching.candidates import LEAST_LOOKED_AT, Candidates, Flags, Waiting, look_for
from dispatcher.matching.people import Candidate, People
from dispatcher.matching.seats import first_seats, urgencies
from dispatcher.policy import LevelPolicy, Policy
from dispatcher.travel import Ints, TravelTime, straight


def wants_more(level: LevelPolicy, *, firm: int, on_it: int, seats: int, silence: float, width: int) -> bool:
    """Whether one more is to be asked.

    For the first person: until as many are asked as may be by now (`Pace`), or the chance that one of them accepts is
    the wanted one; a whole `wave` in any case. For each further seat: one.
    """
    if seats < 1:
        return False
    if on_it:
        return firm < seats
    if firm < level.wave:
        return True
    return firm < width and 1 - silence < level.chance


@dataclass(frozen=True)
class Pick:
    """One person for one case; `metres` is None where a position is missing, `chance` is of their accepting.

    Of the people who could be there sooner, `elsewhere` are asked for other cases at this moment, and `later` stand
    behind: they accept more rarely, had more tasks of late, or lack a skill. `together` is the chance that one of all
    who are asked then accepts.
    """

    case_id: UUID
    candidate: Candidate
    eta_s: int
    metres: int | None
    chance: float
    elsewhere: int = 0
    later: int = 0
    together: float = 0.0


@dataclass(frozen=True)
class Plan:
    """Whom to ask now; the cases that want more people than there are; those with nobody asked and nobody on it."""

    picks: tuple[Pick, ...]
    short: tuple[UUID, ...]
    nobody_left: tuple[UUID, ...]


@dataclass
class _Seeking:
    """One case while it is planned: how many are asked by now, and the chance that all of them are silent."""

    case: Waiting
    level: LevelPolicy
    firm: int
    silence: float
    picks: list[Pick] = field(default_factory=list)

    @property
    def wants_more(self) -> bool:
        case = self.case
        return wants_more(
            self.level,
            firm=self.firm,
            on_it=case.on_it,
            seats=case.seats,
            silence=self.silence,
            width=case.width,
        )


class _Round:
    """One look at the free people: the candidates of some cases, and who takes whom of them."""

    def __init__(self, seeking: Sequence[_Seeking], found: Candidates, free: Flags) -> None:
        self.seeking, self.found, self.free = seeking, found, free
        self.taken_by: Ints = np.full(len(free), -1)
        self.chosen: list[tuple[int, int]] = []
        self._person: list[list[int]] = found.person.tolist()
        self._column = [0] * len(seeking)
        self._last: list[int] = np.isfinite(found.cost_s).sum(axis=1).tolist()

    def take(self, row: int, column: int) -> None:
        """The row's case has the person in the column."""
        index = self._person[row][column]
        seeking = self.seeking[row]
        seeking.firm += 1
        seeking.silence *= 1 - float(self.found.chance[row, column])
        self.free[index] = False
        self.taken_by[index] = row
        self.chosen.append((row, column))

    def take_next(self, row: int) -> bool:
        """The best who is still free; False when the row has nobody left."""
        people, last, column = self._person[row], self._last[row], self._column[row]
        while column < last and not self.free[people[column]]:
            column += 1
        self._column[row] = column
        if column == last:
            return False
        self.take(row, column)
        return True

    def picks(self, people: People) -> None:
        """Give each case its picks, with why it was them and nobody sooner."""
        if not self.chosen:
            return
        found = self.found
        rows, columns = (np.array(part) for part in zip(*self.chosen, strict=True))
        sooner = (found.eta_s[rows] < found.eta_s[rows, columns][:, None]) & np.isfinite(found.cost_s[rows])
        owner = self.taken_by[np.where(found.person[rows] >= 0, found.person[rows], 0)]
        elsewhere = (sooner & (owner >= 0) & (owner != rows[:, None])).sum(axis=1)
        later = (sooner & (owner < 0)).sum(axis=1)
        for row, column, busy, behind in zip(
            rows.tolist(), columns.tolist(), elsewhere.tolist(), later.tolist(), strict=True
        ):
            metres = float(found.metres[row, column])
            self.seeking[row].picks.append(
                Pick(
                    case_id=self.seeking[row].case.case_id,
                    candidate=people.all[self._person[row][column]],
                    eta_s=round(float(found.eta_s[row, column])),
                    metres=None if math.isnan(metres) else round(metres),
                    chance=float(found.chance[row, column]),
                    elsewhere=busy,
                    later=behind,
                )
            )


def plan(
    waiting: Sequence[Waiting],
    candidates: Sequence[Candidate],
    policy: Policy,
    *,
    now: datetime,
    departure_s: float,
    travel_time: TravelTime | None = None,
) -> Plan:
    """Plan all waiting cases of a station together.

    First one person for every case that has none, by the least lateness in all, weighted by level
    (`first_seats`). Then more for each in turn, the gravest and oldest first, until its wave is complete, so that
    a wide wave for one does not leave the next with nobody. A person is asked for one case at most.
    """
    people = People(candidates, policy.fair)
    free: Flags = np.ones(len(people.all), dtype=np.bool_)
    order = sorted(waiting, key=lambda w: (-w.level.gravity, w.opened_at, w.case_id.int))
    seeking = [_Seeking(case, policy.levels[case.level], case.firm, case.silence) for case in order]
    depth = LEAST_LOOKED_AT + max((one.level.limit for one in seeking), default=0)
    travel_time = travel_time or straight(policy.travel)
    while True:
        still = [one for one in seeking if one.wants_more]
        left = int(free.sum())
        if not still or not left:
            break
        found = look_for(
            [one.case for one in still],
            people,
            free,
            policy,
            departure_s=departure_s,
            travel_time=travel_time,
            depth=min(depth, left),
        )
        if not _one_round(_Round(still, found, free), people, policy, now) and depth >= left:
            break
        depth *= 2
    return _plan(seeking)


def _one_round(around: _Round, people: People, policy: Policy, now: datetime) -> bool:
    """Whether anybody was asked."""
    seeking = around.seeking
    alone = np.array([row for row, one in enumerate(seeking) if one.firm == 0 and not one.case.on_it], dtype=np.int64)
    if len(alone):
        cases = [seeking[row].case for row in alone]
        age_s = np.array([max(0.0, (now - case.opened_at).total_seconds()) for case in cases])
        columns = first_seats(around.found, alone, urgencies(cases, policy), age_s)
        for row, column in zip(alone.tolist(), columns.tolist(), strict=True):
            if column >= 0:
                around.take(row, column)
    rows = list(range(len(seeking)))
    while rows:
        rows = [row for row in rows if seeking[row].wants_more and around.take_next(row)]
    around.picks(people)
    return bool(around.chosen)


def _plan(seeking: Sequence[_Seeking]) -> Plan:
    picks = [replace(pick, together=1 - one.silence) for one in seeking for pick in one.picks]
    short = tuple(one.case.case_id for one in seeking if one.wants_more)
    nobody = tuple(one.case.case_id for one in seeking if one.case.seats > 0 and not one.firm and not one.case.on_it)
    return Plan(tuple(picks), short, nobody)


def after(waiting: Sequence[Waiting], found: Plan) -> list[Waiting]:
    """The cases that still want people once the plan is carried out, for a plan with other people."""
    asked: Mapping[UUID, list[Pick]] = {case_id: [] for case_id in found.short}
    for pick in found.picks:
        if pick.case_id in asked:
            asked[pick.case_id].append(pick)
    return [
        replace(
            case,
            firm=case.firm + len(asked[case.case_id]),
            silence=case.silence * math.prod(1 - pick.chance for pick in asked[case.case_id]),
        )
        for case in waiting
        if case.case_id in asked
    ]
