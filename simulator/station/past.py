"""Warnings of the past, from a file: when, how grave, and about where, so that a station can play its own history."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from dispatcher.errors import BadInput
from dispatcher.geo.coordinates import Crs, Point, to_wgs84, usable
from dispatcher.model import Level
from dispatcher.roster.cells import read_crs, read_degrees
from dispatcher.roster.reading import read_sheet
from dispatcher.roster.row import Columns, Row
from dispatcher.roster.row_reading import RowReading
from simulator.station.scene import ZONE, PastWarning

WARNINGS: Final = Columns(needed=("at", "level"), others=("lon", "lat", "crs"))


def read_past(path: Path) -> list[Sequence[PastWarning]]:
    """The days of the file, in order of time, those without a warning left out.

    Raises BadInput with the row and the column that is wrong.
    """
    days: dict[date, list[PastWarning]] = defaultdict(list)
    for row in read_sheet(path, WARNINGS).rows:
        day, warning = _warning(path, row)
        days[day].append(warning)
    return [sorted(days[day], key=lambda one: one.at) for day in sorted(days)]


def _warning(path: Path, row: Row) -> tuple[date, PastWarning]:
    reading = _Reading(row, WARNINGS)
    moment = reading.needed("at", _read_moment)
    level = reading.needed("level", _read_level)
    point = reading.point()
    if reading.faults or moment is None or level is None:
        raise BadInput(f"{path}: {reading.faults[0]}", field=reading.faults[0].column)
    local = moment.astimezone(ZONE)
    at = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second).total_seconds()
    return local.date(), PastWarning(at, level, point)


class _Reading(RowReading):
    def point(self) -> Point | None:
        """Where; WGS-84 unless the row says otherwise, None when the row does not say."""
        if not self.holds("lon") and not self.holds("lat"):
            return None
        lon, lat = self.needed("lon", read_degrees), self.needed("lat", read_degrees)
        crs = self.cell("crs", read_crs) if self.holds("crs") else Crs.WGS84
        if lon is None or lat is None or crs is None:
            return None
        if not usable(lon, lat):
            self.blame("lon", f"{lon:g}, {lat:g} is no position on the globe")
            return None
        return to_wgs84(lon, lat, crs)


def _read_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no moment such as 2026-04-29T20:15:00+08:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def _read_level(text: str) -> Level:
    if text not in set(Level):
        raise ValueError(f"{text!r} is none of {', '.join(Level)}")
    return Level(text)
