"""From committed to received: every event to a thousand consoles, beside a bare broadcast of the same bytes.

A real service whose events are committed from here, against `websockets` alone that replays the very same frames at
the same distances; the same consoles listen to both. Then all lines are cut and come again at one moment.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
from sqlalchemy import select

from benchmarks.listeners import Child
from benchmarks.rows import Row, compared, written
from benchmarks.senders import order
from benchmarks.service import OFFICER, PASSWORD, STATION, Running, add_officer, running, settle
from benchmarks.usage import Usage, watched
from bluevest.commands.context import opened
from dispatcher.db import Database
from dispatcher.jobs import Job, Waker
from dispatcher.lifecycle import CaseState
from dispatcher.model import Case, FeedCounter, Place, Volunteer
from dispatcher.work import Work
from simulator.centre import Centre
from simulator.handset import Exchange

CONSOLES, EVENTS_A_SECOND = 1000, 50
PAIRS, WARM_UP_S, SECONDS = 3, 3, 15
CASES, PEOPLE = 40, 40
MISSED = 10
"""Events that happen while all lines are cut; the first of them is a console's first frame after it came again."""
AT_MOST = 1.2
_PATIENCE_S = 60.0
_LOOK_S = 0.1
_QUIET_S = 2.0
_SWITCH_S = 0.0005


@dataclass
class Round:
    """Milliseconds, median, p99 and the longest: of events, of the first connecting and of coming again.

    `lag_ms` is how much later than planned the last event was sent; `usage` is the server's while events were sent.
    """

    consoles: int
    latency_ms: dict[str, float]
    connect_ms: dict[str, float]
    reconnect_ms: dict[str, float]
    lag_ms: float
    usage: Usage


class Stamping:
    """Notes the moment between the commit and the nudge to the hubs."""

    def __init__(self, waker: Waker) -> None:
        self.at = 0.0
        self._waker = waker

    def wake(self, job: Job, key: str = "") -> bool:
        return self._waker.wake(job, key)

    def nudge(self, station_id: str) -> None:
        self.at = time.monotonic()
        self._waker.nudge(station_id)


class Ours:
    """Commits events into the database of the running service: every other one moves a person, the rest a case."""

    def __init__(self, service: Running, database: Database, cookie: str) -> None:
        self.port, self.cookie, self.pid = urlsplit(service.url).port or 0, cookie, service.pid
        self._stamps = Stamping(database.waker)
        self._database = Database(database.engine, waker=self._stamps)
        self._done = 0
        open_cases = select(Case.id).where(Case.state != CaseState.CLOSED).order_by(Case.id)
        self._cases = database.read(lambda session: list(session.scalars(open_cases)))
        self._people = database.read(lambda session: list(session.scalars(select(Volunteer.id).order_by(Volunteer.id))))

    def play(self, count: int) -> list[float]:
        """What is behind its time is sent at once. Raises RuntimeError when there were other events."""
        first, before, began = self._done, self._seq(), time.monotonic()
        sent = []
        for number in range(first, first + count):
            time.sleep(max(0.0, began + (number - first) / EVENTS_A_SECOND - time.monotonic()))
            self._database.transact(partial(self._event, number))
            sent.append(self._stamps.at)
        self._done += count
        if self._seq() != before + count:
            raise RuntimeError("there were other events than those of the measurement")
        return sent

    def _event(self, number: int, work: Work) -> None:
        if number % 2:
            person = work.session.get_one(Volunteer, self._people[number * 7 % len(self._people)])
            person.page_lon = (person.page_lon or 0) + (0.0002 if number % 4 == 1 else -0.0002)
            person.page_at = work.now
            work.emit("volunteer.changed", person.station_id, volunteer=person)
        else:
            case = work.session.get_one(Case, self._cases[number * 13 % len(self._cases)])
            case.alert_count += 1
            work.emit_case("case.repeated", case)

    def _seq(self) -> int:
        asked = select(FeedCounter.seq).join(Place, Place.id == FeedCounter.station_id).where(Place.code == STATION)
        return self._database.read(lambda session: session.scalars(asked).one())


class Beside:
    """The bare server, which replays what a round of ours has sent."""

    cookie = ""

    def __init__(self, server: Child) -> None:
        self._server = server
        self.port, self.pid = int(server.hear()), server.pid

    def play(self, count: int) -> list[float]:
        sent: list[float] = self._server.tell(f"play {count}")
        return sent


def measure(
    consoles: int = CONSOLES, pairs: int = PAIRS, warm_up_s: int = WARM_UP_S, seconds: int = SECONDS
) -> dict[str, Any]:
    """Milliseconds from committed to received, and from the moment of connecting to the first frame.

    Raises RuntimeError when a console did not get every event, in order and once.
    """
    ours: list[Round] = []
    bare: list[Round] = []
    with Exchange() as exchange, running(exchange, people=PEOPLE, on_duty=False) as service:
        _fill(service)
        with opened(service.data) as handle, _quick_switches():
            handle.database.transact(settle)
            sender = Ours(service, handle.database, _sign_in(service.url))
            for _ in range(pairs):
                one, recorded = _round(sender, consoles, warm_up_s, seconds)
                ours.append(one)
                with _beside(recorded) as server:
                    bare.append(_round(server, consoles, warm_up_s, seconds)[0])
    return {
        "consoles": consoles, "events_a_second": EVENTS_A_SECOND, "seconds": seconds, "cases": CASES, "people": PEOPLE,
        "frame_bytes": round(median(len(frame.encode()) for frame in recorded["frames"][1:])),
        "snapshot_bytes": len(recorded["frames"][0].encode()),
        "rows": written(_rows(ours, bare)),
        "ours_ms": _middle(ours), "bare_ms": _middle(bare),
        "usage": {"service": _spent(ours), "bare server": _spent(bare)},
        "rounds": {"ours": [asdict(one) for one in ours], "bare": [asdict(one) for one in bare]},
    }  # fmt: skip


def _round(sender: "Ours | Beside", consoles: int, warm_up_s: int, seconds: int) -> tuple[Round, dict[str, Any]]:
    """Connect, warm up, the measured events, cut all lines, come again. Also gives what was sent, and when."""
    room = Child("consoles", str(sender.port), str(consoles), sender.cookie)
    try:
        connected = _open(room, consoles)
        sent = sender.play(warm_up_s * EVENTS_A_SECOND)
        with watched(sender.pid) as usage:
            counted = sender.play(seconds * EVENTS_A_SECOND)
            last = connected["seq"] + len(sent) + len(counted)
            _wait(room, "seq", last)
        latencies = _latencies(room, last, counted)
        room.tell("close")
        time.sleep(_QUIET_S)
        missed = sender.play(MISSED)
        again = _open(room, consoles)
        _wait(room, "seq", last + MISSED)
        recorded = {"frames": _recorded(room), "at": [*sent, *counted, *missed]}
    finally:
        room.end()
    connect, reconnect = (_spread([1000 * second for second in one["first_s"]]) for one in (connected, again))
    lag_ms = 1000 * (counted[-1] - counted[0] - (len(counted) - 1) / EVENTS_A_SECOND)
    return Round(consoles, _spread(latencies), connect, reconnect, lag_ms, usage), recorded


def _open(room: Child, consoles: int) -> Any:
    """All at one moment, until each has its first frame."""
    room.tell("open")
    return _wait(room, "first", consoles)


def _wait(room: Child, what: str, until: int) -> Any:
    """Raises RuntimeError after a minute without it."""
    began = time.monotonic()
    while (state := room.tell("state"))[what] < until:
        if time.monotonic() - began > _PATIENCE_S:
            raise RuntimeError(f"after a minute only {state[what]} of {until} by {what}")
        time.sleep(_LOOK_S)
    return state


def _latencies(room: Child, last: int, sent: Sequence[float]) -> Any:
    """Milliseconds of each event at each console."""
    with tempfile.NamedTemporaryFile() as file:
        room.tell(f"report {last - len(sent) + 1} {last} {file.name}")
        received = np.fromfile(file.name).reshape(-1, len(sent))
    return (received - np.array(sent)) * 1000


def _recorded(room: Child) -> Any:
    with tempfile.NamedTemporaryFile() as file:
        room.tell(f"record {file.name}")
        return json.loads(Path(file.name).read_text())


@contextmanager
def _beside(recorded: dict[str, Any]) -> Iterator[Beside]:
    with tempfile.NamedTemporaryFile("w") as file:
        json.dump(recorded, file)
        file.flush()
        server = Child("bare", file.name)
        try:
            yield Beside(server)
        finally:
            server.end()


@contextmanager
def _quick_switches() -> Iterator[None]:
    """So that looking at memory, in a thread of this process, does not hold up the events."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _fill(service: Running) -> None:
    add_officer(service)
    with Centre(service.url, "bench", service.secret) as centre:
        for number in range(CASES):
            centre.send_alert(order(number, STATION, "FAN"))


def _sign_in(url: str) -> str:
    """The cookie of the one officer whose consoles they all are."""
    answer = httpx.post(f"{url}/api/session", json={"username": OFFICER, "password": PASSWORD}, trust_env=False)
    answer.raise_for_status()
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


def _rows(ours: Sequence[Round], bare: Sequence[Round]) -> list[Row]:
    beside = "bare broadcast"

    def row(figure: str, what: str, key: str, at_most: float | None = None) -> Row:
        mine, others = ([getattr(one, what)[key] for one in rounds] for rounds in (ours, bare))
        return compared(figure, "ms", mine, beside, others, at_most=at_most)

    many = f"{ours[0].consoles:,} consoles"
    return [
        row(f"d. committed → received, {many} × {EVENTS_A_SECOND}/s, p99", "latency_ms", "p99", AT_MOST),
        row(f"d. committed → received, {many} × {EVENTS_A_SECOND}/s, median", "latency_ms", "median"),
        *(row(f"d. {many} come again at once, {key}", "reconnect_ms", key) for key in ("median", "p99", "last")),
        *(row(f"d. {many} start at once, {key}", "connect_ms", key) for key in ("median", "p99", "last")),
    ]


def _spread(values: Any) -> dict[str, float]:
    middle, high, last = np.percentile(values, (50, 99, 100))
    return {"median": round(float(middle), 2), "p99": round(float(high), 2), "last": round(float(last), 2)}


def _middle(rounds: Sequence[Round]) -> dict[str, float]:
    return {key: median(one.latency_ms[key] for one in rounds) for key in rounds[0].latency_ms}


def _spent(rounds: Sequence[Round]) -> dict[str, Any]:
    """CPU seconds of the middle round's events, megabytes of the largest."""
    largest = max((one.usage for one in rounds), key=lambda usage: usage.peak_mb)
    return asdict(largest) | {"cpu_s": median(one.usage.cpu_s for one in rounds)}
