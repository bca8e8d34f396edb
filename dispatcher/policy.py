"""A station's policy: whom to ask, how many at once, how long each clock runs, and what the levels are called.

Times are seconds. No official figures were found for these limits: they are defaults that `places.policy` overrides.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from dispatcher.errors import BadInput
from dispatcher.levels import USUAL_LOOKS, LevelLook, alike
from dispatcher.model.case import Level
from dispatcher.model.volunteer import Means

log = structlog.get_logger(__name__)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LevelPolicy(LevelLook):
    """What holds for cases of one level, and what it is called."""

    wave: int = Field(ge=1, le=300, description="people asked at once, however likely each is to accept")
    step_s: int = Field(ge=1, le=3600, description="without an acceptance for so long, as many more are asked")
    most: int = Field(ge=1, le=300, description="people asked at once, at most")
    chance: float = Field(ge=0, lt=1, description="wanted chance that one of those asked at once accepts")
    weight: float = Field(gt=0, description="how much a minute's lateness counts beside the other levels'")
    answer_s: int = Field(ge=1, le=3600, description="time to answer an offer")
    sign_s: int = Field(ge=1, description="until a person or an officer has taken it")
    contact_s: int = Field(ge=1, description="until the resident was first tried")
    meet_s: int = Field(ge=1, description="until the resident was met")
    feedback_s: int = Field(ge=1, description="until the case has its outcome")

    @property
    def limit(self) -> int:
        """People asked at once, at most: a station that sets only a greater `wave` means both."""
        return max(self.wave, self.most)


class Travel(_Strict):
    """How people get to a door: `departure + distance x detour / speed`.

    Volunteers walk at 1.8-2.3 m/s (field guide §2); the other speeds are assumed, for a town.
    """

    day_departure_s: float = Field(default=60, ge=0)
    night_departure_s: float = Field(default=150, ge=0)
    night_from: int = Field(default=22, ge=0, le=23)
    night_until: int = Field(default=7, ge=0, le=23)
    detour: float = Field(default=1.3, ge=1)
    speed_m_s: float = Field(default=2.0, gt=0, description="on foot")
    bike_m_s: float = Field(default=5.0, gt=0, description="bicycle, electric or not")
    car_m_s: float = Field(default=7.0, gt=0, description="car or motorcycle")
    unknown_m: float = Field(default=1500, ge=0, description="distance assumed when a position is missing")
    stale_after_s: int = Field(default=1800, ge=0, description="age from which a position by page weighs less")
    page_counts_from: float = Field(default=0.25, ge=0, le=1, description="weight below which the base counts alone")

    def night(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether it is night at the station."""
        hour = now.astimezone(zone).hour
        return hour >= self.night_from or hour < self.night_until

    def departure_s(self, now: datetime, zone: ZoneInfo) -> float:
        """Time until somebody asked now is out of the door."""
        return self.night_departure_s if self.night(now, zone) else self.day_departure_s

    def speed(self, means: Means) -> float:
        """Metres a second."""
        return {Means.WALK: self.speed_m_s, Means.BIKE: self.bike_m_s, Means.CAR: self.car_m_s}[means]


class Arrival(_Strict):
    """The clock of an accepted task (design: line, 4)."""

    factor: float = Field(default=1.5, ge=1, description="times the estimate until the nudge")
    least_s: int = Field(default=180, ge=1, description="the nudge never comes sooner")
    step_s: int = Field(default=90, ge=1, description="from the nudge to a second vest, and from there to the officer")


class Willing(_Strict):
    """What is assumed of somebody's answers before their own are known (17-47 % accept: field guide §2).

    The factors are assumed, except that departures at night are fewer (field guide §2); a person's own record
    replaces all of them as it grows.
    """

    chance: float = Field(default=0.3, gt=0, lt=1, description="that an offer is accepted")
    strength: float = Field(default=10, gt=0, description="after so many offers a person's own record counts half")
    night: float = Field(default=0.8, gt=0, le=2, description="times the chance, at night")
    far: float = Field(default=0.9, gt=0, le=2, description="times the chance, farther than far_m")
    tired: float = Field(default=0.9, gt=0, le=2, description="times the chance, after a task in the last hours")
    far_m: float = Field(default=2000, ge=0)


class Fair(_Strict):
    """What is weighed against a little more time, in seconds: so the same people do not go every time."""

    load_s: float = Field(default=30, ge=0, description="for each task accepted in the last hours")
    load_hours: int = Field(default=12, ge=1, le=48)
    rest_s: int = Field(default=900, ge=0, description="rest after a task")
    unrested_s: float = Field(default=60, ge=0, description="for somebody who has not rested")
    unreached_s: float = Field(default=900, ge=0, description="for somebody whose last text did not arrive")
    unreached_for_s: int = Field(default=1800, ge=0, description="for so long after it")
    owner_s: float = Field(default=30, ge=0, description="within so much of the best, the grid's own worker goes first")
    unskilled_s: float = Field(default=120, ge=0, description="for each skill that is asked for and missing")


class Stops(_Strict):
    """Stop-payments and freezes. How long they last is law and no setting; how early to warn is assumed."""

    second_officer: bool = Field(
        default=False, description="another officer approves a stop before it is sent; at night one may be alone"
    )
    warn_stop_s: int = Field(default=6 * 3600, ge=60, le=47 * 3600, description="before a stop ends, the alarm")
    warn_freeze_s: int = Field(default=7 * 86400, ge=3600, le=90 * 86400, description="before a freeze ends, the alarm")


def _levels() -> dict[Level, LevelPolicy]:
    asked = ("wave", "step_s", "most", "chance", "weight", "answer_s")
    limits = ("sign_s", "contact_s", "meet_s", "feedback_s")
    table: Mapping[Level, tuple[tuple[float, ...], tuple[int, ...]]] = {
        Level.EXTREME: ((3, 20, 6, 0.95, 8, 60), (60, 300, 1800, 7200)),
        Level.HIGH: ((1, 20, 5, 0.9, 4, 60), (180, 600, 3600, 14400)),
        Level.MEDIUM: ((1, 25, 4, 0.9, 2, 90), (600, 1800, 14400, 86400)),
        Level.LOW: ((1, 30, 3, 0.9, 1, 120), (1800, 7200, 86400, 172800)),
    }
    names = (*asked, *limits)
    return {
        level: LevelPolicy.model_validate(
            dict(USUAL_LOOKS[level]) | dict(zip(names, (*first, *then), strict=True)),
        )
        for level, (first, then) in table.items()
    }


class Policy(_Strict):
    """Everything a station may set."""

    levels: dict[Level, LevelPolicy] = Field(default_factory=_levels)
    people_per_case: int = Field(default=1, ge=1, le=10)
    radii_m: tuple[float, ...] = Field(default=(3000, 6000, 20000), min_length=1, max_length=8)
    neighbours: bool = Field(default=True, description="ask vests of the stations under the same parent when short")
    willing: Willing = Willing()
    fair: Fair = Fair()
    skills: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="skills asked for, by fraud type")
    travel: Travel = Travel()
    arrival: Arrival = Arrival()
    stops: Stops = Stops()

    @field_validator("radii_m")
    @classmethod
    def _widening(cls, radii: tuple[float, ...]) -> tuple[float, ...]:
        if radii[0] <= 0 or any(wider <= one for one, wider in pairwise(radii)):
            raise PydanticCustomError("order", "each radius must be wider than the one before, the first above 0")
        return radii

    @field_validator("levels")
    @classmethod
    def _told_apart(cls, levels: dict[Level, LevelPolicy]) -> dict[Level, LevelPolicy]:
        """All pairs are in the error's context, so that a file's reader can name each with its line."""
        pairs = [(f"{one}.{what}", f"{other}.{what}") for one, other, what in alike(levels)]
        if pairs:
            raise PydanticCustomError(
                "alike",
                "{first} and {second} are alike",
                {
                    "first": pairs[0][0],
                    "second": pairs[0][1],
                    "pairs": pairs,
                },
            )
        return levels


DEFAULT_POLICY = Policy()


def read_policy(overrides: dict[str, Any] | None) -> Policy:
    """The default policy with a station's own values laid over it, level by level, value by value.

    Raises BadInput that names the value.
    """
    if not overrides:
        return DEFAULT_POLICY
    try:
        return Policy.model_validate(laid_over(DEFAULT_POLICY.model_dump(mode="json"), overrides))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"policy {field}: {first['msg']}", field=field) from None


def read_looks(overrides: dict[str, Any] | None) -> dict[Level, LevelLook]:
    """What a station calls the levels, and the colour it gives them.

    The usual ones where its policy cannot be read: that keeps nobody from signing in, or from a door.
    """
    try:
        levels = read_policy(overrides).levels
    except BadInput as error:
        log.warning("policy_unreadable", field=error.field)
        return dict(USUAL_LOOKS)
    return {level: LevelLook(name=one.name, colour=one.colour) for level, one in levels.items()}


def laid_over(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `over` in the place of those of `base`, however deep."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = laid_over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged
