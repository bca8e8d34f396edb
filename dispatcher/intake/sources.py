"""Sources: who may send warning orders, their secrets, and a book of them that is quick to look into."""

import base64
import re
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from standardwebhooks.webhooks import Webhook

from dispatcher.db import Database
from dispatcher.errors import BadInput, Conflict, NotFound
from dispatcher.model import Place, PlaceKind, Source
from dispatcher.views import iso
from dispatcher.work import Work

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_SECRET_BYTES = 32
_LONGEST_URL = 2000


def add_source(work: Work, name: str, feedback_url: str | None = None, desk: str | None = None) -> str:
    """Let a centre send orders; gives its secret (`whsec_…`), which is shown this once.

    `desk` is the code of the station for orders that name none.
    Raises BadInput for a name that is no path segment or an address that is not http(s), Conflict for a name that
    is taken, NotFound for an unknown desk.
    """
    if not _NAME.fullmatch(name):
        raise BadInput("name: 1 to 64 letters, digits, dots, hyphens and underscores", field="name")
    _check_url(feedback_url)
    if work.session.scalar(select(Source.id).where(Source.name == name)):
        raise Conflict(f"there is a source {name} already", field="name")
    secret = _new_secret()
    work.session.add(
        Source(
            name=name,
            secrets=[{"secret": secret, "until": None}],
            feedback_url=feedback_url,
            desk_id=_desk(work.session, desk) if desk else None,
            limit_per_second=1000,
            added_at=work.now,
        )
    )
    work.audit("source.added", subject=name)
    return secret


def rotate_secret(work: Work, name: str, overlap: timedelta) -> str:
    """Give a source a new secret; the older ones are good for `overlap` longer, those that ran out are dropped.

    Raises NotFound.
    """
    source = work.session.scalar(select(Source).where(Source.name == name).with_for_update())
    if source is None:
        raise NotFound(f"there is no source {name}", field="name")
    secret = _new_secret()
    end = work.now + overlap
    kept = [
        {"secret": old["secret"], "until": iso(min(end, _until(old) or end))}
        for old in source.secrets
        if _good(old, work.now)
    ]
    source.secrets = [{"secret": secret, "until": None}, *kept]
    work.audit("source.secret_rotated", subject=name)
    return secret


@dataclass(frozen=True)
class KnownSource:
    """A source as the front door needs it."""

    id: UUID
    name: str
    desk_id: UUID | None
    limit_per_second: int
    keys: tuple[tuple[Webhook, datetime | None], ...]

    def keys_at(self, now: datetime) -> list[Webhook]:
        """The keys that are good now, newest first."""
        return [key for key, until in self.keys if until is None or now < until]


class SourceBook:
    """All sources, read again when two seconds old or when somebody does not find what they look for.

    Threads may share it. However many ask at once, one of them reads.
    """

    FRESH_S = 2.0

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._known: Mapping[str, KnownSource] = {}
        self._read_at = float("-inf")
        self._failed_at = float("-inf")
        self._failure: DBAPIError | None = None

    def at_hand(self, name: str) -> KnownSource | None:
        """The source when it is known and fresh; never waits."""
        return self._known.get(name) if time.monotonic() - self._read_at < self.FRESH_S else None

    def look_up(self, name: str, asked_at: float) -> KnownSource | None:
        """The source as it stood at `asked_at` (time.monotonic) or later; may wait for the database.

        Raises sqlalchemy.exc.DBAPIError when the database is away.
        """
        with self._lock:
            if self._read_at < asked_at:
                self._read(asked_at)
            return self._known.get(name)

    def _read(self, asked_at: float) -> None:
        """Read all; whoever waited while it failed fails with it, and does not wait once more."""
        if self._failure is not None and self._failed_at >= asked_at:
            raise self._failure
        since = time.monotonic()
        try:
            self._known = self._database.read(_read_all)
        except DBAPIError as error:
            self._failure, self._failed_at = error, since
            raise
        self._read_at, self._failure = since, None


def _read_all(session: Session) -> dict[str, KnownSource]:
    found = session.scalars(select(Source)).all()
    return {source.name: _known(source) for source in found}


def _known(source: Source) -> KnownSource:
    keys = tuple((Webhook(entry["secret"]), _until(entry)) for entry in source.secrets)
    return KnownSource(source.id, source.name, source.desk_id, source.limit_per_second, keys)


def _until(entry: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(entry["until"]) if entry["until"] else None


def _good(entry: Mapping[str, Any], now: datetime) -> bool:
    until = _until(entry)
    return until is None or now < until


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _check_url(url: str | None) -> None:
    if url is None:
        return
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or len(url) > _LONGEST_URL or not url.isprintable() or " " in url:
        raise BadInput("feedback: must be an http or https address", field="feedback")


def _desk(session: Session, code: str) -> UUID:
    found = session.scalar(select(Place.id).where(Place.code == code, Place.kind == PlaceKind.STATION))
    if found is None:
        raise NotFound(f"there is no station {code}", field="desk")
    return found
