"""A station's policy: whom to ask, how many at once, and how long each clock runs (all set by the station).

Times are seconds. No official figures were found for these limits: they are defaults that `places.policy` overrides.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dispatcher.errors import BadInput
from dispatcher.model.case import Level


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LevelPolicy(_Strict):
    """What holds for cases of one level."""

    wave: int = Field(ge=1, le=300, description="people asked at once")
    answer_s: int = Field(ge=1, le=3600, description="time to answer an offer")
    sign_s: int = Field(ge=1, description="until a person or an officer has taken it")
    contact_s: int = Field(ge=1, description="until the resident was first tried")
    meet_s: int = Field(ge=1, description="until the resident was met")
    feedback_s: int = Field(ge=1, description="until the case has its outcome")


class Travel(_Strict):
    """How people get to a door: `departure + distance x detour / speed`.

    Volunteers walk at 1.8-2.3 m/s (field guide §2).
    """

    day_departure_s: float = Field(default=60, ge=0)
    night_departure_s: float = Field(default=150, ge=0)
    night_from: int = Field(default=22, ge=0, le=23)
    night_until: int = Field(default=7, ge=0, le=23)
    detour: float = Field(default=1.3, ge=1)
    speed_m_s: float = Field(default=2.0, gt=0)
    unknown_m: float = Field(default=1500, ge=0, description="distance assumed when a position is missing")
    stale_after_s: int = Field(default=1800, ge=0, description="age at which a position by page no longer counts")

    def departure_s(self, now: datetime, zone: ZoneInfo) -> float:
        """Time until somebody asked now is out of the door."""
        hour = now.astimezone(zone).hour
        night = hour >= self.night_from or hour < self.night_until
        return self.night_departure_s if night else self.day_departure_s


class Arrival(_Strict):
    """The clock of an accepted task (design: line, 4)."""

    factor: float = Field(default=1.5, ge=1, description="times the estimate until the nudge")
    least_s: int = Field(default=180, ge=1, description="the nudge never comes sooner")
    step_s: int = Field(default=90, ge=1, description="from the nudge to a second vest, and from there to the officer")


def _levels() -> dict[Level, LevelPolicy]:
    return {
        Level.EXTREME: LevelPolicy(wave=3, answer_s=60, sign_s=60, contact_s=300, meet_s=1800, feedback_s=7200),
        Level.HIGH: LevelPolicy(wave=1, answer_s=60, sign_s=180, contact_s=600, meet_s=3600, feedback_s=14400),
        Level.MEDIUM: LevelPolicy(wave=1, answer_s=90, sign_s=600, contact_s=1800, meet_s=14400, feedback_s=86400),
        Level.LOW: LevelPolicy(wave=1, answer_s=120, sign_s=1800, contact_s=7200, meet_s=86400, feedback_s=172800),
    }


class Policy(_Strict):
    """Everything a station may set."""

    levels: dict[Level, LevelPolicy] = Field(default_factory=_levels)
    people_per_case: int = Field(default=1, ge=1, le=10)
    travel: Travel = Travel()
    arrival: Arrival = Arrival()


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


def laid_over(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `over` in the place of those of `base`, however deep."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = laid_over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged
