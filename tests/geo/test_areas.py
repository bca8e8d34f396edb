import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.geo.areas import AreaFileError, AreaIndex, Located, read_geojson
from dispatcher.geo.coordinates import Crs, Point, from_wgs84

SQUARE = [[113.86, 22.57], [113.87, 22.57], [113.87, 22.58], [113.86, 22.58], [113.86, 22.57]]
BOW_TIE = [[113.86, 22.57], [113.87, 22.58], [113.87, 22.57], [113.86, 22.58], [113.86, 22.57]]
HOLE = [[113.862, 22.572], [113.864, 22.572], [113.864, 22.574], [113.862, 22.574], [113.862, 22.572]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return polygon([[west, south], [east, south], [east, north], [west, north], [west, south]])


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": "A"} | properties, "geometry": geometry}


def collection(*features: Any, crs: Any = "wgs84") -> str:
    return json.dumps({"type": "FeatureCollection", "crs": crs, "features": list(features)}, ensure_ascii=False)


def faults_of(text: bytes | str, crs: Crs | None = None) -> list[tuple[int | None, str, str]]:
    with pytest.raises(AreaFileError) as refused:
        read_geojson(text, crs)
    assert "\n" not in str(refused.value)
    return [tuple(fault) for fault in refused.value.faults]


def only_fault(text: bytes | str) -> tuple[int | None, str, str]:
    (fault,) = faults_of(text)
    return fault


def test_an_area_comes_with_all_its_file_says() -> None:
    given_area = feature(
        polygon(SQUARE, HOLE),
        code="440306018025",
        name="桃源社区",
        kind="community",
        parent="440306-LT",
        synthetic=True,
        source="drawn",
    )
    (area,) = read_geojson(collection(given_area).encode(), None)
    assert (area.code, area.name, area.kind, area.parent) == ("440306018025", "桃源社区", "community", "440306-LT")
    assert (area.synthetic, area.source) == (True, "drawn")
    assert area.geometry == polygon(SQUARE, HOLE)


def test_only_the_code_is_needed_and_heights_are_dropped() -> None:
    (area,) = read_geojson(collection(feature(polygon([[*position, 12.5] for position in SQUARE]))), None)
    assert (area.name, area.kind, area.parent, area.synthetic, area.source) == (None, None, None, False, None)
    assert area.geometry == polygon(SQUARE)


def test_several_parts_stay_one_area() -> None:
    parts = {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [[[lon + 0.1, lat] for lon, lat in SQUARE]]]}
    (area,) = read_geojson(collection(feature(parts)), None)
    assert area.geometry == parts


def test_the_centre_of_a_horseshoe_lies_on_the_shoe() -> None:
    shoe = [[0, 1], [9, 1], [9, 10], [8, 10], [8, 2], [1, 2], [1, 10], [0, 10], [0, 1]]
    (area,) = read_geojson(collection(feature(polygon(shoe))), None)
    index = AreaIndex([("A", "community", area.geometry)])
    assert index.locate(area.centre).community == "A"


@given(st.sampled_from([Crs.GCJ02, Crs.BD09]))
def test_every_vertex_is_converted_once(crs: Crs) -> None:
    as_drawn = [list(from_wgs84(Point(lon, lat), crs)) for lon, lat in SQUARE]
    (area,) = read_geojson(collection(feature(polygon(as_drawn)), crs=crs), None)
    for converted, original in zip(area.geometry["coordinates"][0], SQUARE, strict=True):
        assert converted == pytest.approx(original, abs=2.5e-6, rel=0)


def test_the_files_own_system_goes_before_the_callers() -> None:
    (by_file,) = read_geojson(collection(feature(polygon(SQUARE)), crs="wgs84"), Crs.GCJ02)
    (by_caller,) = read_geojson(collection(feature(polygon(SQUARE)), crs=None), Crs.WGS84)
    (shifted,) = read_geojson(collection(feature(polygon(SQUARE)), crs=None), Crs.GCJ02)
    assert by_file.geometry == by_caller.geometry == polygon(SQUARE)
    assert shifted.geometry != polygon(SQUARE)


@pytest.mark.parametrize("crs", [None, "", "epsg:4326", 4326, ["wgs84"], {"type": "name"}])
def test_a_file_that_does_not_say_its_system_is_refused(crs: Any) -> None:
    feature_index, field, message = only_fault(collection(feature(polygon(SQUARE)), crs=crs))
    assert (feature_index, field) == (None, "crs")
    assert "wgs84, gcj02, bd09" in message


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (b"\xff\xfe\x00", "file"),
        ("", "file"),
        ("{", "file"),
        ("[" * 100_000, "file"),
        (collection(feature(polygon([[float("nan"), 22.57], *SQUARE[1:]]))), "file"),
        (collection(feature(polygon([[float("inf"), 22.57], *SQUARE[1:]]))), "file"),
        (f"[{'1' * 5000}]", "file"),
        ("[]", "type"),
        ('{"type": "Feature"}', "type"),
        ('{"type": "FeatureCollection", "crs": "wgs84"}', "features"),
        (collection(), "features"),
    ],
)
def test_a_file_of_another_kind_is_refused_as_a_whole(text: bytes | str, field: str) -> None:
    assert only_fault(text)[:2] == (None, field)


def test_a_byte_order_mark_is_no_mistake() -> None:
    text = collection(feature(polygon(SQUARE)))
    assert (
        read_geojson(text.encode("utf-8-sig"), None) == read_geojson("\ufeff" + text, None) == read_geojson(text, None)
    )


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (polygon(BOW_TIE), "crosses itself at 113.865, 22.575"),
        (polygon(SQUARE[:-1]), "ring 0: not closed"),
        (polygon([*SQUARE[:2], SQUARE[0]]), "too few positions"),
        (polygon([SQUARE[0]] * 4), "too few points"),
        (polygon([SQUARE[0], SQUARE[1], SQUARE[0], SQUARE[0]]), "at 113.86"),
        (polygon(SQUARE, [[lon + 1, lat] for lon, lat in HOLE]), "hole lies outside shell"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [HOLE]]}, "nested shells"),
        (
            polygon([[22.57, 113.86], *SQUARE[1:]]),
            "position 0: 22.57, 113.86 is not on the globe (longitude comes first)",
        ),
        (polygon([[113.86], *SQUARE[1:]]), "position 0: must be"),
        (polygon([["113.86", 22.57], *SQUARE[1:]]), "position 0: must be"),
        (polygon([[True, 22.57], *SQUARE[1:]]), "position 0: must be"),
        (polygon([[10**400, 22.57], *SQUARE[1:]]), "not on the globe"),
        (polygon([None, *SQUARE[1:]]), "position 0: must be"),
        (polygon(), "must be a list that is not empty"),
        (polygon([]), "ring 0: must be a list that is not empty"),
        (polygon("ring"), "ring 0: must be a list that is not empty"),
        ({"type": "Polygon"}, "polygon 0: must be a list"),
        ({"type": "MultiPolygon", "coordinates": []}, "coordinates: must be a list"),
        ({"type": "MultiPolygon", "coordinates": [SQUARE]}, "polygon 0, ring 0, position 0: must be"),
        ({"type": "Point", "coordinates": [113.86, 22.57]}, "must be a Polygon or a MultiPolygon"),
        ({"type": ["Polygon"]}, "must be a Polygon or a MultiPolygon"),
        (None, "must be a Polygon or a MultiPolygon"),
    ],
)
def test_a_geometry_that_encloses_nothing_sensible_is_named(geometry: Any, said: str) -> None:
    index, field, message = only_fault(collection(feature(geometry)))
    assert (index, field) == (0, "geometry")
    assert said in message


def test_infinity_written_as_a_number_is_named() -> None:
    text = collection(feature(polygon(SQUARE))).replace("113.87", "1e999")
    assert only_fault(text) == (
        0,
        "geometry",
        "polygon 0, ring 0, position 1: inf, 22.57 is not on the globe (longitude comes first)",
    )


@pytest.mark.parametrize(
    ("properties", "field"),
    [
        ({"code": None}, "code"),
        ({"code": ""}, "code"),
        ({"code": 440306018025}, "code"),
        ({"code": "a/b"}, "code"),
        ({"code": "a b"}, "code"),
        ({"code": "x" * 65}, "code"),
        ({"code": "\x00"}, "code"),
        ({"code": "\ud800"}, "code"),
        ({"name": 7}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"kind": "city"}, "kind"),
        ({"kind": ["grid"]}, "kind"),
        ({"parent": 7}, "parent"),
        ({"parent": "A"}, "parent"),
        ({"synthetic": "yes"}, "synthetic"),
        ({"source": []}, "source"),
    ],
)
def test_a_property_of_the_wrong_kind_is_named(properties: dict[str, Any], field: str) -> None:
    text = json.dumps(
        json.loads(collection(feature(polygon(SQUARE)))) | {"features": [feature(polygon(SQUARE), **properties)]}
    )
    assert only_fault(text)[:2] == (0, field)


def test_every_bad_feature_is_named_at_once_and_nothing_is_half_read() -> None:
    text = collection(
        feature(polygon(SQUARE), code="A"),
        feature(polygon(BOW_TIE), code="B", kind="village"),
        "feature",
        {"type": "Feature", "geometry": polygon(SQUARE)},
        feature(polygon(SQUARE), code="A"),
    )
    assert [fault[:2] for fault in faults_of(text)] == [
        (1, "kind"),
        (1, "geometry"),
        (2, "type"),
        (3, "properties"),
        (4, "code"),
    ]


def test_a_long_list_of_faults_is_cut_in_the_line_and_kept_in_the_error() -> None:
    text = collection(*[feature(None, code=str(n)) for n in range(500)])
    with pytest.raises(AreaFileError, match=r"feature 9, geometry: .*; and 490 more$") as refused:
        read_geojson(text, None)
    assert len(refused.value.faults) == 500


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(SQUARE),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["type", "coordinates", "code", "properties", "geometry"]), inner)
    ),
    max_leaves=12,
)


@given(st.lists(JSON | st.builds(feature, JSON | st.builds(polygon, JSON, JSON)), min_size=1, max_size=3))
def test_whatever_a_file_holds_it_is_read_or_refused_by_name(features: list[Any]) -> None:
    text = json.dumps({"type": "FeatureCollection", "crs": "gcj02", "features": features})
    with suppress(AreaFileError):
        assert len(read_geojson(text, None)) == len(features)


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_whatever_the_bytes_nothing_but_a_named_refusal_comes_out(text: bytes | str) -> None:
    assert faults_of(text)


# Two communities side by side, each of two grids one above the other; the eastern one has the lower code.
WEST, EAST = box(113.86, 22.57, 113.87, 22.58), box(113.87, 22.57, 113.88, 22.58)
AREAS = [
    ("C2", "community", WEST),
    ("C1", "community", EAST),
    ("C2-G1", "grid", box(113.86, 22.57, 113.87, 22.575)),
    ("C2-G2", "grid", box(113.86, 22.575, 113.87, 22.58)),
    ("C1-G1", "grid", box(113.87, 22.57, 113.88, 22.575)),
    ("C1-G2", "grid", box(113.87, 22.575, 113.88, 22.58)),
    ("P1", "police_grid", WEST),
]


@pytest.mark.parametrize(
    ("lon", "lat", "located"),
    [
        (113.865, 22.572, Located("C2", "C2-G1", on_border=False)),
        (113.875, 22.578, Located("C1", "C1-G2", on_border=False)),
        (113.87, 22.572, Located("C1", "C1-G1", on_border=True)),
        (113.865, 22.575, Located("C2", "C2-G1", on_border=True)),
        (113.87, 22.575, Located("C1", "C1-G1", on_border=True)),
        (113.86, 22.578, Located("C2", "C2-G2", on_border=True)),
        (113.8699995, 22.572, Located("C1", "C1-G1", on_border=True)),
        (113.86999, 22.572, Located("C2", "C2-G1", on_border=False)),
        (113.85, 22.575, Located(None, None, on_border=False)),
        (113.87, 22.59, Located(None, None, on_border=False)),
        (float("nan"), 22.57, Located(None, None, on_border=False)),
    ],
)
def test_a_point_lies_in_one_community_and_one_grid_and_the_lower_code_takes_the_border(
    lon: float, lat: float, located: Located
) -> None:
    assert AreaIndex(AREAS).locate(Point(lon, lat)) == located
    assert AreaIndex(reversed(AREAS)).locate(Point(lon, lat)) == located


def test_on_a_border_the_grid_is_one_of_the_community_named() -> None:
    areas = [("C1", "community", WEST), ("C2", "community", EAST), ("Z", "grid", WEST), ("A", "grid", EAST)]
    assert AreaIndex(areas).locate(Point(113.87, 22.575)) == Located("C1", "Z", on_border=True)


def test_a_grid_without_a_community_drawn_is_still_found() -> None:
    assert AreaIndex([("G", "grid", WEST)]).locate(Point(113.865, 22.575)) == Located(None, "G", on_border=False)


def test_where_nothing_is_drawn_nothing_is_found() -> None:
    assert AreaIndex([]).locate(Point(113.865, 22.575)) == Located(None, None, on_border=False)
