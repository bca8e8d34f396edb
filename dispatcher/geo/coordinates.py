"""Points and their coordinate systems; converted once, at the door (field guide §7).

The formulas are the ones in common use (npm `gcoord` has the same): GCJ-02 and BD-09 were never officially
published.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import asin, atan2, cos, hypot, isfinite, pi, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the earth (IUGG)."""

_KRASOVSKY_AXIS_M = 6_378_245.0
_KRASOVSKY_E2 = 0.006693421622965823
_BAIDU_FACTOR = pi * 3000.0 / 180.0
_INVERSE_STEPS = 10
"""Each step leaves about a hundredth of the error, so ten go down to the last bit of a float."""


class Crs(StrEnum):
    """The coordinate system a point is given in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True)
class Point:
    """A position in degrees, always WGS-84."""

    lon: float
    lat: float


def in_range(lon: float, lat: float) -> bool:
    """Whether the pair lies on the globe; false for NaN and infinities."""
    return isfinite(lon) and isfinite(lat) and abs(lon) <= 180.0 and abs(lat) <= 90.0  # noqa: PLR2004


def usable(lon: float, lat: float) -> bool:
    """Whether the pair can be somebody's position: on the globe, and not the 0, 0 of devices that know none."""
    return in_range(lon, lat) and (lon, lat) != (0.0, 0.0)


def to_wgs84(lon: float, lat: float, crs: Crs) -> Point:
    """The point given in `crs`, in WGS-84.

    GCJ-02 is inverted to better than 1e-7 degree; BD-09 to about 2e-6 degree (0.2 m), which is as far as its
    two known directions agree with each other. Raises ValueError for a pair that is not on the globe.
    """
    if not in_range(lon, lat):
        raise ValueError(f"not a position: {lon}, {lat}")
    if crs is Crs.WGS84:
        return Point(lon, lat)
    if crs is Crs.BD09:
        lon, lat = _bd09_to_gcj02(lon, lat)
    return Point(*_gcj02_to_wgs84(lon, lat))


def from_wgs84(point: Point, crs: Crs) -> tuple[float, float]:
    """Longitude and latitude of the point in `crs`, for links into other people's maps."""
    if crs is Crs.WGS84:
        return point.lon, point.lat
    lon, lat = _wgs84_to_gcj02(point.lon, point.lat)
    return (lon, lat) if crs is Crs.GCJ02 else _gcj02_to_bd09(lon, lat)


def distance_m(a: Point, b: Point) -> float:
    """Great-circle distance in metres (haversine)."""
    half_lat = sin(radians(b.lat - a.lat) / 2)
    half_lon = sin(radians(b.lon - a.lon) / 2)
    chord = half_lat**2 + cos(radians(a.lat)) * cos(radians(b.lat)) * half_lon**2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))


def _shifted(lon: float, lat: float) -> bool:
    """Whether GCJ-02 differs from WGS-84 there: the rough box around China that gcoord uses."""
    return 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271  # noqa: PLR2004


def _shift(lon: float, lat: float) -> tuple[float, float]:
    """What GCJ-02 adds to a WGS-84 point, in degrees."""
    x, y = lon - 105.0, lat - 35.0
    ripple = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + ripple
    east_m += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east_m += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + ripple
    north_m += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north_m += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    root = sqrt(1 - _KRASOVSKY_E2 * sin(radians(lat)) ** 2)
    east_radius_m = _KRASOVSKY_AXIS_M / root * cos(radians(lat))
    north_radius_m = _KRASOVSKY_AXIS_M * (1 - _KRASOVSKY_E2) / root**3
    return east_m * 180 / (east_radius_m * pi), north_m * 180 / (north_radius_m * pi)


def _wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    if not _shifted(lon, lat):
        return lon, lat
    east, north = _shift(lon, lat)
    return lon + east, lat + north


def _gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    if not _shifted(lon, lat):
        return lon, lat
    # The shift is taken without its box: it jumps at the edge, and a search that asks the box may never end.
    wgs_lon, wgs_lat = lon, lat
    for _ in range(_INVERSE_STEPS):
        east, north = _shift(wgs_lon, wgs_lat)
        wgs_lon, wgs_lat = lon - east, lat - north
    return wgs_lon, wgs_lat


def _gcj02_to_bd09(lon: float, lat: float) -> tuple[float, float]:
    radius = hypot(lon, lat) + 0.00002 * sin(lat * _BAIDU_FACTOR)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * _BAIDU_FACTOR)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006


def _bd09_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    x, y = lon - 0.0065, lat - 0.006
    radius = hypot(x, y) - 0.00002 * sin(y * _BAIDU_FACTOR)
    angle = atan2(y, x) - 0.000003 * cos(x * _BAIDU_FACTOR)
    return radius * cos(angle), radius * sin(angle)
