"""Are the promises looked at? A bug is planted into the real parts for each of them, and must be seen."""

from collections.abc import Mapping
from dataclasses import dataclass

from laboratory.faults import NOTHING, Fault, named
from laboratory.moments import ANY
from laboratory.trial import Say, laboratory

_TRIALS = 8


@dataclass(frozen=True)
class Plant:
    """A bug of `inside/plants.py`: the fault that brings it out, and the promise that it breaks."""

    fault: Fault
    promise: str
    moment: str = ANY
    before_s: float = 3.0


PLANTS: Mapping[str, Plant] = {
    "answers_before_it_is_written": Plant(named("PostgreSQL: stopped at once"), "I1", "orders taken"),
    "seats_are_not_counted": Plant(NOTHING, "I2"),
    "asks_for_ever": Plant(named("worker messages: SIGSTOP 5 s"), "I2", "orders taken"),
    "sends_again_when_unsure": Plant(named("provider: 500 after accepting"), "I3"),
    "no_unique_key": Plant(NOTHING, "I3"),
    "numbers_have_gaps": Plant(NOTHING, "I4"),
    "forgets_the_audit": Plant(NOTHING, "I5"),
    "logs_phones": Plant(NOTHING, "I6"),
    "nobody_sweeps": Plant(named("Valkey: away for the last orders"), "I7", before_s=0),
    "deadlines_fire_again": Plant(NOTHING, "I8"),
}


def find(name: str, seed: int, say: Say) -> bool:
    """Whether the laboratory sees this bug in its cell, within eight trials."""
    plant = PLANTS[name]
    with laboratory(seed, plant=name) as lab:
        for trial in range(1, _TRIALS + 1):
            found = lab.trial(plant.fault, moment=plant.moment, before_s=plant.before_s)
            seen = [line for line in found if line.startswith(plant.promise)]
            if seen:
                say(f"{name} → {plant.fault} → {seen[0]} (trial {trial})")
                return True
    say(f"{name} → {plant.fault} → NOT SEEN")
    return False
