"""What a centre's answer means, and when a feedback is tried again (contract: Feedback out)."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
LONGEST_ASKED = timedelta(days=1)
"""The longest Retry-After that is believed: a slip of the centre's must not silence a case for years."""
TRIED_FOR = timedelta(days=7)

_JITTER = 0.25
_STILL_OPEN = frozenset({408, 409, 425, 429})
_LONGEST_HEADER = 64


class Verdict(StrEnum):
    """What becomes of a feedback after a try."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    AGAIN = "again"


def verdict(status: int | None) -> Verdict:
    """2xx is accepted, 4xx refused for good but for 408, 409, 425 and 429; all else, no answer too, is tried again."""
    if status is None or status in _STILL_OPEN:
        return Verdict.AGAIN
    if 200 <= status < 300:  # noqa: PLR2004  # the classes of RFC 9110 §15
        return Verdict.ACCEPTED
    if 400 <= status < 500:  # noqa: PLR2004
        return Verdict.REFUSED
    return Verdict.AGAIN


def next_try(tries: int, now: datetime, retry_after: timedelta | None = None, jitter: float = 0.0) -> datetime:
    """When to try again after `tries` tries (1 or more): 5 s, doubling to an hour, never before Retry-After.

    `jitter` from 0 to 1 adds up to a quarter of the wait, so that what failed together does not come back together.
    """
    doublings = min(max(tries, 1) - 1, 16)
    wait = min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
    asked = min(retry_after, LONGEST_ASKED) if retry_after else timedelta(0)
    return now + max(wait, asked) + wait * _JITTER * jitter


def given_up(stated_at: datetime, now: datetime) -> bool:
    """Whether a feedback that failed now has been tried for long enough; `stated_at` is when it came about."""
    return now - stated_at >= TRIED_FOR


def read_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Retry-After as seconds or as an HTTP date (RFC 9110 §10.2.3); None when it is missing, past or unreadable."""
    text = (value or "").strip()
    if not text or len(text) > _LONGEST_HEADER:
        return None
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(int(text), int(LONGEST_ASKED.total_seconds()))) or None
    try:
        moment = parsedate_to_datetime(text)
        wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError, TypeError):
        return None
    return wait if wait > timedelta(0) else None
