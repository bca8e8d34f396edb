"""A console that never gives up: it resumes after every break, and every number must be the next one."""

import json
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as connect_socket

from laboratory.history import History
from laboratory.town import BY_HAND, MOST
from tests.line.service import STATION

_ASKED = frozenset({"queued", "sent", "delivered"})
_MANY = 1000
_ANSWER_S, _LOOK_S, _AGAIN_S = 10.0, 0.5, 0.3


class Follower:
    """One console of the first station. `cases` is what its screen shows: the last word on every open case.

    `expired` is every offer that it was told has expired.
    """

    def __init__(self, url: str, name: str, password: str, history: History) -> None:
        self.cases: dict[str, dict[str, Any]] = {}
        self.seq, self.epoch = -1, ""
        self.expired: list[str] = []
        self._people: dict[str, int] = {}
        self._most: dict[str, int] = {}
        self._unsure: set[str] = set()
        self._url = url
        self._credentials = {"username": name, "password": password}
        self._history = history
        self._stop = threading.Event()
        self._cookie = ""

    def run(self) -> None:
        """Follow until `stop`."""
        while not self._stop.is_set():
            try:
                self._follow()
            except (OSError, httpx.HTTPError, WebSocketException):
                self._stop.wait(_AGAIN_S)

    def stop(self) -> None:
        """Look away."""
        self._stop.set()

    def look_once(self) -> None:
        """One connection, and whatever comes at once. Raises OSError, HTTPError or WebSocketException."""
        with self.connect() as line:
            self._read(json.loads(line.recv(_ANSWER_S)))

    def _follow(self) -> None:
        with self.connect() as line:
            while not self._stop.is_set():
                try:
                    frame = line.recv(_LOOK_S)
                except TimeoutError:
                    continue
                self._read(json.loads(frame))

    @contextmanager
    def connect(self) -> Iterator[ClientConnection]:
        """A line that has asked for what it needs. Raises OSError, HTTPError or WebSocketException."""
        if not self._cookie:
            self.sign_in()
        address = f"{self._url.replace('http', 'ws', 1)}/ws/console?station={STATION}"
        opened: AbstractContextManager[ClientConnection] = connect_socket(
            address,
            additional_headers={"Cookie": self._cookie},
            proxy=None,
            max_size=None,
            open_timeout=_ANSWER_S,
            close_timeout=1,
        )
        resume = {"type": "resume", "epoch": self.epoch, "seq": self.seq}
        with opened as line:
            line.send(json.dumps(resume if self.seq >= 0 else {"type": "start"}))
            yield line

    def share(self, other: "Follower") -> None:
        """The same officer's session."""
        self._cookie = other._cookie

    def sign_in(self) -> None:
        """By password."""
        answer = httpx.post(f"{self._url}/api/session", json=self._credentials, timeout=_ANSWER_S, trust_env=False)
        answer.raise_for_status()
        self._cookie = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())

    def _read(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "snapshot":
            self.epoch, self.seq = frame["epoch"], frame["seq"]
            self.cases = {case["id"]: case for case in frame["cases"]}
            self._people = dict.fromkeys(self.cases, _MANY)  # how many were wanted before, a snapshot does not say
        elif frame["type"] == "event":
            if frame["seq"] != self.seq + 1:
                self._history.broken(f"I4: a console at {self.seq} was sent {frame['seq']}")
            self.seq = frame["seq"]
            if frame["kind"] == "offer.expired":
                self.expired.append(frame["data"]["offer"])
            elif frame["kind"] == "offer.doubtful":
                self._unsure.add(frame["data"]["offer"])
            self._show(frame["case"])
            if frame["case"]:
                self._count_people(frame["kind"], frame["case"])
                self._count_asked(frame["case"])

    def _count_people(self, kind: str, case: dict[str, Any]) -> None:
        """One person is wanted on a case, and one more each time that a second is."""
        wanted = self._people.get(case["id"], 1) + (kind == "case.second_wanted")
        self._people[case["id"]] = wanted
        on_it = sum(offer["state"] == "accepted" for offer in case["offers"])
        if on_it > wanted:
            self._history.broken(f"I2: {on_it} people are on case {case['id']}, which wants {wanted}")

    def _count_asked(self, case: dict[str, Any]) -> None:
        """No more are asked at once than its gravest level allows, or than are wanted.

        Whoever was asked in the place of somebody whose text may not have arrived is one more, also when it has.
        """
        most = self._most[case["id"]] = max(self._most.get(case["id"], 0), MOST[case["level"]])
        asked = [offer["id"] for offer in case["offers"] if offer["state"] in _ASKED and not _by_hand(offer)]
        count = len(set(asked) - self._unsure)
        if count > max(most, self._people[case["id"]]):
            self._history.broken(f"I2: {count} people are asked at once for case {case['id']}, and {most} may be")

    def _show(self, case: dict[str, Any] | None) -> None:
        if case is None:
            return
        if case["state"] == "closed":
            self.cases.pop(case["id"], None)
        else:
            self.cases[case["id"]] = case


def _by_hand(offer: dict[str, Any]) -> bool:
    return bool(offer["reason"]["en"] == BY_HAND)
