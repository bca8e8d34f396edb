"""Who is on duty and which warnings come: a scene is the same for the same seed, whichever policy is tried on it."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from dispatcher.geo.coordinates import Point
from dispatcher.matching.willingness import Record, Tally
from dispatcher.model import Level, Means
from simulator.alerts import LAT, LEVELS, LON
from simulator.chance import chance

HOUR = 3600.0
ZONE = ZoneInfo("Asia/Shanghai")
_MIDNIGHT = datetime(2026, 4, 28, 16, tzinfo=UTC)
"""00:00 in China."""
_SHARES_BY_HOUR = (1, 1, 1, 1, 1, 1, 1, 2, 4, 6, 7, 6, 4, 5, 7, 7, 6, 5, 5, 7, 8, 7, 4, 2)
"""Warnings follow the hours in which people answer calls; no official distribution was found."""
_WALK_M_S, _RIDE_M_S = (1.8, 2.3), (4.0, 6.0)
"""Walking: field guide §2. Riding an electric bicycle in town: assumed."""


@dataclass(frozen=True)
class Day:
    """A kind of day: `warnings` between two hours of the day, `vests` on duty by day and by night."""

    name: str
    warnings: int
    from_hour: float
    until_hour: float
    day_vests: int
    night_vests: int
    riding: float = 0.3
    answered: int = 30
    """Offers that each person had before this day."""


DAYS: Mapping[str, Day] = {
    "quiet": Day("quiet", 8, 0, 24, 12, 6),
    "normal": Day("normal", 24, 0, 24, 15, 7),
    "bad": Day("bad", 40, 19, 20, 11, 11),
}
"""A station's desk has about 15 vests (field guide §1); the bad evening is the scenario's: forty in an hour, eleven."""


@dataclass(frozen=True)
class PastWarning:
    """A warning that there was; `at` is seconds of its day, `point` None when nobody knew where."""

    at: float
    level: Level
    point: Point | None


@dataclass(frozen=True)
class Person:
    """Somebody who can be asked. Seconds are those of the day; `record` is what is known of their answers so far."""

    id: UUID
    point: Point
    means: Means
    speed_m_s: float
    accepts: float
    record: Record
    on_duty: Sequence[tuple[float, float]]

    def there(self, at: float) -> bool:
        """Whether they are on duty."""
        return any(start <= at < end for start, end in self.on_duty)


@dataclass(frozen=True)
class Warned:
    """One warning about one resident, `at` seconds of the day."""

    id: UUID
    at: float
    level: Level
    point: Point


@dataclass(frozen=True)
class Answer:
    """What a person does with an offer: after so many seconds, or never when `after` is None."""

    after: float | None
    yes: bool


@dataclass(frozen=True)
class Scene:
    """A day's warnings and people. Whatever a person would do with a case is settled by the seed beforehand."""

    seed: int
    day: Day
    people: Sequence[Person]
    warnings: Sequence[Warned]

    def answer(self, person: Person, case: Warned) -> Answer:
        """The same however often, and by whomever, it is asked."""
        luck = chance("answer", self.seed, person.id, case.id)
        roll = luck.random()
        after = min(luck.lognormvariate(math.log(15), 0.7), 300.0)
        willing = person.accepts * (0.8 if night(case.at) else 1.0)  # departures at night are fewer: field guide §2
        if roll < willing:
            return Answer(after, yes=True)
        if roll < willing + (1 - willing) * 0.3:
            return Answer(after, yes=False)
        return Answer(None, yes=False)

    def departure_s(self, person: Person, case: Warned) -> float:
        """Seconds until somebody who said yes is out of the door."""
        luck = chance("departure", self.seed, person.id, case.id)
        return luck.uniform(0.5, 1.5) * (150.0 if night(case.at) else 60.0)

    def talk_s(self, case: Warned) -> float:
        """Seconds at the door."""
        return chance("talk", self.seed, case.id).uniform(600, 1800)


def night(at: float) -> bool:
    """Between 22 and 7 o'clock."""
    hour = (at / HOUR) % 24
    return hour >= 22 or hour < 7  # noqa: PLR2004  # as the default policy has it


def moment(at: float) -> datetime:
    """The second of the day as a moment."""
    return _MIDNIGHT + timedelta(seconds=at)


def second(when: datetime) -> float:
    """The moment as the second of the day."""
    return (when - _MIDNIGHT).total_seconds()


def make_scene(
    seed: int, day: Day, acceptance: float, bases: Sequence[Point] = (), past: Sequence[PastWarning] | None = None
) -> Scene:
    """A day of this kind; `bases` are where the people of a roster live, else they live anywhere.

    With `past` the warnings are those; one that has no point is put anywhere.
    """
    luck = chance("scene", seed, day.name, acceptance)
    people = [_person(luck, number, shift, acceptance, day, bases) for number, shift in enumerate(_shifts(day))]
    given = [(one.at, one.level, one.point) for one in past] if past is not None else _made_up(luck, day)
    warnings = [
        Warned(UUID(int=0x1000 + number), at, level, point or _anywhere(luck))
        for number, (at, level, point) in enumerate(given)
    ]
    return Scene(seed, day, people, warnings)


def _made_up(luck: random.Random, day: Day) -> list[tuple[float, Level, Point]]:
    times = sorted(_time(luck, day) for _ in range(day.warnings))
    levels, weights = [*LEVELS], [*LEVELS.values()]
    return [(at, Level(luck.choices(levels, weights)[0]), _anywhere(luck)) for at in times]


def _shifts(day: Day) -> list[Sequence[tuple[float, float]]]:
    by_day, by_night = ((8 * HOUR, 20 * HOUR),), ((0.0, 8 * HOUR), (20 * HOUR, 40 * HOUR))
    if day.until_hour - day.from_hour < 12:  # noqa: PLR2004  # one shift sees all of it
        return [((0.0, 40 * HOUR),)] * day.day_vests
    return [by_day] * day.day_vests + [by_night] * day.night_vests


def _person(
    luck: random.Random,
    number: int,
    shift: Sequence[tuple[float, float]],
    acceptance: float,
    day: Day,
    bases: Sequence[Point],
) -> Person:
    """Habits spread around the day's acceptance."""
    spread = 6.0
    willing = luck.betavariate(acceptance * spread, (1 - acceptance) * spread)
    rides = luck.random() < day.riding
    speed = luck.uniform(*(_RIDE_M_S if rides else _WALK_M_S))
    point = bases[number % len(bases)] if bases else _anywhere(luck)
    taken = sum(luck.random() < willing for _ in range(day.answered))
    record = Record(all=Tally(day.answered, taken))
    return Person(UUID(int=1 + number), point, Means.BIKE if rides else Means.WALK, speed, willing, record, shift)


def _time(luck: random.Random, day: Day) -> float:
    hours = range(math.floor(day.from_hour), math.ceil(day.until_hour))
    hour = luck.choices(hours, [_SHARES_BY_HOUR[hour % 24] for hour in hours])[0]
    return (hour + luck.random()) * HOUR


def _anywhere(luck: random.Random) -> Point:
    return Point(round(luck.uniform(*LON), 6), round(luck.uniform(*LAT), 6))
