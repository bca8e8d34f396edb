"""What a story is played on: the service's public doors, and waiting until what was done is to be seen there."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

from simulator.centre import Centre
from simulator.codes import offer_code
from simulator.handset import Exchange, Text
from simulator.officer import Officer, Refused

_LOOK_EVERY_S = 0.1
_ASKED = frozenset({"queued", "sent", "delivered"})

T = TypeVar("T")


class TakenOver(Exception):
    """Somebody else acted first: the story must leave the case to them."""


class Stuck(Exception):
    """What must come about did not, for longer than anybody waits."""


class Stopped(Exception):
    """The demonstration is ending."""


@dataclass(frozen=True)
class Asked:
    """Somebody who was asked: their phone, the code in their text, their id, and how long they would take."""

    phone: str
    code: str
    volunteer: str
    eta_s: int


class Stage:
    """The centre, the phones and the officers of one story; `run` makes its alert numbers and phones its own.

    Everything waits until it is to be seen from outside, at most `patience_s` seconds, and raises Stuck then.
    With `stop` set, whatever waits raises Stopped.
    """

    def __init__(
        self,
        centre: Centre,
        exchange: Exchange,
        officers: Sequence[Officer],
        *,
        station: str = "440306-LT",
        run: str | None = None,
        patience_s: float = 120.0,
        stop: threading.Event | None = None,
    ) -> None:
        self.centre, self.exchange, self.officers = centre, exchange, officers
        self.station = station
        self.run = run or f"{datetime.now(UTC):%Y%m%d%H%M%S%f}"[:-3]
        self._patience_s = patience_s
        self._stop = stop or threading.Event()

    @property
    def officer(self) -> Officer:
        """The one at the desk."""
        return self.officers[0]

    def pause(self, seconds: float) -> None:
        """Let people look. Raises Stopped."""
        if self._stop.wait(seconds):
            raise Stopped

    def until(self, look: Callable[[], T | None], what: str) -> T:
        """Look until there is something; gives it. Raises Stuck with `what`, Stopped."""
        give_up = time.monotonic() + self._patience_s
        while not (found := look()):
            if time.monotonic() > give_up:
                raise Stuck(f"it never came about: {what}")
            self.pause(_LOOK_EVERY_S)
        return found

    def order(self, order: dict[str, Any], *, event: str = "alert.raised") -> str:
        """The centre sends an order; gives the case it became. Raises Stuck when it was not taken."""
        receipt = self.centre.send_alert(order, event=event, pause=self.pause)
        if receipt.case_id is None:
            raise Stuck(f"the order was answered {receipt.status}: {receipt.body.get('detail', '')}")
        return receipt.case_id

    def case(self, case_id: str) -> dict[str, Any]:
        """CASE as the desk sees it."""
        found: dict[str, Any] = self.officer.page(case_id)["case"]
        return found

    def until_case(self, case_id: str, holds: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Wait until the case looks like this. Raises TakenOver when it is closed instead."""

        def look() -> dict[str, Any] | None:
            case = self.case(case_id)
            if holds(case):
                return case
            if case["state"] == "closed":
                raise TakenOver(f"{case['number']} {case['disposition']}")
            return None

        return self.until(look, what)

    def asked(self, case_id: str) -> list[Asked]:
        """Everybody who is asked about the case and has the text on the phone, the nearest first.

        Raises TakenOver when somebody has accepted already, or the case is closed.
        """

        def look() -> list[Asked] | None:
            page = self.officer.page(case_id)
            if page["case"]["state"] == "closed" or "accepted" in {o["state"] for o in page["case"]["offers"]}:
                raise TakenOver(f"{page['case']['number']} {page['case']['state']}")
            return self._on_phones(page)

        return self.until(look, "offers on the phones")

    def ask_nearest(self, case_id: str, lon: float, lat: float, note: str) -> Asked:
        """The officer asks by hand whoever is free and nearest to the place; gives them once they have the text.

        Raises Refused when the case cannot be asked for, Stuck when nobody is free.
        """
        free = [person for person in self.officer.volunteers() if person["task"] is None and person["position"]]
        for person in sorted(free, key=lambda one: _square(one["position"], lon, lat)):
            try:
                self.officer.ask(case_id, person["id"], note)
            except Refused as no:
                if no.field != "volunteer":
                    raise
            else:
                found = self.until(lambda: self._on_phones(self.officer.page(case_id)), "the offer on the phone")
                return next(one for one in found if one.volunteer == person["id"])
        raise Stuck("nobody is free")

    def says(self, case_id: str, who: Asked, digit: int) -> str:
        """They reply with the digit and their code; gives the text. Raises TakenOver when it did not count."""
        body = f"{digit}{who.code}"
        self.exchange.phone(who.phone).reply(body)

        def heard() -> str | None:
            texts = self.officer.page(case_id)["texts"]
            return next((t["state"] for t in texts if (t["volunteer"], t["body"]) == (who.volunteer, body)), None)

        outcome = self.until(heard, f"{body} heard")
        if outcome != "done":
            raise TakenOver(f"{body}: {outcome}")
        return body

    def share_position(self, who: Asked, lon: float, lat: float) -> None:
        """Their page tells where they are, WGS-84 (contract: Links). Raises TakenOver when they are not under way."""
        body = next(t.body for t in self.exchange.texts(who.phone) if offer_code(t.body) == who.code)
        link = next(word for word in body.split() if word.startswith("http"))
        place = {"lon": lon, "lat": lat, "crs": "wgs84"}
        answer = httpx.post(f"{link}/position", json=place, timeout=20, trust_env=False)
        if answer.status_code == httpx.codes.CONFLICT:
            raise TakenOver(f"{who.code}: not under way")
        answer.raise_for_status()

    def text(self, phone: str, *parts: str) -> str:
        """Wait for a text with these parts on the phone, and tick it off; gives its body."""

        def look() -> str | None:
            self.exchange.look()
            found = (t for t in self.exchange.unexpected(phone) if all(part in t.body for part in parts))
            return next((t.body for t in found if self.exchange.expect(t)), None)

        return self.until(look, f"a text with {parts}")

    def _on_phones(self, page: dict[str, Any]) -> list[Asked] | None:
        """Everybody who is asked at this moment, the nearest first; None until all of them have the text."""
        etas = {o["volunteer"]: o["eta_s"] or 0 for o in page["case"]["offers"] if o["state"] in _ASKED}
        on_phones = self.exchange.texts()
        # Somebody may be asked again by hand: their newest text is the one that counts.
        newest = {row["volunteer"]: row for row in page["texts"] if row["template"] == "offer"}
        found = [self._asked(newest[person], eta_s, on_phones) for person, eta_s in etas.items() if person in newest]
        people = [one for one in found if one]
        return sorted(people, key=lambda one: one.eta_s) if etas and len(people) == len(etas) else None

    def _asked(self, row: dict[str, Any], eta_s: int, on_phones: Sequence[Text]) -> Asked | None:
        """The phone that got the text of this row: the console masks the number, so the code and its ends tell."""
        code = offer_code(row["body"] or "")
        for text in reversed(on_phones):
            if code and text.received and text.code and offer_code(text.body) == code and _fits(row["phone"], text):
                self.exchange.expect(text)
                return Asked(text.phone, code, row["volunteer"], eta_s)
        return None


def _square(position: dict[str, Any], lon: float, lat: float) -> float:
    """Grows with the distance; good enough for telling who is nearer within one street."""
    return float((position["lon"] - lon) ** 2 + (position["lat"] - lat) ** 2)


def _fits(masked: str, text: Text) -> bool:
    head, _, tail = masked.partition("****")
    return text.direction != "inbound" and head in text.phone and text.phone.endswith(tail)
