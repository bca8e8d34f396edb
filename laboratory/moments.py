"""When something breaks: in the midst of everything, or just as one thing happens."""

import time
from collections.abc import Callable, Mapping

from laboratory.house import House
from laboratory.town import NEIGHBOUR, WAVE
from laboratory.world import World

_SOON_S, _LOOK_S = 6.0, 0.01
_SLOW_MS = 700
_BURST, _MANY, _THEIRS = 6, 12, 3

_SENDING = "SELECT 1 FROM messages WHERE state = 'sending'"
_NARROW = " ".join(f"WHEN '{level}' THEN {wave}" for level, wave in WAVE.items())
_WIDE = (
    "SELECT id::text FROM cases WHERE state IN ('new', 'dispatching', 'escalated') "
    f"AND width > CASE level {_NARROW} END"
)
_DECLINED = "SELECT count(*) FROM offers WHERE state = 'declined'"
_NOW = "SELECT now()"
_ASKED = (
    "SELECT provider_id, code FROM offers JOIN messages ON purpose = 'offer:' || offers.id "
    "WHERE offers.state = 'delivered' AND asked_at > %s ORDER BY asked_at DESC LIMIT 3"
)
_LENT = (
    "SELECT 1 FROM offers JOIN volunteers ON volunteers.id = volunteer_id JOIN cases ON cases.id = case_id "
    "WHERE offers.state IN ('queued', 'sent', 'delivered') AND volunteers.station_id <> cases.station_id"
)

Moment = Callable[[House, World], bool]
"""Brings it about, and says whether it came about."""


def _any(_house: House, _world: World) -> bool:
    """Whatever happens just now."""
    return True


def _orders_taken(_house: House, world: World) -> bool:
    """Six orders at once are on their way in."""
    world.burst(_BURST)
    return True


def _texts_sent(house: House, world: World) -> bool:
    """A text has been claimed, and the provider takes its time to answer."""
    house.provider.fault(delay_ms=_SLOW_MS)
    world.burst(1)
    with house.sql() as connection:
        return _await(lambda: connection.execute(_SENDING).fetchone() is not None)


def _answers_come(house: House, world: World) -> bool:
    """A volunteer has just sent a text."""
    before = _answers(house)
    world.burst(1)
    return _await(lambda: _answers(house) > before)


def _more_are_asked(house: House, world: World) -> bool:
    """Nobody has accepted a case for a step, and it has just become wider."""
    with house.sql() as connection:
        before = set(connection.execute(_WIDE))
        world.burst(_BURST)
        return _await(lambda: not before.issuperset(connection.execute(_WIDE)))


def _somebody_declines(house: House, world: World) -> bool:
    """Somebody asked has just said no, and their replacement is due."""
    with house.sql() as connection:
        now, before = connection.execute(_NOW).fetchone(), connection.execute(_DECLINED).fetchone()
        world.burst(_BURST)
        if not _await(lambda: connection.execute(_ASKED, now).fetchone() is not None):
            return False
        for sid, code in connection.execute(_ASKED, now):
            _decline(house, str(sid), str(code))
        return _await(lambda: connection.execute(_DECLINED).fetchone() != before)


def _decline(house: House, sid: str, code: str) -> None:
    """Whoever got this text says no, whatever their habit; they may have answered by now."""
    for text in house.provider.texts():
        if text.sid == sid:
            house.provider.phone(text.phone).reply(f"2{code}")


def _a_neighbour_is_asked(house: House, world: World) -> bool:
    """The station's own people do not suffice: those of the next station are asked, who has cases too just now."""
    world.burst(_MANY)
    world.burst(_THEIRS, NEIGHBOUR)
    with house.sql() as connection:
        return _await(lambda: connection.execute(_LENT).fetchone() is not None)


def _answers(house: House) -> int:
    return sum(text.direction == "inbound" for text in house.provider.texts())


def _await(condition: Callable[[], bool]) -> bool:
    """As soon as it is so; on a bad day it never is, and then any moment is as good."""
    until = time.monotonic() + _SOON_S
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(_LOOK_S)
    return True


ANY = "any"
ASKING: Mapping[str, Moment] = {
    "more are asked": _more_are_asked,
    "somebody declines": _somebody_declines,
    "a neighbour is asked": _a_neighbour_is_asked,
}
"""When the planner, the timekeeper and the wake-ups between them decide who is asked next."""
MOMENTS: Mapping[str, Moment] = {
    ANY: _any,
    "orders taken": _orders_taken,
    "texts sent": _texts_sent,
    "answers come": _answers_come,
    **ASKING,
}
