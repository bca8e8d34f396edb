import asyncio
import contextlib
import secrets
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, Literal

from simulator.codes import reply_code
from simulator.exchange.segments import segments

Direction = Literal["outbound-api", "outbound-reply", "inbound"]


@dataclass(kw_only=True)
class Entry:
    """One text, in Twilio's words: `outbound-api` to a handset, `inbound` from one, `outbound-reply` Twilio's own.

    `received_at` is when the handset showed it, None while (or because) it did not. `webhook` is the HTTP
    status of the last attempt to hand an inbound text over; 0 when there was no answer. `player` claimed the text.
    """

    seq: int
    version: int
    sid: str
    direction: Direction
    sender: str
    to: str
    body: str
    status: str
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None = None
    received_at: datetime | None = None
    error_code: int | None = None
    messaging_service_sid: str | None = None
    status_callback: str | None = None
    webhook: int | None = None
    player: str | None = None

    @property
    def phone(self) -> str:
        """The handset's number."""
        return self.sender if self.direction == "inbound" else self.to

    def as_json(self) -> dict[str, Any]:
        """The entry as `/control/ledger` shows it."""
        return {
            "seq": self.seq,
            "sid": self.sid,
            "direction": self.direction,
            "phone": self.phone,
            "from": self.sender,
            "to": self.to,
            "body": self.body,
            "code": reply_code(self.body) if self.direction != "inbound" else None,
            "segments": segments(self.body),
            "status": self.status,
            "error_code": self.error_code,
            "at": self.created_at.isoformat(),
            "received_at": self.received_at.isoformat() if self.received_at else None,
            "webhook": self.webhook,
            "player": self.player,
        }


class Ledger:
    """Every accepted message and every text from a handset, in order; the oldest beyond `keep` are forgotten.

    Every change raises `version`; a reader asks for what changed after the version it knows. `epoch` changes
    when the ledger starts anew, so that a reader of an earlier one begins at the start.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._by_change: OrderedDict[str, Entry] = OrderedDict()
        self._changed = asyncio.Event()
        self._seq = 0
        self._closed = False
        self.version = 0
        self.forgotten = 0
        self.epoch = secrets.token_hex(4)

    def add(self, direction: Direction, sender: str, to: str, body: str, **fields: Any) -> Entry:
        """Book a text under a new sid."""
        self._seq += 1
        now = datetime.now(UTC)
        entry = Entry(
            seq=self._seq,
            version=0,
            sid="SM" + secrets.token_hex(16),
            direction=direction,
            sender=sender,
            to=to,
            body=body,
            created_at=now,
            updated_at=now,
            **fields,
        )
        self._entries[entry.sid] = entry
        if len(self._entries) > self._keep:
            oldest, _ = self._entries.popitem(last=False)
            self._by_change.pop(oldest, None)
            self.forgotten += 1
        self._touch(entry)
        return entry

    def move(self, entry: Entry, status: str, error_code: int | None = None) -> None:
        """Set a message's status, and with it the times that belong to it."""
        now = datetime.now(UTC)
        entry.status, entry.error_code, entry.updated_at = status, error_code, now
        if status == "sent":
            entry.sent_at = now
        if status == "delivered":
            entry.sent_at = entry.sent_at or now
            entry.received_at = now
        self._touch(entry)

    def handed_over(self, entry: Entry, answer: int) -> None:
        """Note how the service answered an inbound text (0: no answer)."""
        entry.webhook = answer
        self._touch(entry)

    def find(self, sid: str) -> Entry | None:
        """The entry with this sid, while it is remembered."""
        return self._entries.get(sid)

    def newest_first(self) -> Iterator[Entry]:
        """All remembered entries, the newest first."""
        return reversed(self._entries.values())

    def since(self, version: int) -> list[Entry]:
        """What changed after the version, in the order of the texts."""
        changed = takewhile(lambda entry: entry.version > version, reversed(self._by_change.values()))
        return sorted(changed, key=lambda entry: entry.seq)

    async def wait(self, version: int, seconds: float) -> None:
        """Return when something changed after the version, the ledger closed, or the time is over."""
        if self.version > version or self._closed:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    def clear(self) -> None:
        """Start anew: no entries, a new epoch."""
        self._entries.clear()
        self._by_change.clear()
        self.forgotten = 0
        self.epoch = secrets.token_hex(4)
        self.version += 1
        self._wake()

    def close(self) -> None:
        """Let every waiting reader go: the exchange is stopping."""
        self._closed = True
        self._wake()

    def _touch(self, entry: Entry) -> None:
        self.version += 1
        entry.version = self.version
        if entry.sid in self._entries:
            self._by_change[entry.sid] = entry
            self._by_change.move_to_end(entry.sid)
        self._wake()

    def _wake(self) -> None:
        waiting, self._changed = self._changed, asyncio.Event()
        waiting.set()
