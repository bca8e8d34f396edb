"""Volunteers with habits: each phone answers offers in its own way, the same way for the same seed."""

import heapq
import itertools
import logging
import random
import threading
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass

import httpx

from simulator.chance import chance
from simulator.codes import offer_code

_log = logging.getLogger(__name__)
_CLOSING = ("不用去", "已结束", "No need to go", "is over")
_MUMBLE = "收到"
_REMEMBERED = 5000
_LOOK_SECONDS = 1.0
_RAISES_ALARM, _FINDS_NOBODY, _FOUND_AFTER_ALL = 0.12, 0.2, 0.75


@dataclass(frozen=True)
class Habit:
    """What a phone's owner mostly does with an offer; the rest of the shares is silence. Times in seconds.

    Shares are above the 17-47% of published studies (field guide §2), so that a demonstration moves.
    """

    accepts: float
    declines: float
    mumbles: float
    thinks: float
    walks: float
    talks: float


@dataclass(frozen=True)
class Act:
    """A text that the volunteer sends `after` seconds from the offer."""

    after: float
    body: str


def habit_of(phone: str, seed: int) -> Habit:
    """The habit of this phone."""
    luck = chance("habit", seed, phone)
    return Habit(
        accepts=luck.uniform(0.35, 0.75),
        declines=luck.uniform(0.05, 0.15),
        mumbles=luck.choice((0, 0, 0, 0.1)),
        thinks=luck.uniform(3, 15),
        walks=luck.uniform(15, 50),
        talks=luck.uniform(15, 50),
    )


def answers(phone: str, code: str, seed: int, turn: int = 0) -> list[Act]:
    """What the phone sends after an offer with this code; `turn` counts offers of the code (asked again: 1)."""
    habit = habit_of(phone, seed)
    luck = chance("offer", seed, phone, code, turn)
    roll, first = luck.random(), habit.thinks * luck.uniform(0.5, 1.5)
    if roll < habit.accepts:
        return _go(code, habit, luck, first)
    if roll < habit.accepts + habit.declines:
        return [Act(first, _typed("2", code, luck))]
    if roll < habit.accepts + habit.declines + habit.mumbles:
        return [Act(first, _MUMBLE)]
    return []


def _go(code: str, habit: Habit, luck: random.Random, first: float) -> list[Act]:
    arrived = first + habit.walks * luck.uniform(0.7, 1.3)
    done = arrived + habit.talks * luck.uniform(0.7, 1.3)
    acts = [Act(first, _typed("1", code, luck)), Act(arrived, _typed("3", code, luck))]
    if luck.random() < _RAISES_ALARM:
        acts.append(Act((arrived + done) / 2, _typed("6", code, luck)))
    if luck.random() >= _FINDS_NOBODY:
        return [*acts, Act(done, _typed("4", code, luck))]
    # Who finds nobody goes on looking: mostly the resident turns up near by, else somebody else is to try.
    later = done + habit.talks * luck.uniform(1.5, 3)
    result = "4" if luck.random() < _FOUND_AFTER_ALL else "2"
    return [*acts, Act(done, _typed("5", code, luck)), Act(later, _typed(result, code, luck))]


def _typed(digit: str, code: str, luck: random.Random) -> str:
    """A reply as people type it: either order, any case, full width, with a space (contract: SMS)."""
    wide = chr(ord(digit) - ord("0") + ord("０"))
    usual = f"{digit}{code}"
    return luck.choice((usual, usual, usual, usual.lower(), f"{digit} {code}", f"{code}{digit}", f"{wide}{code}"))


class Volunteers:
    """Everybody's agenda: what is to be sent when. Pure: times come in as arguments, in seconds."""

    def __init__(self, seed: int, pace: float = 1.0) -> None:
        self._seed = seed
        self._pace = pace
        self._agenda: list[tuple[float, int, str, str, str]] = []
        self._number = itertools.count()
        self._turns: OrderedDict[tuple[str, str], int] = OrderedDict()

    def receive(self, phone: str, body: str, now: float) -> None:
        """A phone received a text: an offer is planned for, a closing text ends the plans for its code."""
        code = offer_code(body)
        if code:
            for act in answers(phone, code, self._seed, self._turn(phone, code)):
                entry = (now + act.after / self._pace, next(self._number), phone, code, act.body)
                heapq.heappush(self._agenda, entry)
        elif any(word in body for word in _CLOSING):
            self._agenda = [item for item in self._agenda if item[2] != phone or item[3] not in body]
            heapq.heapify(self._agenda)

    def due(self, now: float) -> list[tuple[str, str]]:
        """What is to be sent by now, as (phone, body), earliest first; it is sent once."""
        ready = []
        while self._agenda and self._agenda[0][0] <= now:
            _, _, phone, _, body = heapq.heappop(self._agenda)
            ready.append((phone, body))
        return ready

    def pause(self, now: float) -> float:
        """How long nothing is due, at most one look."""
        return min(max(self._agenda[0][0] - now, 0.0), _LOOK_SECONDS) if self._agenda else _LOOK_SECONDS

    def _turn(self, phone: str, code: str) -> int:
        turn = self._turns.pop((phone, code), -1) + 1
        self._turns[phone, code] = turn
        if len(self._turns) > _REMEMBERED:
            self._turns.popitem(last=False)
        return turn


class Watch:
    """Lets volunteers live at a running exchange: reads its ledger, sends what is due, until stopped."""

    def __init__(self, exchange_url: str, volunteers: Volunteers, stop: threading.Event) -> None:
        self._volunteers = volunteers
        self._stop = stop
        self._http = httpx.Client(base_url=exchange_url, timeout=10, trust_env=False)
        self._epoch, self._version = "", 0
        self._history = True
        self.sent: Counter[str] = Counter()
        self.ready = threading.Event()

    def run(self) -> None:
        """Answer until the stop event; texts that were there before are left alone."""
        with self._http:
            while not self._stop.is_set():
                try:
                    self._look()
                    self._send()
                except (httpx.HTTPError, ValueError) as trouble:
                    _log.info("the exchange does not answer: %s", type(trouble).__name__)
                    self._stop.wait(_LOOK_SECONDS)

    def _look(self) -> None:
        wait = 0.0 if self._history else self._volunteers.pause(time.monotonic())
        query = {"epoch": self._epoch, "after": str(self._version), "wait": f"{wait:.3f}"}
        book = self._http.get("/control/ledger", params=query).raise_for_status().json()
        for entry in book["entries"]:
            self._read(entry)
        self._epoch, self._version, self._history = book["epoch"], book["version"], False
        self.ready.set()

    def _read(self, entry: dict[str, str | None]) -> None:
        """A text changes for the last time when the handset shows it, so it is read once. A story's is the story's."""
        theirs = entry["direction"] != "inbound" and not entry.get("player")
        if theirs and entry["received_at"] and not self._history:
            self._volunteers.receive(str(entry["phone"]), str(entry["body"]), time.monotonic())

    def _send(self) -> None:
        for phone, body in self._volunteers.due(time.monotonic()):
            answer = self._http.post(f"/control/handsets/{phone}/send", json={"body": body})
            self.sent["refused" if answer.is_error else "sent"] += 1
