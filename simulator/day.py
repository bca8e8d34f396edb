"""A city's day: which orders the centre sends and when. Pure: the same seed gives the same day."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.alerts import made_up
from simulator.chance import chance

_GAP = (8.0, 20.0)
_BURST_SHARE, _BURST, _BURST_GAP = 0.06, (3, 6), 0.4
_WITHDRAWN_SHARE, _REPEAT_SHARE = 0.04, 0.08
_REMEMBERED = 50


@dataclass(frozen=True)
class Deed:
    """Something the centre sends `after` seconds from the deed before."""

    after: float
    event: str
    order: dict[str, Any]


def deeds(seed: int, station: str, run: str, now: Callable[[], datetime]) -> Iterator[Deed]:
    """The endless day: an order every 8-20 s, now and then a burst, a repeated warning about the same resident, a
    withdrawal. `run` makes the alert numbers and the residents of this run its own: after a restart a day must not
    come down on cases that the one before left open.
    """
    luck = chance("day", seed, run)
    past: list[dict[str, Any]] = []
    number = 0
    while True:
        for gap in _gaps(luck):
            number += 1
            deed = _deed(luck, gap, past, now(), f"BA-{run}-{number:04d}", station)
            if deed.event == "alert.raised":
                past = [*past, deed.order][-_REMEMBERED:]
            yield deed


def _gaps(luck: random.Random) -> list[float]:
    gap = luck.uniform(*_GAP)
    if luck.random() < _BURST_SHARE:
        return [gap] + [_BURST_GAP] * (luck.randint(*_BURST) - 1)
    return [gap]


def _deed(
    luck: random.Random, gap: float, past: list[dict[str, Any]], now: datetime, alert_no: str, station: str
) -> Deed:
    roll = luck.random()
    if roll < _WITHDRAWN_SHARE and past:
        earlier = luck.choice(past)
        return Deed(gap, "alert.withdrawn", {"alert_no": earlier["alert_no"], "reason": "经核实为本人正常转账"})
    order = made_up(luck, now, alert_no, station)
    if roll > 1 - _REPEAT_SHARE and past:
        order["resident"] = luck.choice(past)["resident"]
    return Deed(gap, "alert.raised", order)
