"""How long a stop and a freeze last. Pure; moments carry a zone, what comes back is UTC.

Sources: 48 hours, six months and one year: field guide §3 and 公安机关办理刑事案件程序规定 art. 239-243. How a period
in months is counted: 刑事诉讼法 art. 105. What these do not say is assumed, always for the earlier end: who believes
that a freeze lasts longer than the bank does loses the money. Assumptions stand at each function and in
docs/choices.md.
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
    August: 28 or 29 February). That the last day counts whole follows from art. 105: the day on which a period begins
    is not counted. Assumed: it is not put off when it is a holiday, as art. 105 would allow, for a bank's system may
    end it on its date.
    """
    last = _months_later(since.astimezone(zone).date(), months)
    return datetime.combine(last + timedelta(days=1), time.min, zone).astimezone(UTC)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
