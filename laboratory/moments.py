"""When something breaks: in the midst of everything, or just as one thing happens."""

import time
from collections.abc import Callable, Mapping

from laboratory.house import House
from laboratory.world import World

_SOON_S, _LOOK_S = 6.0, 0.01
_SLOW_MS = 700
_BURST = 6

Moment = Callable[[House, World], object]


def _any(_house: House, _world: World) -> None:
    """Whatever happens just now."""


def _orders_taken(_house: House, world: World) -> None:
    """Six orders at once are on their way in."""
    world.burst(_BURST)


def _texts_sent(house: House, world: World) -> None:
    """A text has been claimed, and the provider takes its time to answer."""
    house.provider.fault(delay_ms=_SLOW_MS)
    world.burst(1)
    with house.sql() as connection:
        _await(lambda: connection.execute("SELECT 1 FROM messages WHERE state = 'sending'").fetchone() is not None)


def _answers_come(house: House, world: World) -> None:
    """A volunteer has just sent a text."""
    before = _answers(house)
    world.burst(1)
    _await(lambda: _answers(house) > before)


def _answers(house: House) -> int:
    return sum(text.direction == "inbound" for text in house.provider.texts())


def _await(condition: Callable[[], bool]) -> None:
    """As soon as it is so; on a bad day it never is, and then any moment is as good."""
    until = time.monotonic() + _SOON_S
    while not condition() and time.monotonic() < until:
        time.sleep(_LOOK_S)


ANY = "any"
MOMENTS: Mapping[str, Moment] = {
    ANY: _any,
    "orders taken": _orders_taken,
    "texts sent": _texts_sent,
    "answers come": _answers_come,
}
