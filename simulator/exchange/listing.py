"""Listing messages as Twilio does: newest first, filtered, page by page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from simulator.exchange.ledger import Entry
from simulator.exchange.refusals import refusal
from simulator.phones import e164

DEFAULT_PAGE, LARGEST_PAGE = 50, 1000
_TOKEN = "PA"  # noqa: S105 - the prefix of a page token
_FILTERS = ("To", "From", "DateSent", "DateSent<", "DateSent>")


@dataclass(frozen=True)
class Page:
    """One page; `next_query` and `first_query` are the query strings of the next and first page."""

    entries: list[Entry]
    number: int
    size: int
    first_query: str
    next_query: str | None


def page_of(entries: Iterable[Entry], query: Mapping[str, str]) -> Page:
    """The page that the query asks for. `entries` come newest first. Raises Refusal 20001 on a bad value.

    The page token names the last message of the page before, so that new messages shift nothing.
    """
    size = min(_number(query, "PageSize", DEFAULT_PAGE) or DEFAULT_PAGE, LARGEST_PAGE)
    number = _number(query, "Page", 0)
    matching = (entry for entry in entries if _matches(entry, query))
    token = query.get("PageToken")
    if token:
        for entry in matching:
            if _TOKEN + entry.sid == token:
                break
    page = [entry for entry, _ in zip(matching, range(size + 1), strict=False)]
    more = len(page) > size
    page = page[:size]
    kept = {name: query[name] for name in _FILTERS if name in query} | {"PageSize": str(size)}
    following = {**kept, "Page": str(number + 1), "PageToken": _TOKEN + page[-1].sid} if more else None
    return Page(page, number, size, urlencode(kept | {"Page": "0"}), urlencode(following) if following else None)


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise refusal(20001, name)
    return int(text)


def _matches(entry: Entry, query: Mapping[str, str]) -> bool:
    if "To" in query and entry.to != (e164(query["To"]) or query["To"]):
        return False
    if "From" in query and entry.sender != (e164(query["From"]) or query["From"]):
        return False
    return _in_time(entry, query)


def _in_time(entry: Entry, query: Mapping[str, str]) -> bool:
    """A message that is not sent yet counts by the time it was created."""
    at = (entry.sent_at or entry.created_at).replace(microsecond=0)
    if "DateSent" in query:
        exact, whole_day = _moment(query["DateSent"])
        if (at.date() != exact.date()) if whole_day else (at != exact):
            return False
    if "DateSent<" in query and at > _moment(query["DateSent<"])[0]:
        return False
    return not ("DateSent>" in query and at < _moment(query["DateSent>"])[0])


def _moment(text: str) -> tuple[datetime, bool]:
    """The moment in UTC, and whether only a date was given (then: its midnight)."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise refusal(20001, "DateSent") from None
    whole_day = "T" not in text and " " not in text
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)), whole_day
