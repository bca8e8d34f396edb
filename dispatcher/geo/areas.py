"""The ground places cover: reading it from GeoJSON, and finding the community and grid a point lies in."""

import json
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, NoReturn, get_args

import numpy as np
import shapely
from shapely.geometry import shape

from dispatcher.errors import BadInput
from dispatcher.geo.coordinates import Crs, Point, usable
from dispatcher.geo.rings import BadRing, GeoJson, as_geojson, inner_point, read_ground

AreaKind = Literal["community", "grid", "police_grid", "station"]

BORDER_DEGREES = 1e-6
"""How near to a border counts as on it: about 0.1 m, well below what any position is worth."""

_CODE_LENGTH = 64
_TEXT_LENGTH = 200
_FAULTS_SHOWN = 10


class Fault(NamedTuple):
    """One thing wrong with an area file; `feature` counts from 0 and is None for the file as a whole."""

    feature: int | None
    field: str
    message: str

    def __str__(self) -> str:
        where = self.field if self.feature is None else f"feature {self.feature}, {self.field}"
        return f"{where}: {self.message}"


class AreaFileError(BadInput):
    """An area file that was refused whole; `faults` names everything wrong with it, `str()` is one line."""

    title = "bad area file"

    def __init__(self, faults: list[Fault]) -> None:
        shown = "; ".join(str(fault) for fault in faults[:_FAULTS_SHOWN])
        more = len(faults) - _FAULTS_SHOWN
        super().__init__(f"{shown}; and {more} more" if more > 0 else shown, faults[0].field)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class AreaShape:
    """One place's ground as a file gives it: a GeoJSON Polygon or MultiPolygon and a point inside, in WGS-84."""

    code: str
    name: str | None
    kind: AreaKind | None
    parent: str | None
    synthetic: bool
    source: str | None
    geometry: GeoJson
    centre: Point


def read_geojson(text: bytes | str, crs: Crs | None) -> list[AreaShape]:
    """The areas of a FeatureCollection, every vertex converted once to WGS-84.

    The file's own top-level `"crs"` (one of `Crs`, as a string) goes before the argument. A feature's properties:
    `code` (required), `name`, `kind`, `parent` (a code), `synthetic` (bool), `source`.
    Raises AreaFileError with every fault found; nothing is half-read.
    """
    document = _document(text)
    file_crs = _crs_of(document, crs)
    shapes: list[AreaShape] = []
    faults: list[Fault] = []
    first_with: dict[str, int] = {}
    for index, feature in enumerate(document["features"]):
        found = _read_feature(feature, file_crs)
        if isinstance(found, AreaShape):
            shapes.append(found)
        else:
            faults += [Fault(index, field, message) for field, message in found]
        code = _code_of(feature)
        if code is not None and first_with.setdefault(code, index) != index:
            faults.append(Fault(index, "code", f"{code!r} is already feature {first_with[code]}"))
    if faults:
        raise AreaFileError(faults)
    return shapes


def _refuse(field: str, message: str) -> NoReturn:
    raise AreaFileError([Fault(None, field, message)])


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _document(text: bytes | str) -> dict[str, Any]:
    """The FeatureCollection with at least one feature."""
    try:
        # Windows programs put a byte order mark in front.
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        document = json.loads(decoded, parse_constant=_no_constant)
    except UnicodeDecodeError:
        _refuse("file", "not UTF-8")
    except (ValueError, RecursionError) as error:
        _refuse("file", f"not JSON: {error}")
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        _refuse("type", "must be a FeatureCollection")
    features = document.get("features")
    if not isinstance(features, list) or not features:
        _refuse("features", "must be a list of at least one feature")
    return document


def _crs_of(document: dict[str, Any], given: Crs | None) -> Crs:
    named = document.get("crs")
    if named is None:
        named = given
    if named is None:
        _refuse("crs", f"missing: the file or the caller must name one of {', '.join(Crs)}")
    if not isinstance(named, str) or named not in set(Crs):
        _refuse("crs", f"must be one of {', '.join(Crs)}")
    return Crs(named)


def _code_of(feature: Any) -> str | None:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = properties.get("code") if isinstance(properties, dict) else None
    return code if isinstance(code, str) else None


def _read_feature(feature: Any, crs: Crs) -> AreaShape | list[tuple[str, str]]:
    """The area, or every (field, message) that is wrong with it."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return [("type", "must be a Feature")]
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        return [("properties", "must be an object with a code")]
    wrong = _wrong_properties(properties)
    try:
        ground = read_ground(feature.get("geometry"), crs)
    except BadRing as error:
        return [*wrong, ("geometry", str(error))]
    if wrong:
        return wrong
    return AreaShape(
        code=properties["code"],
        name=properties.get("name"),
        kind=properties.get("kind"),
        parent=properties.get("parent"),
        synthetic=bool(properties.get("synthetic")),
        source=properties.get("source"),
        geometry=as_geojson(ground),
        centre=inner_point(ground),
    )


def _is_code(value: Any) -> bool:
    """Codes are joined with `/` into paths, so they hold none."""
    return _is_text(value) and len(value) <= _CODE_LENGTH and not any(c == "/" or c.isspace() for c in value)


def _is_text(value: Any) -> bool:
    """Text a database takes: no control characters and no half of a surrogate pair."""
    if not isinstance(value, str) or not value.strip() or len(value) > _TEXT_LENGTH:
        return False
    return not any(unicodedata.category(c) in {"Cc", "Cs"} for c in value)


_CODE = f"text of 1 to {_CODE_LENGTH} characters without spaces and slashes"
_TEXT = f"text of 1 to {_TEXT_LENGTH} characters"
_PROPERTIES: tuple[tuple[str, str, Callable[[Any], bool]], ...] = (
    ("code", _CODE, _is_code),
    ("parent", _CODE, _is_code),
    ("name", _TEXT, _is_text),
    ("source", _TEXT, _is_text),
    ("kind", f"one of {', '.join(get_args(AreaKind))}", lambda value: value in get_args(AreaKind)),
    ("synthetic", "true or false", lambda value: isinstance(value, bool)),
)
"""What each property of a feature must be when it is there."""


def _wrong_properties(properties: dict[str, Any]) -> list[tuple[str, str]]:
    wrong = [
        (field, f"must be {needed}")
        for field, needed, holds in _PROPERTIES
        if properties.get(field) is not None and not holds(properties[field])
    ]
    if properties.get("code") is None:
        wrong.append(("code", "missing"))
    elif properties["code"] == properties.get("parent"):
        wrong.append(("parent", "is the place itself"))
    return wrong


class Located(NamedTuple):
    """Where a point lies; None for what it lies outside of."""

    community: str | None
    grid: str | None
    on_border: bool


class AreaIndex:
    """Finds the community and grid of a point.

    Border rule: a point within `BORDER_DEGREES` of several communities belongs to the one with the lower code;
    of the grids it touches, those of that community go first, and among them the lower code. The same rule
    decides where areas overlap by mistake. Built once and only read, so threads may share it.
    """

    def __init__(self, areas: Iterable[tuple[str, str, GeoJson]]) -> None:
        """Take (code, kind, GeoJSON in WGS-84); kinds other than community and grid are passed over."""
        known = sorted((area for area in areas if area[1] in {"community", "grid"}), key=_by_kind_and_code)
        self._codes = [code for code, _, _ in known]
        self._kinds = [kind for _, kind, _ in known]
        self._shapes = [shape(geometry) for _, _, geometry in known]
        self._tree = shapely.STRtree(self._shapes)
        self._community_of = self._communities_of_grids()

    def locate(self, point: Point) -> Located:
        """The community and grid the point lies in, and whether it lies on a border of any."""
        if not usable(point.lon, point.lat):
            return Located(None, None, on_border=False)
        place = shapely.Point(point.lon, point.lat)
        near = sorted(int(i) for i in self._tree.query(place, predicate="dwithin", distance=BORDER_DEGREES))
        community = next((self._codes[i] for i in near if self._kinds[i] == "community"), None)
        grids = [i for i in near if self._kinds[i] == "grid"]
        grid = min(grids, key=lambda i: (self._community_of.get(i) != community, i), default=None)
        on_border = any(self._shapes[i].boundary.distance(place) <= BORDER_DEGREES for i in near)
        return Located(community, None if grid is None else self._codes[grid], on_border)

    def _communities_of_grids(self) -> dict[int, str]:
        """For each grid the community around its inner point: a grid on its border goes with that community."""
        inner = shapely.point_on_surface(np.array(self._shapes, dtype=object))
        found: dict[int, str] = {}
        for i, j in sorted(self._tree.query(inner, predicate="intersects").T.tolist()):
            if self._kinds[i] == "grid" and self._kinds[j] == "community":
                found.setdefault(i, self._codes[j])
        return found


def _by_kind_and_code(area: tuple[str, str, GeoJson]) -> tuple[str, str]:
    code, kind, _ = area
    return kind, code
