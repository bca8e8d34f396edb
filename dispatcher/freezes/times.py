"""How long a stop and a freeze last. Pure; moments carry a zone, what comes back is UTC.

Sources: 48 hours: field guide §3. Six months, each renewal six at most, a year in major cases, ended by itself when
not renewed before: 公安机关办理刑事案件程序规定 (2020) art. 239, 240, 243. Periods in months: 刑事诉讼法 art. 105. What
these leave open is assumed at each function and in docs/choices.md.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

STOP = timedelta(hours=48)
"""How long a police stop of a suspect's account lasts from the moment of the stop."""
MOST_STOPS = 2
"""How often police may stop one account, in all cases together."""
MONTHS, MONTHS_MAJOR = 6, 12
"""How long one freeze, and each renewal, lasts; the second in major cases."""


def stop_end(stopped_at: datetime) -> datetime:
    """48 hours that really pass: counted in UTC, so that no change of a clock on a wall adds or takes an hour."""
    return stopped_at.astimezone(UTC) + STOP


def months_end(since: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The end of a period in months that begins at `since`: the end (24:00) of its last day in the station's zone.

    The last day has the number of the first day, or is the last of its month when there is none (six months from 31
    August: 28 or 29 February), as the Supreme People's Court reads months of procedure. It counts whole, for the day on
    which a period begins is not counted (art. 105). Assumed, for the earlier end, since whoever believes that a freeze
    lasts longer than the bank does loses the money: a first day that is its month's last by its number does not lead to
    the month's last one (28 February: 28 August), and a last day that is a holiday is not put off.
    """
    last = _months_later(since.astimezone(zone).date(), months)
    return datetime.combine(last + timedelta(days=1), time.min, zone).astimezone(UTC)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
