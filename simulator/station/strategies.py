"""Whom to ask: the production planner under different policies, and a planner that knows every answer beforehand."""

from collections.abc import Mapping
from typing import Any

from dispatcher.matching.waves import plan
from dispatcher.model import Level
from dispatcher.policy import Policy, laid_over, read_policy
from simulator.station.play import CaseFile, Picked, State, Strategy, way_s
from simulator.station.scene import ZONE, Person, moment

EVERYONE = 300


def with_waves(wave: int, overrides: Mapping[str, Any] | None = None) -> Policy:
    """A policy that asks so many of the nearest at once at every level, knowing nothing else of them."""
    levels = {"levels": {level.value: {"wave": wave, "most": wave} for level in Level}}
    blind = {"travel": {"bike_m_s": 2.0}, "willing": {"strength": 1e9}, "fair": {"load_s": 0, "unrested_s": 0}}
    return read_policy(laid_over(laid_over(overrides or {}, levels), blind))


def planned(policy: Policy) -> Strategy:
    """What the service does under this policy."""

    def choose(state: State) -> Picked:
        departure_s = policy.travel.departure_s(moment(state.now), ZONE)
        found = plan(
            state.waiting(policy), state.candidates(policy), policy, now=moment(state.now), departure_s=departure_s
        )
        return Picked([(pick.case_id, pick.candidate.volunteer_id) for pick in found.picks], found.nobody_left)

    return choose


def knowing(policy: Policy) -> Strategy:
    """Asks nobody but the one who will say yes and be at the door first: the bound that no planner can pass.

    The gravest and oldest choose first, as in the plan; what comes later it does not know.
    """

    def choose(state: State) -> Picked:
        free = state.free()
        asks, nobody = [], []
        for case in sorted(state.open(), key=lambda c: (-c.warned.level.gravity, c.warned.at)):
            if case.live:
                continue
            best = _soonest(state, case, free, policy)
            if best is None:
                nobody.append(case.warned.id)
                continue
            free.remove(best)
            asks.append((case.warned.id, best.id))
        return Picked(asks, nobody)

    return choose


def _soonest(state: State, case: CaseFile, free: list[Person], policy: Policy) -> Person | None:
    stands = policy.levels[case.warned.level].answer_s

    def at_door(person: Person) -> float | None:
        answer = state.scene.answer(person, case.warned)
        if not answer.yes or answer.after is None or answer.after >= stands or person.id in case.asked:
            return None
        return answer.after + way_s(state.scene, person, case.warned, policy)

    times = [(seconds, person) for person in free if (seconds := at_door(person)) is not None]
    return min(times, key=lambda pair: (pair[0], pair[1].id))[1] if times else None


def side_by_side(overrides: Mapping[str, Any] | None = None) -> Mapping[str, tuple[Policy, Strategy]]:
    """The five that are compared; `overrides` is the station's own policy."""
    ours = read_policy(dict(overrides or {}))
    policies = {
        "nearest, one at a time": with_waves(1, overrides),
        "nearest three": with_waves(3, overrides),
        "everyone at once": with_waves(EVERYONE, overrides),
        "ours": ours,
    }
    found = {name: (policy, planned(policy)) for name, policy in policies.items()}
    return found | {"all-knowing": (ours, knowing(ours))}
