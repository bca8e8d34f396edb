"""The world around the service while things break: a centre, volunteers, two consoles; all of it is recorded."""

import base64
import json
import secrets
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx

from dispatcher.geo.xixiang import STREET
from laboratory.follower import Follower
from laboratory.history import Act, History, Order
from laboratory.house import House
from laboratory.town import NEIGHBOUR, POLICY, ground, roster
from simulator.centre import Centre, FeedbackReceiver
from simulator.day import Deed, deeds
from simulator.desk import Desk, Patience
from simulator.officer import Officer, Refused
from simulator.volunteers import Volunteers, Watch
from tests.line.service import SOURCE, STATION, Command

OFFICER = "li.na"
PACE, ORDER_PACE = 8.0, 15.0
"""So many times faster than life do people answer, and orders come: about one a second, bursts among them."""
_AT_ONCE, _INSIST, _LOOK_S = 6, 400, 0.5
_AUDITED = {"close": "case.closed", "contacts": "contact.recorded", "acknowledge": "alarm.acknowledged"}
_NOT_YET = "whsec_" + base64.b64encode(bytes(24)).decode()
_PATIENCE = Patience(reported_s=2, untouched_s=60, alarm_s=6)
"""Nobody closes a stranded case before it has been noticed that nobody looked after it."""


class World:
    """Acts from `start` to the end of the block; `history` is what it saw. Use it as a context manager."""

    def __init__(self, house: House, seed: int) -> None:
        self.house = house
        self.history = History()
        self.followers: list[Follower] = []
        self._seed = seed
        self._password = secrets.token_urlsafe(16)
        self._no_orders, self._stop = threading.Event(), threading.Event()
        self._orders: threading.Thread | None = None
        self._day = deeds(seed, STATION, f"L{seed}", lambda: datetime.now(UTC))
        self._bursts = {
            station: deeds(seed, station, f"{mark}{seed}", lambda: datetime.now(UTC))
            for station, mark in ((STATION, "B"), (NEIGHBOUR, "N"))
        }
        self._waiting: list[Future[None]] = []
        self._threads: list[threading.Thread] = []
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="centre")
        self._stack = ExitStack()
        self._crowd: list[Follower] = []

    def __enter__(self) -> Self:
        service = self.house.service
        centre = self._stack.enter_context(FeedbackReceiver(_NOT_YET))
        said = service.commands(
            Command("source", "add", SOURCE, "--feedback", centre.feedback_url),
            Command("demo-places"),
            self._second_station(),
            *(Command("policy", "set", station, stdin=json.dumps(POLICY)) for station in (STATION, NEIGHBOUR)),
            service.people(roster()),
            self._officer(),
        )
        self.secret = said[0].strip()
        centre.desk.trust(self.secret)
        self._centre = self._stack.enter_context(Centre(self.house.url, SOURCE, self.secret, attempts=_INSIST))
        self.followers = [Follower(self.house.url, OFFICER, self._password, self.history) for _ in range(2)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self.no_more_orders()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for follower in (*self.followers, *self._crowd):
            follower.stop()
        for thread in self._threads:
            thread.join()
        self._stack.__exit__(kind, error, trace)

    def start(self) -> None:
        """People answer, officers look and act; orders come in between `take_orders` and `no_more_orders`."""
        volunteers = Watch(self.house.provider.url, Volunteers(self._seed, PACE), self._stop)
        self._begin("volunteers", volunteers.run)
        self._begin("desk", self._keep_desk)
        for follower in self.followers:
            self._begin("console", follower.run)

    def take_orders(self) -> None:
        """The centre begins to send."""
        self._no_orders.clear()
        self._orders = threading.Thread(target=self._send_orders, name="centre", daemon=True)
        self._orders.start()

    def burst(self, count: int, station: str = STATION) -> None:
        """So many orders at once, besides those that come anyway; their answers are awaited with the others'."""
        for _ in range(count):
            self._waiting.append(self._pool.submit(self._send, self._centre, next(self._bursts[station])))

    def no_more_orders(self) -> None:
        """The centre sends nothing new; it comes back when everything sent has its last answer."""
        self._no_orders.set()
        if self._orders:
            self._orders.join()
        while self._waiting:
            self._waiting.pop().result()

    def close_everything(self) -> None:
        """The officers end every open case: nothing is left that could still move."""
        with RecordingOfficer(self.house.url, OFFICER, self._password, self.history) as officer:
            for case in officer.open_cases():
                try:
                    officer.close(case["id"], "dissuaded", "test over")
                except Refused as no:
                    if no.status != httpx.codes.CONFLICT:
                        raise

    def crowd(self, many: int) -> None:
        """So many consoles start at the same moment, each with a connection of its own, and follow for a while."""
        first = self.console()
        first.sign_in()
        for _ in range(many):
            one = self.console()
            one.share(first)
            self._crowd.append(one)
            self._begin("crowd", one.run)

    def sleeper(self) -> None:
        """A console that opens its line and reads nothing."""
        one = self.console()
        one.sign_in()
        self._stack.enter_context(one.connect())

    def send_crowd_home(self) -> None:
        """The crowd looks away; whoever of it fell behind has said so by then."""
        for one in self._crowd:
            one.stop()
        self._crowd.clear()

    def console(self) -> Follower:
        """A console that starts now."""
        return Follower(self.house.url, OFFICER, self._password, self.history)

    def _second_station(self) -> Command:
        """The command that makes it."""
        file = self.house.service.data / "ground.geojson"
        file.write_text(ground())
        return Command("area", "import", str(file))

    def _officer(self) -> Command:
        """One officer for both stations: the consoles ask for the first, the desk sees to the cases of both."""
        line = ("officer", "add", OFFICER, "--station", STREET, "--role", "duty", "--password-stdin")
        return Command(*line, stdin=f"{self._password}\n")

    def _begin(self, name: str, act: Any) -> None:
        thread = threading.Thread(target=act, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _send_orders(self) -> None:
        for deed in self._day:
            if self._no_orders.wait(deed.after / ORDER_PACE):
                break
            self._waiting.append(self._pool.submit(self._send, self._centre, deed))

    def _send(self, centre: Centre, deed: Deed) -> None:
        try:
            answer = centre.send_alert(deed.order, event=deed.event, pause=lambda s: self._stop.wait(min(s, _LOOK_S)))
            self.history.sent(Order(deed.order["alert_no"], deed.event, answer.status, answer.case_id))
        except httpx.HTTPError:
            self.history.sent(Order(deed.order["alert_no"], deed.event, 0, None))

    def _keep_desk(self) -> None:
        with RecordingOfficer(self.house.url, OFFICER, self._password, self.history) as officer:
            desk = Desk(officer, _PATIENCE, self._stop)
            while not self._stop.wait(_LOOK_S):
                try:
                    desk.look(datetime.now(UTC))
                except (Refused, httpx.HTTPError):
                    continue  # the next look finds the same things to do


class RecordingOfficer(Officer):
    """An officer who writes down what they were told is done."""

    def __init__(self, url: str, name: str, password: str, history: History) -> None:
        super().__init__(url, name, password)
        self._history = history

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        answer = super()._ask(method, path, **request)
        subject, _, act = path.removeprefix("/").partition("/")[2].partition("/")
        if method == "POST" and act in _AUDITED:
            self._history.done(Act(_AUDITED[act], subject))
        return answer
