"""Phones for tests that read like stories: `phone.expect_sms("接单")`, `phone.reply("1K73")`.

An unexpected text fails the test: end a story with `exchange.expect_nothing_else()`.
"""

import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from simulator.codes import reply_code
from simulator.exchange import create_exchange
from simulator.serving import Served
from simulator.settings import ExchangeSettings

_LONGEST_POLL = 5.0


@dataclass(frozen=True)
class Text:
    """A text in the exchange's ledger, as it was when last looked at."""

    seq: int
    sid: str
    direction: str
    phone: str
    body: str
    status: str
    received: bool
    webhook: int | None

    @property
    def code(self) -> str | None:
        """The reply code the text suggests."""
        return reply_code(self.body)


class Exchange:
    """A handset exchange of one's own in a thread, or (`Exchange.attach(url)`) one that runs elsewhere.

    Either way everything goes over HTTP. `url`, `account_sid`, `auth_token` and `number` are what a Twilio
    client needs. Use it as a context manager.
    """

    def __init__(self, settings: ExchangeSettings | None = None, *, url: str | None = None) -> None:
        wanted = settings or ExchangeSettings(sent_after=0, delivered_after=0, callback_backoff=0.05)
        self._served = Served(create_exchange(wanted)) if url is None else None
        self.url = self._served.url if self._served else str(url).rstrip("/")
        self.account_sid, self.auth_token, self.number = (
            wanted.account_sid,
            wanted.auth_token,
            wanted.from_number,
        )
        self._http = httpx.Client(base_url=self.url, timeout=30, trust_env=False)
        self._lock = threading.Lock()
        self._texts: dict[int, Text] = {}
        self._expected: set[int] = set()
        self._epoch, self._version = "", 0

    @classmethod
    def attach(cls, url: str, settings: ExchangeSettings | None = None) -> Self:
        """The exchange at `url`, in another process; `settings` say its credentials when they are not usual."""
        return cls(settings, url=url)

    def __enter__(self) -> Self:
        if self._served:
            self._served.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()
        if self._served:
            self._served.__exit__(kind, error, trace)

    def phone(self, number: str) -> "Phone":
        """The handset with this number in E.164."""
        return Phone(self, number)

    def post_inbound_to(self, url: str | None) -> None:
        """From now on texts from handsets are posted to this address."""
        self.control("inbound", {"url": url})

    def fault(self, phone: str | None = None, **what: Any) -> None:
        """Put a fault in force for one number or for all: the fields of `simulator.exchange.faults.Fault`."""
        self.control("faults", {"phone": phone, **what})

    def claim(self, player: str, *words: str, seconds: float = 120) -> None:
        """Texts with all these words are this player's for so long; the simulated volunteers leave them alone."""
        self.control("claims", {"player": player, "words": words, "seconds": seconds})

    def unclaim(self, player: str) -> None:
        """The player claims no further texts."""
        self._http.delete(f"/control/claims/{player}").raise_for_status()

    def reset(self) -> None:
        """Forget all texts, faults and opt-outs."""
        self.control("reset", {})

    def texts(self, phone: str | None = None) -> list[Text]:
        """All texts of the ledger in order, undelivered ones and those from handsets too."""
        self.look()
        with self._lock:
            return [text for _, text in sorted(self._texts.items()) if phone in {None, text.phone}]

    def unexpected(self, phone: str | None = None) -> list[Text]:
        """Texts that reached a handset and that nobody has expected yet, as known from the last look."""
        with self._lock:
            return [
                text
                for seq, text in sorted(self._texts.items())
                if text.received and seq not in self._expected and phone in {None, text.phone}
            ]

    def expect(self, text: Text) -> bool:
        """Tick a text off; False when somebody else has done so already."""
        with self._lock:
            if text.seq in self._expected:
                return False
            self._expected.add(text.seq)
            return True

    def forget(self) -> None:
        """Tick off everything so far: the story begins here."""
        self.look()
        for text in self.unexpected():
            self.expect(text)

    def expect_nothing_else(self, seconds: float = 0.3) -> None:
        """Fail when a handset received a text that was not expected, looking on for so long."""
        self._expect_silence(None, seconds)

    def look(self, wait: float = 0) -> None:
        """Read what changed; with `wait`, wait so long (seconds) for a change."""
        with self._lock:
            epoch, version = self._epoch, self._version
        query = {"epoch": epoch, "after": str(version), "wait": str(min(wait, _LONGEST_POLL))}
        answer = self._http.get("/control/ledger", params=query)
        answer.raise_for_status()
        self._learn(answer.json())

    def control(self, what: str, body: Any) -> Any:
        """POST to `/control/…`; raises httpx.HTTPStatusError with the exchange's words."""
        answer = self._http.post(f"/control/{what}", json=body)
        if answer.is_error:
            message = f"{answer.status_code} from the exchange: {answer.text}"
            raise httpx.HTTPStatusError(message, request=answer.request, response=answer)
        return answer.json()

    def _learn(self, book: dict[str, Any]) -> None:
        with self._lock:
            if book["epoch"] != self._epoch:
                self._texts, self._expected = {}, set()
                self._epoch, self._version = book["epoch"], 0
            if book["version"] < self._version:
                return
            self._version = book["version"]
            for entry in book["entries"]:
                self._texts[entry["seq"]] = _text(entry)

    def _expect_silence(self, phone: str | None, seconds: float) -> None:
        until = time.monotonic() + seconds
        self.look()
        while not self.unexpected(phone) and (left := until - time.monotonic()) > 0:
            self.look(left)
        if found := self.unexpected(phone):
            raise AssertionError("unexpected texts:\n" + _listed(found))


class Phone:
    """One handset."""

    def __init__(self, exchange: Exchange, number: str) -> None:
        self._exchange = exchange
        self.number = number

    def expect_sms(self, *parts: str, timeout: float = 10) -> str:
        """Wait for a text on this phone that contains every part; tick it off and return its body.

        Raises AssertionError after `timeout` seconds, naming what came instead.
        """
        until = time.monotonic() + timeout
        self._exchange.look()
        while True:
            for text in self._exchange.unexpected(self.number):
                if all(part in text.body for part in parts) and self._exchange.expect(text):
                    return text.body
            left = until - time.monotonic()
            if left <= 0:
                break
            self._exchange.look(left)
        came = _listed(self._exchange.unexpected(self.number)) or "  nothing"
        raise AssertionError(f"no text with {parts} on {self.number} in {timeout} s; instead came:\n{came}")

    def expect_silence(self, seconds: float = 0.5) -> None:
        """Fail when this phone holds, or receives within so many seconds, a text that was not expected."""
        self._exchange._expect_silence(self.number, seconds)  # noqa: SLF001 - phone and exchange are one helper

    def reply(self, body: str) -> str:
        """Send a text to the service; returns its MessageSid at once, the posting goes on by itself."""
        sent = self._exchange.control(f"handsets/{self.number}/send", {"body": body})
        return str(sent["sid"])

    def texts(self) -> list[Text]:
        """Everything to and from this phone, in order."""
        return self._exchange.texts(self.number)

    def switch_off(self) -> None:
        """Nothing reaches the phone any more: texts end as undelivered."""
        self._exchange.fault(self.number, phone_off=True)

    def switch_on(self) -> None:
        """The phone works again; any other fault of this number ends too."""
        self._exchange.fault(self.number)


def _text(entry: dict[str, Any]) -> Text:
    return Text(
        seq=entry["seq"],
        sid=entry["sid"],
        direction=entry["direction"],
        phone=entry["phone"],
        body=entry["body"],
        status=entry["status"],
        received=entry["received_at"] is not None,
        webhook=entry["webhook"],
    )


def _listed(texts: list[Text]) -> str:
    return "\n".join(f"  to {text.phone}: {text.body}" for text in texts)
