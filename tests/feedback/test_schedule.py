from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.feedback.schedule import (
    FIRST_WAIT,
    LONGEST_ASKED,
    LONGEST_WAIT,
    TRIED_FOR,
    Verdict,
    given_up,
    next_try,
    read_retry_after,
    verdict,
)

NOW = datetime(2026, 4, 29, 8, 0, tzinfo=UTC)
tries = st.integers(min_value=1, max_value=100_000)
jitters = st.floats(min_value=0, max_value=1)
waits = st.none() | st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_2xx_is_accepted(status: int) -> None:
    assert verdict(status) is Verdict.ACCEPTED


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 422, 499])
def test_a_4xx_is_refused_for_good(status: int) -> None:
    assert verdict(status) is Verdict.REFUSED


@pytest.mark.parametrize("status", [None, 100, 301, 302, 307, 399, 408, 409, 425, 429, 500, 502, 503, 504, 599, 600])
def test_all_else_is_tried_again(status: int | None) -> None:
    assert verdict(status) is Verdict.AGAIN


def test_waits_double_from_five_seconds_to_an_hour() -> None:
    seconds = [(next_try(n, NOW) - NOW).total_seconds() for n in range(1, 14)]
    assert seconds == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]


@given(tries, waits, jitters)
def test_a_try_comes_neither_too_soon_nor_absurdly_late(n: int, asked: timedelta | None, jitter: float) -> None:
    wait = next_try(n, NOW, asked, jitter) - NOW
    believed = min(asked or timedelta(0), LONGEST_ASKED)
    assert wait >= FIRST_WAIT
    assert wait >= believed
    assert wait <= max(LONGEST_WAIT, believed) + LONGEST_WAIT / 4


@given(tries, waits, jitters)
def test_one_more_failure_never_shortens_the_wait(n: int, asked: timedelta | None, jitter: float) -> None:
    assert next_try(n + 1, NOW, asked, jitter) >= next_try(n, NOW, asked, jitter)


@given(tries, st.tuples(jitters, jitters).map(sorted))
def test_jitter_only_ever_delays_and_at_most_by_a_quarter(n: int, jitter: list[float]) -> None:
    plain, less, more = (next_try(n, NOW, None, j) - NOW for j in (0.0, *jitter))
    assert plain <= less <= more <= plain * 1.25


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30)))
def test_it_is_given_up_after_a_week_and_not_before(age: timedelta) -> None:
    assert given_up(NOW, NOW + age) == (age >= TRIED_FOR)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        (" 7 ", timedelta(seconds=7)),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("١٢", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("9" * 60, LONGEST_ASKED),
        ("9" * 5000, None),
        (format_datetime(NOW + timedelta(minutes=3), usegmt=True), timedelta(minutes=3)),
        ("Wed, 29 Apr 2026 08:03:00 -0000", timedelta(minutes=3)),
        (format_datetime(NOW - timedelta(minutes=3), usegmt=True), None),
        ("Wed, 99 Apr 2026 08:00:00 GMT", None),
        ("Wed, 29 Apr 99999 08:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str | None, wait: timedelta | None) -> None:
    assert read_retry_after(value, NOW) == wait


@given(st.text(max_size=80) | st.from_regex(r"\w{3}, \d{1,5} \w{3} \d{1,6} \d\d:\d\d:\d\d [+-]?\w{1,5}"))
def test_whatever_stands_in_retry_after_is_a_positive_wait_or_nothing(value: str) -> None:
    wait = read_retry_after(value, NOW)
    assert wait is None or wait > timedelta(0)
