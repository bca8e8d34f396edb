"""Ends of stops and freezes on days and in nights on which counting goes wrong."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.freezes.times import STOP, months_end, stop_end

SHANGHAI, NEW_YORK, AZORES = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York"), ZoneInfo("Atlantic/Azores")


def wall(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("stopped", "ends"),
    [
        (wall(SHANGHAI, 2026, 2, 28, 23, 59), wall(SHANGHAI, 2026, 3, 2, 23, 59)),
        (wall(SHANGHAI, 2028, 2, 28, 23, 59), wall(SHANGHAI, 2028, 3, 1, 23, 59)),
        # An hour is skipped in the night of 8 March: the wall shows one hour more. In November one less.
        (wall(NEW_YORK, 2026, 3, 7, 12, 0), wall(NEW_YORK, 2026, 3, 9, 13, 0)),
        (wall(NEW_YORK, 2026, 10, 31, 12, 0), wall(NEW_YORK, 2026, 11, 2, 11, 0)),
        (wall(SHANGHAI, 2026, 12, 31, 0, 0), wall(SHANGHAI, 2027, 1, 2, 0, 0)),
    ],
    ids=["28 February", "leap year", "spring forward", "fall back", "new year"],
)
def test_a_stop_ends_48_hours_later(stopped: datetime, ends: datetime) -> None:
    assert stop_end(stopped) == ends
    assert stop_end(stopped) - stopped.astimezone(UTC) == timedelta(hours=48)


@pytest.mark.parametrize(
    ("since", "months", "midnight"),
    [
        (wall(SHANGHAI, 2026, 3, 3, 9, 30), 6, (2026, 9, 4)),
        (wall(SHANGHAI, 2026, 8, 31, 9, 30), 6, (2027, 3, 1)),
        (wall(SHANGHAI, 2027, 8, 31, 9, 30), 6, (2028, 3, 1)),
        (wall(SHANGHAI, 2028, 2, 29, 9, 30), 12, (2029, 3, 1)),
        (wall(SHANGHAI, 2026, 2, 28, 9, 30), 12, (2027, 3, 1)),
        (wall(SHANGHAI, 2026, 6, 30, 23, 59), 6, (2026, 12, 31)),
        (wall(SHANGHAI, 2026, 12, 31, 0, 0), 6, (2027, 7, 1)),
    ],
    ids=["same number", "31 August", "31 August to a leap year", "29 February", "28 February", "no 31st", "31st"],
)
def test_a_freeze_ends_with_the_last_day(since: datetime, months: int, midnight: tuple[int, int, int]) -> None:
    """24:00 of a day is the first moment of the next."""
    assert months_end(since, months, SHANGHAI) == wall(SHANGHAI, *midnight)


def test_the_day_is_that_of_the_station_and_not_that_of_the_server() -> None:
    late = datetime(2026, 8, 30, 16, 30, tzinfo=UTC)  # 31 August, 00:30, at the station
    assert months_end(late, 6, SHANGHAI) == wall(SHANGHAI, 2027, 3, 1)


def test_a_midnight_that_the_clock_skips_is_a_moment_all_the_same() -> None:
    """On 28 March 2027 the Azores go from 0:00 to 1:00."""
    assert months_end(wall(AZORES, 2026, 9, 27, 12, 0), 6, AZORES) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)


moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # Hypothesis adds the zone
zones = st.sampled_from([SHANGHAI, NEW_YORK, AZORES])


@given(moment=moments, zone=zones, months=st.sampled_from([6, 12]))
def test_a_period_in_months_never_ends_early_nor_goes_a_day_over(moment: datetime, zone: ZoneInfo, months: int) -> None:
    first = moment.astimezone(zone)
    last = (months_end(moment, months, zone) - timedelta(hours=2)).astimezone(zone)
    assert (last.year * 12 + last.month) - (first.year * 12 + first.month) == months
    assert last.day == first.day or (last.day < first.day and (last + timedelta(days=1)).day == 1)


@given(moment=moments, zone=zones)
def test_a_stop_is_counted_alike_in_every_zone(moment: datetime, zone: ZoneInfo) -> None:
    assert stop_end(moment.astimezone(zone)) == moment + STOP
