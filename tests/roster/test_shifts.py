"""What a shift plan says at a moment: over midnight, over weeks, and over a change of the zone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.model import WEEK, Weekday
from dispatcher.roster.shift_cells import read_days, read_end, read_time, write_days, write_shift
from dispatcher.roster.shifts import Pattern, Standing, Turn, ever, standing

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
WEEKDAYS = frozenset(WEEK[:5])
DAILY = frozenset(WEEK)
PATROL = Pattern(WEEKDAYS, time(20), time(4))
"""Monday evening to Saturday morning; 2026-04-29 is a Wednesday."""


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def seen(*plan: Pattern, now: str, zone: ZoneInfo = SHANGHAI) -> tuple[bool, str | None, tuple[str, bool] | None]:
    """On duty or not, since when, and the next boundary, in the zone's own time."""
    found = standing(plan, zone, at(now, zone))
    then = found.then and (_wall(found.then.at, zone), found.then.on_duty)
    return found.on_duty, _wall(found.since, zone) if found.since else None, then


def _wall(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="minutes")[:16]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-04-29T19:59", (False, "2026-04-29T04:00", ("2026-04-29T20:00", True))),
        ("2026-04-29T20:00", (True, "2026-04-29T20:00", ("2026-04-30T04:00", False))),
        ("2026-04-30T03:59", (True, "2026-04-29T20:00", ("2026-04-30T04:00", False))),
        ("2026-04-30T04:00", (False, "2026-04-30T04:00", ("2026-04-30T20:00", True))),
        ("2026-05-02T03:00", (True, "2026-05-01T20:00", ("2026-05-02T04:00", False))),
        ("2026-05-02T21:00", (False, "2026-05-02T04:00", ("2026-05-04T20:00", True))),
    ],
)
def test_a_patrol_goes_over_midnight_and_rests_at_the_weekend(now: str, said: object) -> None:
    assert seen(PATROL, now=now) == said


def test_a_single_date_has_one_shift_and_nothing_before_or_after() -> None:
    once = Pattern(DAILY, time(20), time(4), date(2026, 4, 29), date(2026, 4, 29))
    assert seen(once, now="2026-01-01T00:00") == (False, None, ("2026-04-29T20:00", True))
    assert seen(once, now="2026-04-30T02:00") == (True, "2026-04-29T20:00", ("2026-04-30T04:00", False))
    assert seen(once, now="2027-01-01T00:00") == (False, "2026-04-30T04:00", None)


def test_a_range_begins_with_its_first_day_and_its_last_shift_may_end_after_it() -> None:
    may = Pattern(frozenset({Weekday.FRI}), time(20), time(4), date(2026, 5, 2), date(2026, 5, 15))
    assert seen(may, now="2026-05-01T21:00") == (False, None, ("2026-05-08T20:00", True))
    assert seen(may, now="2026-05-16T03:00") == (True, "2026-05-15T20:00", ("2026-05-16T04:00", False))
    assert seen(may, now="2026-05-22T21:00") == (False, "2026-05-16T04:00", None)


def test_a_shift_without_an_end_of_its_own_lasts_a_whole_day() -> None:
    watch = Pattern(frozenset({Weekday.WED}), time(8), time(8))
    assert seen(watch, now="2026-04-30T07:59") == (True, "2026-04-29T08:00", ("2026-04-30T08:00", False))


def test_a_start_is_a_boundary_also_within_another_shift_and_an_end_is_none_there() -> None:
    """Who went off by hand in the first shift is expected again at the second."""
    day, late = Pattern(DAILY, time(8), time(18)), Pattern(DAILY, time(16), time(0))
    assert seen(day, late, now="2026-04-29T15:00")[2] == ("2026-04-29T16:00", True)
    assert seen(day, late, now="2026-04-29T17:00") == (True, "2026-04-29T16:00", ("2026-04-30T00:00", False))


def test_shifts_that_meet_leave_no_gap() -> None:
    early, late = Pattern(DAILY, time(8), time(16)), Pattern(DAILY, time(16), time(0))
    assert seen(early, late, now="2026-04-29T15:59")[2] == ("2026-04-29T16:00", True)
    assert seen(early, late, now="2026-04-29T16:00") == (True, "2026-04-29T16:00", ("2026-04-30T00:00", False))


def test_without_shifts_nothing_is_said() -> None:
    assert standing([], SHANGHAI, at("2026-04-29T20:00")) == Standing(on_duty=False, since=None, then=None)


def test_the_night_that_loses_an_hour_and_the_one_that_wins_it_keep_the_hours_on_the_wall() -> None:
    """In Berlin 2026-03-29 02:00 becomes 03:00, and 2026-10-25 03:00 becomes 02:00."""
    night = Pattern(DAILY, time(20), time(4))
    for day, hours in ((28, 7), (27, 8)):
        start = at(f"2026-03-{day}T20:00", BERLIN)
        assert standing([night], BERLIN, start).then == Turn(start + timedelta(hours=hours), on_duty=False)
    start = at("2026-10-24T20:00", BERLIN)
    assert standing([night], BERLIN, start).then == Turn(start + timedelta(hours=9), on_duty=False)


def test_an_hour_shown_twice_counts_once_and_shifts_that_meet_in_it_still_meet() -> None:
    before, after = Pattern(DAILY, time(20), time(2, 30)), Pattern(DAILY, time(2, 30), time(6))
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN).astimezone(UTC)
    plan = [before, after]
    assert standing(plan, BERLIN, first - timedelta(minutes=1)).then == Turn(first, on_duty=True)
    assert standing(plan, BERLIN, first + timedelta(hours=1)).since == first


def test_a_shift_within_the_hour_that_is_skipped_falls_out_that_day() -> None:
    short = Pattern(frozenset({Weekday.SUN}), time(2, 15), time(3))
    assert seen(short, now="2026-03-29T00:00", zone=BERLIN)[2] == ("2026-04-05T02:15", True)


def test_a_range_without_one_of_its_days_has_none() -> None:
    monday = frozenset({Weekday.MON})
    assert not ever(Pattern(monday, time(8), time(9), date(2026, 4, 28), date(2026, 5, 3)))
    assert ever(Pattern(monday, time(8), time(9), date(2026, 4, 28), date(2026, 5, 4)))
    assert ever(Pattern(monday, time(8), time(9), date(2026, 4, 28)))


hours = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
weekdays = st.frozensets(st.sampled_from(WEEK), min_size=1)
near = st.dates(date(2026, 3, 20), date(2026, 11, 5))


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    first, last = draw(st.none() | near), draw(st.none() | near)
    if first and last and last < first:
        first, last = last, first
    return Pattern(draw(weekdays), draw(hours), draw(hours), first, last)


plans = st.lists(patterns(), max_size=3)
zones = st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("Australia/Lord_Howe")])
moments = st.datetimes(datetime(2026, 3, 15), datetime(2026, 11, 10), timezones=st.just(UTC))  # noqa: DTZ001


def by_minutes(plan: list[Pattern], zone: ZoneInfo, now: datetime) -> bool:
    """The same question asked the slow way: does any shift of the last days, laid out one by one, last now?"""
    return any(start <= now < end for start, end in laid_out(plan, zone, now))


def laid_out(plan: list[Pattern], zone: ZoneInfo, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    day = now.astimezone(zone).date() - timedelta(days=3)
    for pattern in plan:
        for n in range(7):
            start = day + timedelta(days=n)
            fits = (pattern.first or start) <= start <= (pattern.last or start)
            if not fits or WEEK[start.weekday()] not in pattern.days:
                continue
            end = start if pattern.ends > pattern.starts else start + timedelta(days=1)
            yield (
                datetime.combine(start, pattern.starts, zone).astimezone(UTC),
                datetime.combine(end, pattern.ends, zone).astimezone(UTC),
            )


@given(plans, zones, moments)
def test_what_is_said_now_is_what_the_shifts_laid_out_one_by_one_say(
    plan: list[Pattern], zone: ZoneInfo, now: datetime
) -> None:
    assert standing(plan, zone, now).on_duty == by_minutes(plan, zone, now)


@given(plans, zones, moments)
def test_the_next_boundary_comes_true_and_nothing_happens_before_it(
    plan: list[Pattern], zone: ZoneInfo, now: datetime
) -> None:
    found = standing(plan, zone, now)
    if found.then is None:
        horizon = now + timedelta(days=400)
        assert not found.on_duty
        assert standing(plan, zone, horizon) == Standing(on_duty=False, since=found.since, then=None)
        return
    then = standing(plan, zone, found.then.at)
    assert now < found.then.at == then.since
    assert then.on_duty == found.then.on_duty
    for part in (0.25, 0.5, 0.999):
        assert standing(plan, zone, now + (found.then.at - now) * part) == found


@given(plans, zones, moments)
def test_every_start_of_a_shift_is_a_boundary(plan: list[Pattern], zone: ZoneInfo, now: datetime) -> None:
    found = standing(plan, zone, now)
    starts = [start for start, end in laid_out(plan, zone, now) if now < start < end]
    if starts:
        assert found.then is not None
        assert found.then.at <= min(starts)


@given(weekdays)
def test_days_are_read_as_they_are_written(days: frozenset[Weekday]) -> None:
    assert read_days(write_days(days)) == days


@given(hours)
def test_times_are_read_as_they_are_written(moment: time) -> None:
    assert read_time(f"{moment:%H:%M}") == read_end(f"{moment.hour}:{moment:%M}") == moment


def test_shifts_are_written_in_few_words() -> None:
    assert write_shift(PATROL) == "mon-fri 20:00-04:00"
    once = Pattern(DAILY, time(8), time(0), date(2026, 4, 29), date(2026, 4, 29))
    assert write_shift(once) == "2026-04-29 08:00-00:00"
    some = Pattern(frozenset({Weekday.MON, Weekday.SUN, Weekday.SAT}), time(8), time(9), date(2026, 4, 1))
    assert write_shift(some) == "mon;sat;sun 08:00-09:00 from 2026-04-01"
