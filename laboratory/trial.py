"""One trial: life goes on, something breaks and is healed, all comes to rest, and every promise is looked at."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from psycopg import OperationalError
from redis import RedisError

from laboratory.evidence import counters, gather, late, offers, unfinished
from laboratory.faults import Fault
from laboratory.house import House, open_house, wait_until_ready
from laboratory.moments import ANY, MOMENTS
from laboratory.promises import broken
from laboratory.world import World
from simulator.officer import Refused
from tests.line.service import STATION

DRAINED_S = 30.0
_ALREADY = (OperationalError, RedisError, httpx.HTTPError, OSError)
"""What a fault says that finds its victim broken already."""
_BEFORE_S, _AFTER_S, _LOOK_S = 2.0, 2.0, 0.5


@dataclass
class Laboratory:
    """A house, the world around it, and what was found broken so far: each line is told once.

    `missed` counts the moments that did not come about: what was to happen at them happened at some other.
    """

    house: House
    world: World
    trials: int = 0
    faults: int = 0
    missed: int = 0
    _told: set[str] = field(default_factory=set)

    def trial(self, *faults: Fault, moment: str = ANY, before_s: float = _BEFORE_S) -> list[str]:
        """Break all this at once, heal it, and give the promises that were broken."""
        self.trials += 1
        self.world.take_orders()
        time.sleep(before_s)
        self.missed += not MOMENTS[moment](self.house, self.world)
        self._break(faults)
        healed = time.monotonic()
        time.sleep(_AFTER_S)
        self.world.send_crowd_home()
        self.world.no_more_orders()
        undrained = self._drain(healed + DRAINED_S)
        midst = offers(self.house)
        undrained += self._rest()
        found = broken(gather(self.house, self.world, undrained, midst))
        fresh = [line for line in found if line not in self._told]
        self._told |= set(fresh)
        return fresh

    def _break(self, faults: Sequence[Fault]) -> None:
        self.faults += len(faults)
        history = self.world.history
        history.fast_clock_s = max(history.fast_clock_s, *(fault.fast_clock_s for fault in faults))
        slow = max(fault.slow_clock_s for fault in faults)
        with history.outage(" + ".join(map(str, faults)), slow):
            try:
                for fault in faults:
                    with contextlib.suppress(*_ALREADY):
                        fault.begin(self.house, self.world)
                time.sleep(max(fault.seconds for fault in faults))
            finally:
                self.house.heal()
            wait_until_ready(self.house)

    def _drain(self, give_up: float) -> list[str]:
        """What still waits when the time is over; nothing as soon as nothing does."""
        while True:
            with self.house.sql() as connection:
                waiting = late(connection)
            if not waiting or time.monotonic() > give_up:
                return waiting
            time.sleep(_LOOK_S)

    def _rest(self) -> Iterator[str]:
        """Every case is closed, every text has its end, every console has caught up; what never came about."""
        ends = {
            "all cases can be closed": self._closed,
            "every text has its end": self._texts_ended,
            "every console has caught up": self._consoles_caught_up,
        }
        for what, reached in ends.items():
            give_up = time.monotonic() + DRAINED_S
            while not reached():
                if time.monotonic() > give_up:
                    yield f"it never came about: {what}"
                    break
                time.sleep(_LOOK_S)

    def _closed(self) -> bool:
        try:
            self.world.close_everything()
        except (httpx.HTTPError, Refused):
            return False
        return self._nothing_open()

    def _nothing_open(self) -> bool:
        with self.house.sql() as connection:
            row = connection.execute("SELECT count(*) FROM cases WHERE state <> 'closed'").fetchone()
        return row == (0,)

    def _texts_ended(self) -> bool:
        with self.house.sql() as connection:
            return not unfinished(connection)

    def _consoles_caught_up(self) -> bool:
        with self.house.sql() as connection:
            reached = counters(connection)[STATION]
        return all(follower.seq == reached for follower in self.world.followers)


@contextmanager
def laboratory(seed: int, plant: str = "") -> Iterator[Laboratory]:
    """A running service with its world; `plant` names a bug its parts are to have."""
    with open_house(plant) as house, World(house, seed) as world:
        world.start()
        yield Laboratory(house, world)


Say = Callable[[str], object]


@dataclass(frozen=True)
class Cell:
    """One square of the matrix: process × fault × moment."""

    fault: Fault
    moment: str

    def __str__(self) -> str:
        return f"{self.fault} · {self.moment}"


@dataclass(frozen=True)
class Verdict:
    """What came of a cell: broken promises, how many orders and texts they were looked at over, whether its moment was
    missed.
    """

    broken: Sequence[str]
    orders: int
    texts: int
    seconds: float
    missed: bool = False


def run_cells(seed: int, cells: Sequence[Cell], say: Say = print) -> dict[Cell, Verdict]:
    """Every cell once, in one house."""
    found: dict[Cell, Verdict] = {}
    with laboratory(seed) as lab:
        orders = texts = missed = 0
        for cell in cells:
            began = time.monotonic()
            broken_now = lab.trial(cell.fault, moment=cell.moment)
            orders, before = len(lab.world.history.orders), orders
            texts, texts_before = len(lab.house.provider.texts()), texts
            missed, missed_before = lab.missed, missed
            seconds = time.monotonic() - began
            found[cell] = verdict = Verdict(
                broken_now, orders - before, texts - texts_before, seconds, missed=missed > missed_before
            )
            what = ("; ".join(broken_now) or "holds") + (", its moment never came" if verdict.missed else "")
            say(f"{cell}: {what} ({verdict.orders} orders, {verdict.texts} texts, {seconds:.0f} s)")
    return found
