"""Which station an order goes to, and what its cases are called there."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatcher.errors import BadInput
from dispatcher.model import Place, PlaceKind
from dispatcher.policy import DEFAULT_POLICY, Policy, read_policy

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Station:
    """A station (派出所) as intake needs it; `prefix` begins the numbers of its cases."""

    id: UUID
    code: str
    prefix: str
    overrides: dict[str, Any] | None

    def policy(self) -> Policy:
        """The station's policy; one that cannot be read holds no order back."""
        try:
            return read_policy(self.overrides)
        except BadInput as error:
            log.warning("policy_unreadable", station=self.code, field=error.field)
            return DEFAULT_POLICY


class Stations:
    """All stations."""

    def __init__(self, rows: Iterable[tuple[UUID, str, dict[str, Any] | None]]) -> None:
        listed = sorted(rows, key=lambda row: row[1])
        tails = Counter(_tail(code) for _, code, _ in listed)
        stations = [
            # Case numbers are unique everywhere: stations that end alike are told apart by their whole code.
            Station(id_, code, _tail(code) if tails[_tail(code)] == 1 else code, policy)
            for id_, code, policy in listed
        ]
        self._by_code = {station.code: station for station in stations}
        self._by_id = {station.id: station for station in stations}
        self._first = stations[0] if stations else None

    def __bool__(self) -> bool:
        return self._first is not None

    def with_id(self, station_id: UUID) -> Station:
        """The station with this id; KeyError when there is none."""
        return self._by_id[station_id]

    def for_order(self, named: str | None, desk_id: UUID | None) -> tuple[Station, bool]:
        """The station named, else the source's desk, else the first by code; and whether an unknown one was named."""
        if named in self._by_code:
            return self._by_code[named], False
        desk = self._by_id.get(desk_id) if desk_id else None
        fallback = desk or self._first
        if fallback is None:
            raise LookupError("there are no stations")
        return fallback, named is not None


def read_stations(session: Session) -> Stations:
    """All stations, in one query."""
    rows = session.execute(select(Place.id, Place.code, Place.policy).where(Place.kind == PlaceKind.STATION))
    return Stations((row.id, row.code, row.policy) for row in rows)


def _tail(code: str) -> str:
    return code.rpartition("-")[2] or code
