"""What a shift plan says at a moment. Pure: the plan, the zone and `now` are arguments, and every moment is aware.

A time that the clock on the wall shows twice, or skips, at a change of the zone is read as RFC 5545 §3.3.5 reads it:
the first of the two; and counted with the offset before the gap. So of two shifts that meet at such a time the one
begins when the other ends. A shift that lies within a gap falls out that day.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dispatcher.model import WEEK, Weekday

_DAY = timedelta(days=1)
_AROUND = 15
"""Days looked at on both sides: a weekly shift is among them also when one of its days falls out."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """When a shift is, in the words of `model.Shift`."""

    days: frozenset[Weekday]
    starts: time
    ends: time
    first: date | None = None
    last: date | None = None


class Period(NamedTuple):
    """From a moment on, until another one that is not part of it; both in UTC."""

    start: datetime
    end: datetime


class Turn(NamedTuple):
    """A boundary of a plan: from this moment (UTC) on it says on duty, or off."""

    at: datetime
    on_duty: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What a plan says at a moment: since which boundary (None: there was none yet), and what comes next."""

    on_duty: bool
    since: datetime | None
    then: Turn | None


def standing(plan: Collection[Pattern], zone: ZoneInfo, now: datetime) -> Standing:
    """What the plan says at `now`.

    Boundaries are every start of a shift, also while another one lasts, and every end after which none goes on.
    """
    today = now.astimezone(zone).date()
    periods = [period for pattern in plan for period in _near(pattern, zone, today)]
    running = [period for period in periods if period.start <= now < period.end]
    coming = min((period.start for period in periods if period.start > now), default=None)
    end = max((period.end for period in running), default=None)
    then = Turn(coming, on_duty=True) if coming else None
    if end is not None and (coming is None or end < coming):
        then = Turn(end, on_duty=False)
    if running:
        return Standing(on_duty=True, since=max(p.start for p in periods if p.start <= now), then=then)
    return Standing(on_duty=False, since=max((p.end for p in periods if p.end <= now), default=None), then=then)


def ever(pattern: Pattern) -> bool:
    """Whether the pattern has a day at all: no Monday lies between a Tuesday and the Friday after it."""
    if pattern.first is None or pattern.last is None:
        return bool(pattern.days)
    span = min((pattern.last - pattern.first).days + 1, len(WEEK))
    return any(WEEK[(pattern.first + n * _DAY).weekday()] in pattern.days for n in range(span))


def _near(pattern: Pattern, zone: ZoneInfo, day: date) -> Iterator[Period]:
    """The shift's periods around a day: all that last on it, those just before, and the next, however far ahead."""
    middle = max(day, pattern.first) if pattern.first else day
    middle = min(middle, pattern.last) if pattern.last else middle
    for n in range(-_AROUND, _AROUND + 1):
        found = middle + n * _DAY
        if WEEK[found.weekday()] in pattern.days and _within(pattern, found):
            period = _on(pattern, zone, found)
            if period.start < period.end:
                yield period


def _within(pattern: Pattern, day: date) -> bool:
    return (pattern.first is None or pattern.first <= day) and (pattern.last is None or day <= pattern.last)


def _on(pattern: Pattern, zone: ZoneInfo, day: date) -> Period:
    last_day = day if pattern.ends > pattern.starts else day + _DAY
    return Period(_moment(day, pattern.starts, zone), _moment(last_day, pattern.ends, zone))


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
