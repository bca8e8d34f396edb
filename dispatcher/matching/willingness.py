"""Who would go: the chance that somebody accepts, learned from their own answers, from a stated prior."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from dispatcher.policy import Willing

LEAST: Final = 0.02
HIGHEST: Final = 0.95
"""Nobody is counted on for certain, and nobody written off."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Offers that could be answered, and how many of them were accepted."""

    asked: int = 0
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """A person's answers of the last months: all, at night, far from where they were, soon after a task."""

    all: Tally = Tally()
    night: Tally = Tally()
    far: Tally = Tally()
    tired: Tally = Tally()


NO_RECORD: Final = Record()


def chances(record: Record, willing: Willing, *, night: bool, tired: bool) -> tuple[float, float]:
    """The chance of accepting an offer that is near, and one that is farther than `far_m`.

    The mean of a beta distribution (Gelman et al., Bayesian Data Analysis, 2.4): the prior counts as `strength`
    offers. Each circumstance multiplies it by its own factor, which is learned in the same way.
    """
    own = (willing.strength * willing.chance + record.all.taken) / (willing.strength + record.all.asked)
    if night:
        own *= _factor(record.night, own, willing.night, willing.strength)
    if tired:
        own *= _factor(record.tired, own, willing.tired, willing.strength)
    far = own * _factor(record.far, own, willing.far, willing.strength)
    return _bounded(own), _bounded(far)


def _factor(tally: Tally, own: float, assumed: float, strength: float) -> float:
    """How much the circumstance changes the chance; from a few answers not far from what is assumed."""
    return (strength * own * assumed + tally.taken) / ((strength + tally.asked) * own)


def _bounded(chance: float) -> float:
    return min(HIGHEST, max(LEAST, chance))


def as_record(row: Mapping[str, Any]) -> Record:
    """From the columns of a record; of somebody who has none all are None."""

    def tally(prefix: str) -> Tally:
        return Tally(row[f"{prefix}asked"] or 0, row[f"{prefix}taken"] or 0)

    return Record(tally(""), tally("night_"), tally("far_"), tally("tired_"))
