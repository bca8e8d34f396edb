"""Everything that is broken on purpose: which process, what happens to it, for how long."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from laboratory.house import House
from laboratory.moments import ANY, ASKING, MOMENTS
from laboratory.world import World

PARTS = ("web", "worker dispatch", "worker messages", "worker feedback", "timekeeper")
_FORGED = {
    "MessageSid": "SM00000000000000000000000000000bad",
    "SmsSid": "SM00000000000000000000000000000bad",
    "MessageStatus": "failed",
    "AccountSid": "AC00000000000000000000000000000bad",
    "From": "+8613657000000",
    "To": "+8613700008888",
    "Body": "1A22",
}
_ALL_AT_ONCE = 100
_LAST = 6

Act = Callable[[House, World], object]


@dataclass(frozen=True)
class Fault:
    """`begin` breaks something of `process`; after `seconds` all is healed.

    `fast_clock_s` excuses clocks that fire early, `slow_clock_s` those that a slow clock has set too early.
    """

    process: str
    name: str
    begin: Act
    seconds: float = 4.0
    fast_clock_s: float = field(default=0.0)
    slow_clock_s: float = field(default=0.0)

    def __str__(self) -> str:
        return f"{self.process}: {self.name}"


def _kill(part: str) -> Fault:
    return Fault(part, "kill -9", lambda house, _: house.kill(part), seconds=1.0)


def _freeze(part: str, seconds: float, name: str) -> Fault:
    return Fault(part, name, lambda house, _: house.freeze(part), seconds)


def _kill_top(house: House, _world: World) -> None:
    """The supervisor dies and takes its parts along; somebody starts it again."""
    house.service.kill_top()
    house.service.nothing_left()
    house.service.start()


def _kill_postgres(house: House, _world: World) -> None:
    house.postgres.kill()


def _cut_sessions(house: House, _world: World) -> None:
    with house.sql() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' "
            "AND pid <> pg_backend_pid()"
        )


def _fill_disk(house: House, _world: World) -> None:
    house.fill_disk()


def _empty_valkey(house: House, _world: World) -> None:
    with house.redis() as redis:
        redis.flushall()


def _restart_valkey_empty(house: House, _world: World) -> None:
    with house.redis() as redis:
        redis.flushall()
    house.valkey.kill()


def _last_orders_without_valkey(house: House, world: World) -> None:
    """The last orders of the day come while nobody can be woken: only a sweep can find them."""
    world.no_more_orders()
    house.valkey.wire.refuse()
    world.burst(_LAST)
    world.no_more_orders()


def _valkey_without_memory(house: House, _world: World) -> None:
    with house.redis() as redis:
        redis.config_set("maxmemory", "1mb")


def _provider(**what: Any) -> Act:
    return lambda house, _: house.provider.fault(**what)


def _forge(house: House, _world: World) -> None:
    """Callbacks of somebody who has no key; every one must be refused."""
    for path in ("status", "inbound"):
        for signature in ("", "bm90IHNpZ25lZA=="):
            headers = {"X-Twilio-Signature": signature} if signature else {}
            answer = httpx.post(f"{house.url}/hooks/twilio/{path}", data=_FORGED, headers=headers, trust_env=False)
            assert answer.status_code in {401, 403}, answer.status_code


def _reconnect_all(house: House, world: World) -> None:
    """A hundred consoles at once, while the others are cut off and come back too."""
    house.web.cut()
    world.crowd(_ALL_AT_ONCE)


def _slow_reader(_house: House, world: World) -> None:
    world.sleeper()


def _clock(seconds: float) -> Act:
    return lambda house, _: house.shift_clock(seconds)


def _wire(way: str, act: str, *arguments: float) -> Act:
    def begin(house: House, _world: World) -> None:
        wires = {"web": house.web, "sms": house.sms, "postgres": house.postgres.wire, "valkey": house.valkey.wire}
        getattr(wires[way], act)(*arguments)

    return begin


def _wires(way: str, process: str) -> Sequence[Fault]:
    return (
        Fault(process, "reset connections", _wire(way, "cut"), 1),
        Fault(process, "unreachable", _wire(way, "refuse"), 5),
        Fault(process, "the line stalls", _wire(way, "stall"), 6),
        Fault(process, "a slow line", _wire(way, "slow", 0.15), 5),
        Fault(process, "answers get lost", _wire(way, "lose_answers", 3), 3),
    )


NOTHING = Fault("nothing", "no fault at all", lambda _house, _world: None, 4)

FAULTS: Sequence[Fault] = (
    NOTHING,
    *(_kill(part) for part in PARTS),
    Fault("top", "kill -9", _kill_top, 1),
    *(_freeze(part, 5, "SIGSTOP 5 s") for part in PARTS),
    _freeze("worker messages", 18, "judged dead while alive"),
    Fault("the parts' clocks", "20 s slow", _clock(-20), 6, slow_clock_s=20),
    Fault("the parts' clocks", "10 s fast", _clock(10), 6, fast_clock_s=11),
    Fault("PostgreSQL", "stopped at once", _kill_postgres, 5),
    Fault("PostgreSQL", "sessions ended", _cut_sessions, 1),
    Fault("PostgreSQL", "disk full", _fill_disk, 5),
    *_wires("postgres", "way to PostgreSQL"),
    Fault("Valkey", "emptied", _empty_valkey, 1),
    Fault("Valkey", "restarted empty", _restart_valkey_empty, 4),
    Fault("Valkey", "out of memory", _valkey_without_memory, 6),
    Fault("Valkey", "away for the last orders", _last_orders_without_valkey, 2),
    *_wires("valkey", "way to Valkey"),
    Fault("provider", "refuses (400)", _provider(refuse={"status": 400, "code": 21211}, times=2), 4),
    Fault("provider", "429", _provider(refuse={"status": 429, "code": 20429, "retry_after": 1}), 4),
    Fault("provider", "hangs", _provider(hang_seconds=20), 6),
    Fault("provider", "hangs and takes nothing", _provider(hang_seconds=20, taken=False), 6),
    Fault("provider", "500 after accepting", _provider(accept_then_500=True), 4),
    Fault("provider", "accepts and never reports", _provider(never_report=True), 5),
    Fault("provider", "repeats callbacks", _provider(repeat_callbacks=4), 5),
    Fault("provider", "reorders callbacks", _provider(reorder_callbacks=True, callbacks_first=True), 5),
    Fault("provider", "forged callbacks", _forge, 1),
    *_wires("sms", "way to the provider"),
    *_wires("web", "way in"),
    Fault("consoles", "a hundred reconnect at once", _reconnect_all, 3),
    Fault("consoles", "one reads slowly", _slow_reader, 5),
)


AT_EVERY_MOMENT = frozenset({"kill -9", "stopped at once", "restarted empty", "answers get lost"})
"""Faults whose moment decides what they hit; the others last long enough to hit everything."""
# Whom to ask next is decided by the planner, woken by way of Valkey or by the timekeeper; it is written to PostgreSQL,
# and asked by way of the provider. The other parts have no hand in it: cells of theirs would show nothing new.
WHERE_PEOPLE_ARE_ASKED = frozenset(
    {
        "worker dispatch: kill -9",
        "timekeeper: kill -9",
        "PostgreSQL: stopped at once",
        "Valkey: restarted empty",
        "way to the provider: answers get lost",
    }
)
"""Those of them that can hit the asking of more people, of a decliner's replacement and of a neighbour."""


def moments_of(fault: Fault) -> Sequence[str]:
    """When the matrix breaks this."""
    if fault.name not in AT_EVERY_MOMENT:
        return (ANY,)
    return [moment for moment in MOMENTS if moment not in ASKING or str(fault) in WHERE_PEOPLE_ARE_ASKED]


def named(name: str) -> Fault:
    """The fault that prints as this. Raises KeyError."""
    return {str(fault): fault for fault in FAULTS}[name]
