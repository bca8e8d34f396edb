"""One row understood: a person, or everything that is wrong with the row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dispatcher.geo.coordinates import Point, to_wgs84, usable
from dispatcher.roster.cells import READERS, read_crs, read_degrees, read_name, read_phone
from dispatcher.roster.faults import RowFault
from dispatcher.roster.row import ROSTER, Row
from dispatcher.roster.row_reading import RowReading

_WHERE = ("community", "grid", "lon", "lat", "crs")
_POINT = ("lon", "lat", "crs")


@dataclass(frozen=True, slots=True)
class Where:
    """Where a person belongs, as the file says it: code or name of community and grid, and a base in WGS-84."""

    community: str
    grid: str
    base: Point | None


@dataclass(frozen=True, slots=True)
class Person:
    """One row. `given`: the model's values, for the columns the file has; `where`: None when it has no such column."""

    row: int
    name: str
    phone: str
    station: str
    given: Mapping[str, Any]
    where: Where | None


def read_person(row: Row) -> Person | list[RowFault]:
    """The person of a row, or its faults."""
    reading = _Reading(row, ROSTER)
    name = reading.needed("name", read_name)
    phone = reading.needed("phone", read_phone)
    station = reading.needed("station", str)
    given = {column: reading.cell(column, READERS[column]) for column in READERS if column in row.cells}
    where = reading.where() if any(column in row.cells for column in _WHERE) else None
    if reading.faults or name is None or phone is None or station is None:
        return reading.faults
    return Person(row.number, name, phone, station, given, where)


class _Reading(RowReading):
    """Reads where a person belongs, too."""

    def where(self) -> Where:
        community = self.cell("community", str) or ""
        grid = self.cell("grid", str) or ""
        return Where(community, grid, self._base())

    def _base(self) -> Point | None:
        """The base; lon, lat and crs come together or not at all."""
        given = [column for column in _POINT if self.holds(column)]
        if not given:
            return None
        for column in _POINT:
            if column not in given:
                self.blame(column, f"missing: {', '.join(_POINT)} belong together")
        before = len(self.faults)
        lon = self.cell("lon", read_degrees) if "lon" in given else None
        lat = self.cell("lat", read_degrees) if "lat" in given else None
        crs = self.cell("crs", read_crs) if "crs" in given else None
        if lon is None or lat is None or crs is None or len(self.faults) > before:
            return None
        if not usable(lon, lat):
            self.blame("lon", f"{lon:g}, {lat:g} is no position on the globe")
            return None
        return to_wgs84(lon, lat, crs)
