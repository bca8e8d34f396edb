"""What warning orders say about a resident, and how several orders about one become one picture. All pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from dispatcher.geo.coordinates import Crs, Point, to_wgs84, usable
from dispatcher.model import Level
from dispatcher.protection.columns import blind_index
from dispatcher.protection.phones import normalise_phone

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone: E.164 with its blind index, or the text as it was sent, without one."""

    text: str
    index: bytes | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the resident and the danger; `point` is WGS-84."""

    kind: str | None = None
    fraud_type: str | None = None
    name: str | None = None
    phone: Phone | None = None
    address: str | None = None
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """The facts of one warning order, and when the centre stated them."""

    stated_at: datetime
    alert_no: str
    facts: Facts

    @property
    def age(self) -> tuple[datetime, str]:
        """Greater is newer; the number decides between equals, so that arrival never does."""
        return self.stated_at, self.alert_no


def facts_of(data: Mapping[str, Any]) -> Facts:
    """The facts in an order's data as `alerts.data` keeps it."""
    resident = data["resident"]
    return Facts(
        kind=data.get("kind"),
        fraud_type=data.get("fraud_type"),
        name=resident.get("name"),
        phone=_phone(resident.get("phone")),
        address=resident.get("address"),
        point=_point(resident.get("location") or {}),
    )


def together(statements: Iterable[Statement]) -> Facts:
    """One picture: each fact from the newest order that gives it, so that the order of arrival changes nothing.

    A phone number goes before a text that is none, however new.
    """
    newest_first = [s.facts for s in sorted(statements, key=lambda s: s.age, reverse=True)]
    if len(newest_first) == 1:
        return newest_first[0]
    numbers = (f.phone for f in newest_first if f.phone and f.phone.index)
    return Facts(
        kind=_first(f.kind for f in newest_first),
        fraud_type=_first(f.fraud_type for f in newest_first),
        name=_first(f.name for f in newest_first),
        phone=_first(numbers) or _first(f.phone for f in newest_first),
        address=_first(f.address for f in newest_first),
        point=_first(f.point for f in newest_first),
    )


def gravest(levels: Iterable[str]) -> Level | None:
    """The gravest of the levels, None when there are none."""
    return max((Level(level) for level in levels), key=lambda level: level.gravity, default=None)


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _phone(text: str | None) -> Phone | None:
    if not text:
        return None
    number = normalise_phone(text)
    return Phone(number, blind_index("phone", number)) if number else Phone(text, None)


def _point(location: Mapping[str, Any]) -> Point | None:
    """The position in WGS-84; None when a part is missing or it can be nobody's (field guide §7)."""
    lon, lat, crs = location.get("lon"), location.get("lat"), location.get("crs")
    if lon is None or lat is None or crs is None or not usable(lon, lat):
        return None
    return to_wgs84(lon, lat, Crs(crs))
