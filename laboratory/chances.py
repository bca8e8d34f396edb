"""The random mode: faults without end from one seed; what breaks is cut down to the shortest schedule."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from laboratory.faults import FAULTS, NOTHING, Fault, named
from laboratory.trial import Laboratory, Say, laboratory
from simulator.chance import chance

_TOGETHER = (1, 1, 1, 2, 2, 3)
_BEFORE_S = (0.5, 4.0)
_TRIES = 2
_AND, _THEN = " + ", " | "


@dataclass(frozen=True)
class Step:
    """Faults that come together after `before_s` seconds of life."""

    faults: tuple[Fault, ...]
    before_s: float

    def __str__(self) -> str:
        return _AND.join(map(str, self.faults))


@dataclass
class Tally:
    """What a run of the random mode has done, and the broken promises that ended it."""

    trials: int = 0
    faults: int = 0
    orders: int = 0
    steps: Sequence[Step] = ()
    broken: Sequence[str] = ()


def schedule(seed: int) -> Iterator[Step]:
    """The endless schedule of a seed: one to three faults at a time."""
    luck = chance("faults", seed)
    choice = [fault for fault in FAULTS if fault != NOTHING]
    while True:
        yield Step(tuple(luck.sample(choice, luck.choice(_TOGETHER))), round(luck.uniform(*_BEFORE_S), 1))


def written(steps: Sequence[Step]) -> str:
    """The steps as `--steps` takes them."""
    return _THEN.join(f"{step.before_s}:{step}" for step in steps)


def read(text: str) -> list[Step]:
    """Steps from what `written` gave. Raises KeyError for a fault that is not in the table."""
    found = []
    for part in text.split(_THEN):
        before, _, names = part.partition(":")
        found.append(Step(tuple(named(name) for name in names.split(_AND)), float(before)))
    return found


def run(seed: int, seconds: float, steps: Sequence[Step], say: Say) -> Tally:
    """Go through the steps, or for so many seconds through the seed's, until a promise is broken."""
    until = time.monotonic() + seconds
    done: list[Step] = []
    with laboratory(seed) as lab:
        for step in steps or schedule(seed):
            if not steps and time.monotonic() >= until:
                break
            done.append(step)
            broken = lab.trial(*step.faults, before_s=step.before_s)
            say(f"{step}: {'; '.join(broken) or 'holds'}")
            if broken:
                return _tally(lab, done, broken)
        return _tally(lab, done, [])


def shrink(seed: int, steps: Sequence[Step], say: Say) -> Sequence[Step]:
    """The shortest schedule found that still breaks something: a tail of the steps, then without what is not needed."""
    shortest = steps
    for length in (1, 2, 4):
        if length < len(steps) and _breaks(seed, steps[-length:], say):
            shortest = steps[-length:]
            break
    for smaller in _smaller(shortest):
        if _breaks(seed, smaller, say):
            return shrink(seed, smaller, say)
    return shortest


def _smaller(steps: Sequence[Step]) -> Iterator[Sequence[Step]]:
    for place, step in enumerate(steps):
        if len(steps) > 1:
            yield [*steps[:place], *steps[place + 1 :]]
        for fault in step.faults if len(step.faults) > 1 else ():
            rest = tuple(one for one in step.faults if one != fault)
            yield [*steps[:place], Step(rest, step.before_s), *steps[place + 1 :]]


def _breaks(seed: int, steps: Sequence[Step], say: Say) -> bool:
    say(f"again with {len(steps)} of the steps: {written(steps)}")
    return any(run(seed, 0, steps, say).broken for _ in range(_TRIES))


def _tally(lab: Laboratory, steps: Sequence[Step], broken: Sequence[str]) -> Tally:
    return Tally(lab.trials, lab.faults, len(lab.world.history.orders), steps, broken)
