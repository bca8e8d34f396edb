"""A past for the service: some cases led to their end through the public doors, then their rows many times over.

Each copy has ids, a number and a resident of its own, and a day of its own within the past two years; it is written in
order of time, as life would have done. The first copy is the case itself, so that `size` counts all closed cases.
"""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Any

import psycopg

DAYS = 729
"""Copies end a day before today, whose numbers the service itself gives."""
EVENT_DAYS = 7
"""Older events the service has removed (setting `event_days`)."""
_GOLDEN = 0.6180339887498949
_FEED_BEGAN = 50_000_000
_OF_CASE = ("alerts", "deliveries", "offers", "messages", "deadlines", "contacts", "feedbacks", "freezes", "alarms")
_ROWS = {
    "cases": "t.id = m.id",
    **dict.fromkeys(_OF_CASE, "t.case_id = m.id"),
    "inbound_texts": "t.offer_id IN (SELECT id FROM offers WHERE case_id = m.id)",
    "audit_entries": "t.subject = m.id::text",
    "events": "t.case_id = m.id",
}
_IDS = ("id", "case_id", "offer_id", "alert_id")
_OFFER = "(k.head || right(coalesce(t.offer_id, t.id)::text, 23))"
_FIRST_EVENT = f"SELECT min(seq) FROM events WHERE seq > {_FEED_BEGAN // 2}"
_OWN = {
    ("cases", "number"): "k.number",
    ("cases", "resident_phone_index"): "k.resident",
    ("alerts", "alert_no"): "t.alert_no || '-' || k.no",
    ("deliveries", "webhook_id"): "'msg_' || md5(t.webhook_id || k.no)",
    ("offers", "token_index"): "decode(md5(t.token_index::text || k.no), 'hex')",
    ("offers", "code"): "substr('ABCDEFGHJKMNPQRSTUVWXYZ', (1 + k.no % 23)::int, 1) || (22 + k.no % 73)",
    ("messages", "purpose"): f"split_part(t.purpose, ':', 1) || ':' || {_OFFER}",
    ("messages", "provider_id"): "'SM' || md5(t.provider_id || k.no)",
    ("inbound_texts", "provider_id"): "'SM' || md5(t.provider_id || k.no)",
    ("audit_entries", "subject"): "k.head || right(t.subject, 23)",
    ("events", "seq"): f"({_FIRST_EVENT}) - row_number() OVER (ORDER BY t.at - k.shift DESC)",
}
_UNDER_WAY = """
SELECT (SELECT count(*) FROM messages WHERE state IN ('queued', 'sending', 'unknown'))
     + (SELECT count(*) FROM offers WHERE state IN ('queued', 'sent', 'delivered', 'accepted'))
     + (SELECT count(*) FROM feedbacks WHERE ended_at IS NULL)
"""
_COPIES = """
CREATE TEMP TABLE copies AS
SELECT rank, no, shift, left(hex, 8) || '-' || right(hex, 4) AS head,
       prefix || to_char(opened, '-YYYYMMDD-') || lpad(no::text, greatest(3, length(no::text)), '0') AS number,
       decode(md5((no - (no %% 10 = 9)::int)::text), 'hex') AS resident
FROM (SELECT m.rank, n AS no, f.shift, m.prefix, m.opened_at - f.shift AS opened,
             lpad(to_hex((extract(epoch FROM m.opened_at - f.shift) * 1000)::bigint), 12, '0') AS hex
      FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
      JOIN made m ON m.rank = n %% %(made)s::bigint
      CROSS JOIN LATERAL (SELECT n * %(golden)s::float8 AS turns) AS g
      CROSS JOIN LATERAL (SELECT interval '1 day' * (1 + %(days)s::float8 * (turns - floor(turns))) AS shift) AS f
     ) AS spread
ORDER BY shift DESC
"""
"""One in ten has the resident of the copy before it."""


@dataclass
class Past:
    """What lies behind the service. `size` is the number of closed cases; `admin` is the superuser's connection.

    Each size is added to the one before it, spread over the same two years.
    """

    admin: psycopg.Connection[Any]
    made: int = 0
    size: int = 0

    def prepare(self) -> None:
        """Before the first case: foreign keys are kept by how rows are made, and the feed has had its past too."""
        self._do("SET session_replication_role = replica")
        self._do("SET enable_mergejoin = off")
        self._do("SET enable_nestloop = off")
        self._do("SET work_mem = '256MB'")
        self._do(f"UPDATE feed_counters SET seq = seq + {_FEED_BEGAN}")

    def take_patterns(self) -> None:
        """Every case closed so far, with all rows that belong to it, is what later ones are copied from."""
        self._do(
            "CREATE TEMP TABLE made AS SELECT id, opened_at, regexp_replace(number, '-[0-9]+-[0-9]+$', '') AS prefix, "
            "row_number() OVER (ORDER BY opened_at, id) - 1 AS rank FROM cases WHERE state = 'closed'"
        )
        for table, belongs in _ROWS.items():
            self._do(f"CREATE TEMP TABLE made_{table} AS SELECT m.rank, t.* FROM made m JOIN {table} t ON {belongs}")
            self._do(f"ANALYZE made_{table}")
        self.made = self.size = self.count("SELECT count(*) FROM made")

    def rows_a_case(self) -> dict[str, float]:
        """Rows that one closed case leaves in each table, on average."""
        return {table: self.count(f"SELECT count(*) FROM made_{table}") / self.made for table in _ROWS}

    def grow(self, size: int) -> float:
        """Copy until there are `size` closed cases; seconds that it took, without the cleaning up after it."""
        began = monotonic()
        self._do("DROP TABLE IF EXISTS copies")
        spread = {"first": self.size, "last": size - 1, "made": self.made, "days": DAYS - 1, "golden": _GOLDEN}
        self.admin.execute(_COPIES, spread)
        self._do("ANALYZE copies")
        for table in _ROWS:
            self._copy(table)
        self._do(
            "INSERT INTO case_counts SELECT station_id, opened_at::date, count(*) FROM cases "
            "WHERE state = 'closed' GROUP BY 1, 2 ON CONFLICT (station_id, day) DO NOTHING"
        )
        self.size = size
        took = monotonic() - began
        self.rest()
        return took

    def grow_bare(self, size: int) -> float:
        """Load rows of `cases` alone, by COPY, until there are `size`; seconds that it took."""
        began = monotonic()
        columns = [name for name, _ in self._columns("cases")]
        listed = ", ".join(f'"{name}"' for name in columns)
        with self.admin.cursor() as cursor:
            with cursor.copy(f"COPY (SELECT {listed} FROM made_cases) TO STDOUT") as out:
                patterns = b"".join(out).decode().splitlines()
            with cursor.copy(f"COPY cases ({listed}) FROM STDIN") as into:
                for lines in _bare_lines([p.split("\t") for p in patterns], columns, self.size, size):
                    into.write(lines)
        self.size = size
        took = monotonic() - began
        self.rest()
        return took

    def rest(self) -> None:
        """What autovacuum and the checkpointer would have done by and by."""
        self._do("VACUUM ANALYZE")
        self._do("CHECKPOINT")

    def some(self, count: int) -> list[tuple[str, str]]:
        """Ids and numbers of so many cases with all their rows, anywhere in the past."""
        rows = self.admin.execute(
            "SELECT c.id::text, c.number FROM cases c "
            "WHERE c.number = ANY(ARRAY(SELECT number FROM copies ORDER BY random() LIMIT %s))",
            [count],
        ).fetchall()
        return [(str(row[0]), str(row[1])) for row in rows]

    def under_way(self) -> int:
        """Texts, offers and feedbacks that have not come to their end."""
        return self.count(_UNDER_WAY)

    def gigabytes(self) -> float:
        """The database on disk, in 10⁹ bytes."""
        return round(self.count("SELECT pg_database_size(current_database())") / 1e9, 2)

    def count(self, statement: str) -> int:
        """The one number that a statement gives."""
        row = self._do(statement).fetchone()
        return int(row[0]) if row else 0

    def _copy(self, table: str) -> None:
        columns = self._columns(table)
        names = ", ".join(f'"{name}"' for name, _ in columns)
        values = ", ".join(_value(table, name, kind) for name, kind in columns)
        kept = f"WHERE k.shift < interval '{EVENT_DAYS} days'" if table == "events" else ""
        self._do(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM copies k JOIN made_{table} t ON t.rank = k.rank {kept}"
        )

    def _columns(self, table: str) -> list[tuple[str, str]]:
        """Names and types of what is written; numbers that the database itself gives are left to it."""
        rows = self.admin.execute(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = %s AND is_identity = 'NO' ORDER BY ordinal_position",
            [table],
        )
        return [(str(name), str(kind)) for name, kind in rows]

    def _do(self, statement: str) -> psycopg.Cursor[Any]:
        return self.admin.execute(statement)


def until(true: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Wait until it is so. Raises TimeoutError."""
    give_up = monotonic() + seconds
    while not true():
        if monotonic() > give_up:
            raise TimeoutError(f"{what} did not come in {seconds:g} s")
        sleep(0.02)


def _value(table: str, name: str, kind: str) -> str:
    column = f't."{name}"'
    if (table, name) in _OWN:
        return _OWN[table, name]
    if kind == "uuid" and name in _IDS:
        return f"(k.head || right({column}::text, 23))::uuid"
    return f"{column} - k.shift" if kind == "timestamp with time zone" else column


def _bare_lines(patterns: list[list[str]], columns: list[str], first: int, size: int) -> Iterator[str]:
    """Lines of COPY's text form, a thousand at a time, evenly spread over the two years and in order of time."""
    at = {name: columns.index(name) for name in columns}
    own = [at[name] for name in ("id", "number", "resident_phone_index")]
    moments = [at[name] for name in columns if name.endswith("_at")]
    opened = [datetime.fromisoformat(one[at["opened_at"]]) for one in patterns]
    prefixes = [one[at["number"]].rsplit("-", 2)[0] for one in patterns]
    lasted = [[_since(one[place], then) for place in moments] for one, then in zip(patterns, opened, strict=True)]
    step = timedelta(days=DAYS - 1) / (size - first)
    lines: list[str] = []
    for number in range(first, size):
        rank = number % len(patterns)
        row, then = patterns[rank].copy(), opened[rank] - timedelta(days=DAYS) + (number - first) * step
        row[own[0]] = f"{int(then.timestamp() * 1000):012x}7{random.getrandbits(76) & ~(3 << 62) | 2 << 62:019x}"
        row[own[1]] = f"{prefixes[rank]}-{then:%Y%m%d}-{number}"
        row[own[2]] = f"\\\\x{os.urandom(16).hex()}"
        for place, after in zip(moments, lasted[rank], strict=True):
            row[place] = r"\N" if after is None else (then + after).isoformat()
        lines.append("\t".join(row))
        if len(lines) == 1000:
            yield "\n".join(lines) + "\n"
            lines.clear()
    yield "".join(f"{line}\n" for line in lines)


def _since(moment: str, opened: datetime) -> timedelta | None:
    return None if moment == r"\N" else datetime.fromisoformat(moment) - opened
