"""What is looked at when all is quiet again: the books of the service, the provider's ledger, a fresh console."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from laboratory.history import History
from laboratory.house import House
from laboratory.world import World
from simulator.handset import Text
from tests.line.service import STATION

Row = DictRow

_TABLES = {
    "alerts": "SELECT alert_no, case_id::text, level, withdrawn_at FROM alerts",
    "cases": (
        "SELECT cases.id::text, code AS station, level, state, held_by::text, wanted, opened_at "
        "FROM cases JOIN places ON places.id = station_id"
    ),
    "offers": (
        "SELECT id::text, case_id::text, volunteer_id::text, state, round, seat, reason ->> 'en' AS reason, "
        "asked_at, expires_at, accepted_at, ended_at FROM offers"
    ),
    "messages": "SELECT id::text, purpose, attempt, state, provider_id, offer_id::text, case_id::text FROM messages",
    "events": (
        "SELECT code AS station, seq, events.kind, case_id::text "
        "FROM events JOIN places ON places.id = station_id ORDER BY seq"
    ),
    "audit": "SELECT act, subject, actor FROM audit_entries",
    "deadlines": "SELECT case_id::text, what, at, met_at, missed_at FROM deadlines",
}

LATE = {
    "texts not sent": "SELECT count(*) FROM messages WHERE state = 'queued' AND not_before < now() - interval '3 s'",
    "texts whose fate nobody knows": (
        "SELECT count(*) FROM messages WHERE state = 'unknown' AND not_before < now() - interval '4 s' "
        "OR state = 'sending' AND claimed_at < now() - interval '16 s'"
    ),
    "offers past their time": (
        "SELECT count(*) FROM offers WHERE state IN ('queued', 'sent', 'delivered') "
        "AND expires_at < now() - interval '3 s'"
    ),
    "cases in nobody's hands": (
        "SELECT count(*) FROM cases WHERE state IN ('new', 'dispatching') AND opened_at < now() - interval '4 s' "
        "AND held_by IS NULL AND NOT EXISTS (SELECT 1 FROM offers WHERE offers.case_id = cases.id "
        "AND (offers.state IN ('queued', 'sent', 'delivered', 'accepted') OR offers.ended_at > now() - interval '3 s'))"
    ),
    "cases that ask no more people": (
        "SELECT count(*) FROM cases WHERE state IN ('new', 'dispatching', 'escalated') AND held_by IS NULL "
        "AND widen_at < now() - interval '5 s' AND (state <> 'escalated' OR EXISTS (SELECT 1 FROM volunteers "
        "WHERE on_duty AND active AND NOT EXISTS (SELECT 1 FROM offers WHERE volunteer_id = volunteers.id "
        "AND (offers.state IN ('queued', 'sent', 'delivered', 'accepted') "
        "OR offers.case_id = cases.id AND offers.round = cases.round))))"
    ),
    "deadlines nobody noticed": (
        "SELECT count(*) FROM deadlines JOIN cases ON cases.id = case_id WHERE met_at IS NULL AND missed_at IS NULL "
        "AND at < now() - interval '3 s' AND state <> 'closed'"
    ),
    "feedback not delivered": (
        "SELECT count(*) FROM feedbacks WHERE ended_at IS NULL AND next_try_at < now() - interval '4 s'"
    ),
}
"""What may not be there any more 30 seconds after healing: each counts rows that wait longer than they should."""

_MOVING = (
    "SELECT coalesce(sum(seq), 0) FROM feed_counters",
    "SELECT count(*) FROM messages",
    "SELECT count(*) FROM audit_entries",
)
_LOOKS, _AGAIN_S = 20, 0.5

COUNTERS = "SELECT code, seq FROM feed_counters JOIN places ON places.id = station_id"
UNFINISHED = "SELECT count(*) FROM messages WHERE state IN ('queued', 'sending', 'unknown')"


@dataclass
class Evidence:
    """The books of both stations, as rows; `ledger` holds the texts that the provider has taken from the service.

    `counters` holds how far each station's feed has come; the consoles are the first station's. `midst` holds the
    offers as they were when all was drained and nothing was closed yet.
    """

    history: History
    alerts: Sequence[Row] = ()
    cases: Sequence[Row] = ()
    offers: Sequence[Row] = ()
    midst: Sequence[Row] = ()
    messages: Sequence[Row] = ()
    events: Sequence[Row] = ()
    audit: Sequence[Row] = ()
    deadlines: Sequence[Row] = ()
    counters: Mapping[str, int] = field(default_factory=dict)
    ledger: Sequence[Text] = ()
    screens: Sequence[dict[str, dict[str, Any]]] = ()
    fresh: dict[str, dict[str, Any]] = field(default_factory=dict)
    positions: Sequence[int] = ()
    expired: Sequence[str] = ()
    leaks: Sequence[str] = ()
    undrained: Sequence[str] = ()


def late(connection: Connection[Any]) -> list[str]:
    """What waits longer than it should, each with its number."""
    found = {what: _count(connection, query) for what, query in LATE.items()}
    return [f"{number} {what}" for what, number in found.items() if number]


def unfinished(connection: Connection[Any]) -> int:
    """Texts whose end is not known yet."""
    return _count(connection, UNFINISHED)


def counters(connection: Connection[Any]) -> dict[str, int]:
    """How far the feed of each station has come."""
    return {station: int(seq) for station, seq in connection.execute(COUNTERS).fetchall()}


def offers(house: House) -> list[Row]:
    """Every offer as it is at this moment, while people are still on their way."""
    with house.sql() as connection:
        return connection.cursor(row_factory=dict_row).execute(_TABLES["offers"]).fetchall()


def gather(house: House, world: World, undrained: Sequence[str], midst: Sequence[Row]) -> Evidence:
    """Everything at one moment; looked at again when something moved meanwhile, such as a late text of a volunteer."""
    for _ in range(_LOOKS):
        before = _mark(house)
        found = replace(_look(house, world), undrained=undrained, midst=midst)
        if before == _mark(house) and set(found.positions) == {found.counters[STATION]}:
            break
        time.sleep(_AGAIN_S)
    return found


def _mark(house: House) -> tuple[int, ...]:
    """What moves whenever anything does; never twice the same while a text is under way."""
    with house.sql() as connection:
        counts = [_count(connection, query) for query in (*_MOVING, UNFINISHED)]
    return (*counts, time.monotonic_ns()) if counts[-1] else tuple(counts)


def _look(house: House, world: World) -> Evidence:
    history = world.history.copy()
    fresh = world.console()
    fresh.share(world.followers[0])  # signing in is written into the audit, and everything would move again
    fresh.look_once()
    with house.sql() as connection:
        numbers = counters(connection)
        connection.row_factory = dict_row  # type: ignore[assignment]
        tables: dict[str, Any] = {name: connection.execute(query).fetchall() for name, query in _TABLES.items()}
    return Evidence(
        history,
        **tables,
        counters=numbers,
        ledger=[text for text in house.provider.texts() if text.direction != "inbound"],
        screens=[dict(follower.cases) for follower in world.followers],
        fresh=fresh.cases,
        positions=[follower.seq for follower in world.followers],
        expired=list(world.followers[0].expired),
        leaks=_leaks(house),
    )


def _leaks(house: House) -> list[str]:
    """Where a phone of a made-up resident or volunteer, or a name, can be read."""
    places = {file.name: file.read_bytes() for file in (house.service.data / "log").iterdir()}
    with house.redis() as redis:
        places |= {f"Redis {key!r}": key + (redis.dump(key) or b"") for key in redis.scan_iter()}
    secrets = [b"1370010", b"1370020", b"13657000", "某".encode(), "实验员".encode()]
    found = Counter(place for place, content in places.items() for secret in secrets if secret in content)
    texts = [text for text in house.provider.texts() if text.direction != "inbound" and "1370010" in text.body]
    return [*found, *(f"text {text.seq}" for text in texts)]


def _count(connection: Connection[Any], query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
