"""The eleven vests of a bad evening: six at the night market, five elsewhere, each the same for the same seed."""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import httpx

from simulator.chance import chance
from simulator.codes import offer_code
from simulator.handset import Exchange, Text

_CLOSING, _NOT_UNDERSTOOD = "不用去了", "没看懂"
_HAVE_IT = 'value="not_found"'
"""The button that only the page of somebody who has the task shows."""
_LOOK_S = 0.3
_GOES, _DECLINES = 0.5, 0.25
_NIGHT_MARKET = (113.879, 22.576)
"""Longitude and latitude, WGS-84."""
RECEIVED = "收到"


class Habit(StrEnum):
    """How a vest treats the phone."""

    USUAL = "usual"
    WILLING = "willing"
    SAYS_RECEIVED = "says_received"
    OFF = "off"


@dataclass(frozen=True)
class Vest:
    """One vest and where they stand; they take `tasks`, and are still on the last when the evening is over."""

    name: str
    phone: str
    lon: float
    lat: float
    habit: Habit = Habit.USUAL
    tasks: int = 2


NIGHT_MARKET: Sequence[Vest] = [
    Vest(f"夜市{number}", f"+861365600{number:04d}", *_NIGHT_MARKET) for number in range(1, 7)
]
ON_FOOT = Vest("步行的周", "+8613656000011", 113.8600, 22.5850, Habit.WILLING, tasks=1)
PHONE_OFF = Vest("关机的吴", "+8613656000012", 113.8990, 22.5650, Habit.OFF, tasks=0)
SAYS_RECEIVED = Vest("收到的郑", "+8613656000013", 113.8560, 22.5620, Habit.SAYS_RECEIVED, tasks=0)
ELSEWHERE: Sequence[Vest] = [
    ON_FOOT,
    PHONE_OFF,
    SAYS_RECEIVED,
    Vest("北边的冯", "+8613656000014", 113.8680, 22.5960),
    Vest("东边的陈", "+8613656000015", 113.9050, 22.5950),
]
VESTS: Sequence[Vest] = [*NIGHT_MARKET, *ELSEWHERE]


class AtThePhone:
    """One vest with the phone in hand: says what is `waiting` to be said, each once the last has arrived."""

    def __init__(self, vest: Vest, seed: int) -> None:
        self.vest = vest
        self._luck = chance("bad evening", seed, vest.phone)
        self._links: dict[str, str] = {}
        self.waiting: deque[str] = deque()
        self._said, self._sid = "", ""
        self.taken: list[str] = []

    @property
    def busy(self) -> bool:
        """Whether something is still to be said, or on its way."""
        return bool(self.waiting or self._said)

    def read(self, text: Text) -> bool:
        """Take in a text and make up one's mind; False for one that nobody on duty should get."""
        code = offer_code(text.body)
        if not (code or _CLOSING in text.body or _NOT_UNDERSTOOD in text.body):
            return False
        if self.vest.habit is Habit.SAYS_RECEIVED:
            self.waiting.append(RECEIVED)
        elif code:
            self._links[code] = next(word for word in text.body.split() if word.startswith("http"))
            self._answer(code)
        return True

    def speak(self, exchange: Exchange, arrived: Mapping[str, bool]) -> None:
        """Say the next thing, unless the last is still on its way to the service."""
        if self._sid and not arrived.get(self._sid):
            return
        if self._said.startswith("1"):
            self._go(self._said[1:])
        self._said = self.waiting.popleft() if self.waiting else ""
        self._sid = exchange.phone(self.vest.phone).reply(self._said) if self._said else ""

    def _answer(self, code: str) -> None:
        """By the seed, one mind after the other, whatever the offer: which offers come first is not ours to know."""
        roll = self._luck.random()
        if self.vest.habit is Habit.WILLING or roll < _GOES:
            self.waiting.append(f"1{code}")
        elif roll < _GOES + _DECLINES:
            self.waiting.append(f"2{code}")

    def _go(self, code: str) -> None:
        """Whoever accepts gets no further text: the page says whether the task is theirs."""
        page = httpx.get(self._links[code], timeout=20, trust_env=False)
        if _HAVE_IT not in page.text:
            return
        self.taken.append(code)
        if len(self.taken) < self.vest.tasks:
            self.waiting += [f"3{code}", f"4{code}"]


class Vests:
    """Everybody at their phones, in one thread: `run` answers what comes until `stop`."""

    def __init__(self, exchange: Exchange, seed: int, stop: threading.Event) -> None:
        self._exchange = exchange
        self._stop = stop
        self._phones = {vest.phone: AtThePhone(vest, seed) for vest in VESTS}
        self._trouble: Exception | None = None

    def run(self) -> None:
        """Texts with known words are read and ticked off; one that nobody expects is left to be found."""
        try:
            while not self._stop.is_set():
                self._exchange.look(_LOOK_S)
                self._once()
        except Exception as trouble:  # noqa: BLE001  # said where somebody waits for them
            self._trouble = trouble

    def all_on_their_last(self) -> bool:
        """Whether everybody who goes at all is on the last task of the evening. Raises what ended `run`."""
        if self._trouble:
            raise self._trouble
        return all(len(one.taken) >= one.vest.tasks for one in self._phones.values())

    def at_rest(self) -> bool:
        """Whether everybody has said what they had to say to the texts that they have read."""
        return not any(one.busy for one in self._phones.values())

    def _once(self) -> None:
        for text in self._exchange.unexpected():
            phone = self._phones.get(text.phone)
            if phone and phone.read(text):
                self._exchange.expect(text)
        texts = self._exchange.texts()
        arrived = {text.sid: text.webhook == httpx.codes.OK for text in texts if text.direction == "inbound"}
        for one in self._phones.values():
            one.speak(self._exchange, arrived)
