"""Plays a scene: events in order of time, a plan whenever something changed, as the service does it."""

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import prod
from uuid import UUID

from dispatcher.geo.coordinates import distance_m
from dispatcher.matching.candidates import Waiting
from dispatcher.matching.pace import Pace
from dispatcher.matching.people import Candidate
from dispatcher.matching.willingness import chances
from dispatcher.model import PositionSource
from dispatcher.policy import Policy
from simulator.station.scene import Person, Scene, Warned, moment, night, second

PATROL_S = 900.0
"""When nobody is left to ask, the duty officer sends the one patrol, which is at a door after so long (assumed)."""


@dataclass
class CaseFile:
    """How one case went. Times are seconds of the day; `asks` counts offers, `closings` texts that said not to go."""

    warned: Warned
    asked: set[UUID] = field(default_factory=set)
    live: dict[UUID, float] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)
    looked_at: set[datetime] = field(default_factory=set)
    taker: UUID | None = None
    accepted_at: float | None = None
    door_at: float | None = None
    by_patrol: bool = False
    patrol_wanted: bool = False
    asks: int = 0
    closings: int = 0


@dataclass(frozen=True)
class Picked:
    """Whom a strategy asks for which case, and the cases for which it has nobody."""

    asks: Sequence[tuple[UUID, UUID]]
    nobody: Sequence[UUID]


class State:
    """The state of a scene at one moment, as a strategy sees it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.now = 0.0
        self.people = {person.id: person for person in scene.people}
        self.cases = {warned.id: CaseFile(warned) for warned in scene.warnings}
        self.busy: dict[UUID, UUID] = {}
        self.tasks: dict[UUID, int] = {}
        self.rested_at: dict[UUID, float] = {}

    def open(self) -> list[CaseFile]:
        """Cases that have begun and that nobody is at or on the way to."""
        return [c for c in self.cases.values() if c.warned.at <= self.now and c.taker is None and c.door_at is None]

    def waiting(self, policy: Policy) -> list[Waiting]:
        """The same as the production planner takes them."""
        for case in self.open():
            case.pace = case.pace.at(moment(self.now), policy.levels[case.warned.level])
        return [
            Waiting(
                case_id=case.warned.id,
                level=case.warned.level,
                opened_at=moment(case.warned.at),
                point=case.warned.point,
                firm=len(case.live),
                asked_before=frozenset(case.asked),
                width=case.pace.width,
                silence=prod(1 - self._chances(self.people[person], policy)[0] for person in case.live),
            )
            for case in self.open()
        ]

    def free(self) -> list[Person]:
        """On duty, with nothing in hand."""
        return [person for person in self.scene.people if person.there(self.now) and person.id not in self.busy]

    def candidates(self, policy: Policy) -> list[Candidate]:
        """The same as the production planner takes them."""
        return [self._candidate(person, policy) for person in self.free()]

    def _candidate(self, person: Person, policy: Policy) -> Candidate:
        near, far = self._chances(person, policy)
        return Candidate(
            person.id,
            person.point,
            PositionSource.BASE,
            means=person.means,
            near=near,
            far=far,
            load=self.tasks.get(person.id, 0),
            rested=self.now >= self.rested_at.get(person.id, 0.0),
        )

    def _chances(self, person: Person, policy: Policy) -> tuple[float, float]:
        tired = self.tasks.get(person.id, 0) > 0
        return chances(person.record, policy.willing, night=night(self.now), tired=tired)


Strategy = Callable[[State], Picked]


class Play:
    """One scene under one strategy. `answer_s` is how long an offer stands, by level."""

    def __init__(self, scene: Scene, strategy: Strategy, policy: Policy) -> None:
        self.state = State(scene)
        self._strategy = strategy
        self._policy = policy
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()
        self._patrol_free = True

    def run(self) -> State:
        """Until every case has somebody at the door."""
        state = self.state
        for warned in state.scene.warnings:
            self._at(warned.at, lambda: None)
        for person in state.scene.people:
            for start, _ in person.on_duty:
                self._at(start, lambda: None)
        while self._agenda:
            state.now, _, act = heapq.heappop(self._agenda)
            act()
            if not self._agenda or self._agenda[0][0] > state.now:
                self._plan()
        return state

    def _at(self, when: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (when, next(self._number), act))

    def _plan(self) -> None:
        state = self.state
        if not state.open():
            return
        picked = self._strategy(state)
        self._look_again()
        for case_id, person_id in picked.asks:
            self._ask(state.cases[case_id], state.people[person_id])
        for case_id in picked.nobody:
            state.cases[case_id].patrol_wanted = True
        self._send_patrol()

    def _look_again(self) -> None:
        """Once more people may be asked for a case."""
        for case in self.state.open():
            if case.pace.widen_at is not None and case.pace.widen_at not in case.looked_at:
                case.looked_at.add(case.pace.widen_at)
                self._at(second(case.pace.widen_at), lambda: None)

    def _send_patrol(self) -> None:
        """To the gravest and oldest case that nobody was found for, once it is free."""
        wanted = [case for case in self.state.open() if case.patrol_wanted]
        if wanted and self._patrol_free:
            case = min(wanted, key=lambda c: (-c.warned.level.gravity, c.warned.at))
            self._patrol_free = False
            self._at(self.state.now + PATROL_S, lambda: self._patrol(case))

    def _ask(self, case: CaseFile, person: Person) -> None:
        state = self.state
        answer = state.scene.answer(person, case.warned)
        stands = self._policy.levels[case.warned.level].answer_s
        case.asked.add(person.id)
        case.asks += 1
        case.live[person.id] = state.now + stands
        state.busy[person.id] = case.warned.id
        if answer.after is not None and answer.after < stands:
            act = self._yes if answer.yes else self._no
            self._at(state.now + answer.after, lambda: act(case, person))
        else:
            self._at(state.now + stands, lambda: self._no(case, person))

    def _no(self, case: CaseFile, person: Person) -> None:
        """Declined, or silent until the time was over."""
        if case.live.pop(person.id, None) is not None:
            del self.state.busy[person.id]

    def _yes(self, case: CaseFile, person: Person) -> None:
        """The first to accept has the task; the others are told that they need not go."""
        state, scene = self.state, self.state.scene
        if case.live.pop(person.id, None) is None:
            return
        for other in case.live:
            del state.busy[other]
            case.closings += 1
        case.live.clear()
        case.taker, case.accepted_at = person.id, state.now
        state.tasks[person.id] = state.tasks.get(person.id, 0) + 1
        self._at(state.now + way_s(scene, person, case.warned, self._policy), lambda: self._arrive(case, person))

    def _arrive(self, case: CaseFile, person: Person) -> None:
        state = self.state
        if case.door_at is None:
            case.door_at = state.now
        self._at(state.now + state.scene.talk_s(case.warned), lambda: self._done(person))

    def _patrol(self, case: CaseFile) -> None:
        """The patrol is there: whoever was asked need not go, whoever is on the way comes all the same."""
        self._at(self.state.now + self.state.scene.talk_s(case.warned), self._patrol_back)
        if case.door_at is not None:
            return
        case.door_at, case.by_patrol = self.state.now, case.taker is None
        for other in case.live:
            del self.state.busy[other]
            case.closings += 1
        case.live.clear()

    def _patrol_back(self) -> None:
        self._patrol_free = True

    def _done(self, person: Person) -> None:
        self.state.rested_at[person.id] = self.state.now + self._policy.fair.rest_s
        del self.state.busy[person.id]


def way_s(scene: Scene, person: Person, case: Warned, policy: Policy) -> float:
    """Seconds from the yes to the door: getting ready, then the way with its detours at the person's own speed."""
    metres = distance_m(person.point, case.point) * policy.travel.detour
    return scene.departure_s(person, case) + metres / person.speed_m_s
