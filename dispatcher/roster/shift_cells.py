"""Single cells of a shift plan, and how a shift is written. Every reader raises ValueError with what is wrong."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from itertools import groupby
from typing import Final

from dispatcher.model import WEEK, Weekday
from dispatcher.roster.shifts import Pattern

NO_SHIFTS: Final = frozenset({"none", "无", "没有"})
"""What stands in `days` of somebody who shall have no plan any more."""

_DAILY = frozenset({"daily", "every day", "everyday", "每天", "每日", "天天"})
_CHINESE = "一二三四五六日"
_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAMES: Final[Mapping[str, Weekday]] = {
    **{day.value: day for day in WEEK},
    **dict(zip(_ENGLISH, WEEK, strict=True)),
    **{f"{week}{word}": day for week in ("周", "星期", "礼拜", "") for word, day in zip(_CHINESE, WEEK, strict=True)},
    **{f"{week}天": Weekday.SUN for week in ("周", "星期", "礼拜")},
}
_BETWEEN = re.compile(r"[;,、]")
_UNTIL = re.compile(r"\s*[-~\u2013\u2014至到]\s*")
_DATE = re.compile(r"(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?([T ]00:00(:00)?)?")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
_HOURS, _MINUTES = range(24), range(60)
_YEARS = range(2000, 2101)
_DRAWN_TOGETHER = 3
_MIDNIGHT_AFTER = "24:00"
_DAYS_ARE = "write mon-fri, 周一至周五, sat;sun, daily, 每天, a date like 2026-04-29, or none"


def read_days(text: str) -> frozenset[Weekday] | list[date]:
    """Days of the week, or dates; nothing at all for who shall have no plan. Between them stand `;`, `,` or `、`."""
    plain = unicodedata.normalize("NFKC", text).lower().strip()
    if plain in NO_SHIFTS:
        return frozenset()
    if plain in _DAILY:
        return frozenset(WEEK)
    words = [word.strip() for word in _BETWEEN.split(plain) if word.strip()]
    dates = [read_date(word) for word in words if word[:4].isdecimal()]
    if dates and len(dates) < len(words):
        raise ValueError("dates and days of the week: give them a row each")
    if dates:
        return list(dict.fromkeys(dates))
    days = frozenset(day for word in words for day in _run(word))
    if not days:
        raise ValueError(f"names no day: {_DAYS_ARE}")
    return days


def read_date(text: str) -> date:
    """A date as people and spreadsheets write it: `2026-04-29`, `2026/4/29`, `2026年4月29日`."""
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", text).upper())
    if found is None:
        raise ValueError(f"{text!r} is not a date like 2026-04-29")
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    try:
        read = date(year, month, day)
    except ValueError:
        raise ValueError(f"there is no {text}") from None
    if year not in _YEARS:
        raise ValueError(f"{text} does not lie from {_YEARS[0]} to {_YEARS[-1]}")
    return read


def read_time(text: str) -> time:
    """A time of the day to the minute, `20:00`."""
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None or int(found[1]) not in _HOURS or int(found[2]) not in _MINUTES:
        raise ValueError(f"{text!r} is not a time like 20:00")
    return time(int(found[1]), int(found[2]))


def read_end(text: str) -> time:
    """The same for the end of a shift, where 24:00 is midnight too."""
    return time(0) if unicodedata.normalize("NFKC", text) == _MIDNIGHT_AFTER else read_time(text)


def write_shift(pattern: Pattern) -> str:
    """A shift in few words, `mon-fri 20:00-04:00 from 2026-05-01`; a single date instead of its days."""
    hours = f"{pattern.starts:%H:%M}-{pattern.ends:%H:%M}"
    if pattern.first and pattern.first == pattern.last:
        return f"{pattern.first} {hours}"
    first = f" from {pattern.first}" if pattern.first else ""
    last = f" until {pattern.last}" if pattern.last else ""
    return f"{write_days(pattern.days)} {hours}{first}{last}"


def write_days(days: Iterable[Weekday]) -> str:
    """Days of the week as `read_days` reads them: three or more in a row are drawn together."""
    numbers = sorted(WEEK.index(day) for day in days)
    if len(numbers) == len(WEEK):
        return "daily"
    runs = [[n for _, n in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    return ";".join(_write_run([WEEK[n] for n in run]) for run in runs)


def _write_run(days: Sequence[Weekday]) -> str:
    return ";".join(days) if len(days) < _DRAWN_TOGETHER else f"{days[0]}-{days[-1]}"


def _run(word: str) -> list[Weekday]:
    """One day, or all from one to another; `fri-mon` goes over the Sunday."""
    first_name, *more = _UNTIL.split(word, maxsplit=1)
    last_name = more[0] if more else first_name
    if first_name not in _NAMES or last_name not in _NAMES:
        raise ValueError(f"{word!r} is no day: {_DAYS_ARE}")
    first, last = WEEK.index(_NAMES[first_name]), WEEK.index(_NAMES[last_name])
    return [WEEK[n % len(WEEK)] for n in range(first, last + 1 + (len(WEEK) if last < first else 0))]
