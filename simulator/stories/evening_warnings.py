"""The forty warnings of a bad evening, the odd ones by name: the same for the same seed, but for numbers and phones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from simulator.alerts import made_up
from simulator.chance import chance
from simulator.stories.evening_vests import ON_FOOT, PHONE_OFF, SAYS_RECEIVED, Vest

Order = dict[str, Any]

MOST = 40
"""So many warnings come in; two of them are about residents who were warned about before."""

ACROSS_THE_BORDER = {"lon": 113.870772, "lat": 22.576661, "crs": "gcj02"}
"""80 metres inside Taoyuan for whoever takes the numbers for WGS-84; the resident lives in Liutang."""
HOME, NEIGHBOUR = "流塘社区", "桃源社区"
"""Where the resident lives, and where a reader of the wrong numbers would look for them."""

WRONG_NUMBER = "0755-2799????"
"""No phone number at all: somebody read it out, and nobody understood the end."""


@dataclass(frozen=True)
class Twice:
    """Two warnings about one resident; the later one is graver."""

    first: Order
    again: Order


class Warnings:
    """What the centre will send; `run` makes the numbers and the residents this evening's own."""

    def __init__(self, run: str, station: str, seed: int) -> None:
        self._run, self._station = run, station
        self._luck = chance("bad evening", seed)
        self._now = datetime.now(UTC)
        self._count = 0
        self.taken_back = self._at(ON_FOOT)
        self.at_says_received = self._at(SAYS_RECEIVED)
        self.at_phone_off = self._at(PHONE_OFF)
        self.across_the_border = self._warning(level="high", location=ACROSS_THE_BORDER)
        self.unplaced = self._warning(level="high", location=None)
        self.wrong_number = self._warning(phone=WRONG_NUMBER)
        self.twice: Sequence[Twice] = (self._twice("medium", "extreme"), self._twice("low", "high"))
        self.ordinary: Sequence[Order] = [self._warning() for _ in range(MOST - self._count)]

    def _at(self, vest: Vest) -> Order:
        """A warning next door to this vest, for which one person is asked at a time."""
        return self._warning(level="high", location={"lon": vest.lon, "lat": vest.lat, "crs": "wgs84"})

    def _twice(self, before: str, after: str) -> Twice:
        first = self._warning(level=before)
        again = self._warning(level=after)
        return Twice(first, {**again, "resident": first["resident"]})

    def _warning(self, level: str | None = None, **resident: str | Mapping[str, Any] | None) -> Order:
        """An ordinary warning with what makes it odd laid over it; None leaves a member out."""
        self._count += 1
        order = made_up(self._luck, self._now, f"BA-{self._run}-{self._count:02d}", self._station)
        usual = {
            **order["resident"],
            "phone": f"+86138{chance('bad evening', self._run).randint(1, 9999):04d}{self._count:04d}",
            "location": {
                "lon": self._luck.uniform(113.85, 113.91),
                "lat": self._luck.uniform(22.56, 22.6),
                "crs": "wgs84",
            },
        }
        odd = usual | resident
        order["resident"] = {name: value for name, value in odd.items() if value is not None}
        order["level"] = level or order["level"]
        return order
