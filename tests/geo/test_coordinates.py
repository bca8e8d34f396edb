import json
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dispatcher.geo.coordinates import Crs, Point, distance_m, from_wgs84, to_wgs84, usable

ORACLE = Path(__file__).parents[1] / "oracles" / "gcoord.json"
VECTORS = json.loads(ORACLE.read_text(encoding="utf-8"))["vectors"]

# a tenth of a degree inside the box in which GCJ-02 is shifted
IN_CHINA = st.builds(Point, st.floats(72.2, 137.7), st.floats(1.0, 55.7))
ANYWHERE = st.builds(Point, st.floats(-180, 180), st.floats(-90, 90))


def pair(vector: dict) -> tuple[Crs, Crs]:
    return Crs(vector["from"]), Crs(vector["to"])


@pytest.mark.parametrize("source", Crs)
@pytest.mark.parametrize("target", Crs)
def test_every_pair_of_systems_agrees_with_gcoord(source: Crs, target: Crs) -> None:
    # gcoord ends its own search for the inverse of GCJ-02 at 1e-6 degree; what it computes directly agrees far closer
    tolerance = 1.1e-6 if target is Crs.WGS84 else 1e-9
    chosen = [vector for vector in VECTORS if pair(vector) == (source, target)]
    assert len(chosen) > 300 or source is target
    for vector in chosen:
        ours = from_wgs84(to_wgs84(*vector["point"], source), target)
        assert ours == pytest.approx(vector["result"], abs=tolerance, rel=0), vector


def test_the_inverse_of_gcoord_s_gcj02_is_exact_to_a_hundred_millionth_of_a_degree() -> None:
    chosen = [vector for vector in VECTORS if pair(vector) == (Crs.WGS84, Crs.GCJ02)]
    assert chosen
    for vector in chosen:
        back = to_wgs84(*vector["result"], Crs.GCJ02)
        assert (back.lon, back.lat) == pytest.approx(vector["point"], abs=1e-8, rel=0), vector


def test_the_example_of_the_contract_moves_some_six_hundred_metres() -> None:
    read_rightly = to_wgs84(113.8712, 22.5741, Crs.GCJ02)
    read_wrongly = to_wgs84(113.8712, 22.5741, Crs.WGS84)
    assert 550 < distance_m(read_rightly, read_wrongly) < 650


def test_wgs84_passes_untouched() -> None:
    assert to_wgs84(113.8712, 22.5741, Crs.WGS84) == Point(113.8712, 22.5741)
    assert from_wgs84(Point(113.8712, 22.5741), Crs.WGS84) == (113.8712, 22.5741)


@given(IN_CHINA)
def test_gcj02_there_and_back_again(point: Point) -> None:
    back = to_wgs84(*from_wgs84(point, Crs.GCJ02), Crs.GCJ02)
    assert (back.lon, back.lat) == pytest.approx((point.lon, point.lat), abs=1e-9, rel=0)


@given(IN_CHINA)
def test_bd09_there_and_back_again_within_a_quarter_of_a_metre(point: Point) -> None:
    back = to_wgs84(*from_wgs84(point, Crs.BD09), Crs.BD09)
    assert distance_m(point, back) < 0.25


@given(IN_CHINA)
def test_mixing_systems_up_moves_a_point_by_less_than_two_kilometres(point: Point) -> None:
    for crs in (Crs.GCJ02, Crs.BD09):
        lon, lat = from_wgs84(point, crs)
        assert distance_m(point, Point(lon, lat)) < 2000


@given(ANYWHERE)
def test_outside_china_gcj02_is_wgs84(point: Point) -> None:
    assume(not (72.004 <= point.lon <= 137.8347 and 0.8293 <= point.lat <= 55.8271))
    assert from_wgs84(point, Crs.GCJ02) == (point.lon, point.lat)
    assert to_wgs84(point.lon, point.lat, Crs.GCJ02) == point


@given(ANYWHERE, st.sampled_from(Crs))
def test_every_point_on_the_globe_has_an_answer_even_on_the_edge_of_the_shifted_box(point: Point, crs: Crs) -> None:
    answer = to_wgs84(point.lon, point.lat, crs)
    assert distance_m(point, answer) < 2000


@pytest.mark.parametrize("crs", Crs)
@pytest.mark.parametrize(
    ("lon", "lat"), [(nan, 22.5), (113.8, nan), (inf, 22.5), (113.8, -inf), (22.57, 113.87), (1e308, 0)]
)
def test_what_is_no_position_is_neither_usable_nor_converted(lon: float, lat: float, crs: Crs) -> None:
    assert not usable(lon, lat)
    with pytest.raises(ValueError, match="not a position"):
        to_wgs84(lon, lat, crs)


def test_zero_zero_is_what_devices_send_for_unknown() -> None:
    assert not usable(0, 0)
    assert not usable(-0.0, 0.0)
    assert usable(0, 51.4778)
    assert usable(113.8712, 22.5741)


def test_a_degree_of_latitude_is_111_kilometres_and_distance_has_no_direction() -> None:
    south, north = Point(113.87, 22.0), Point(113.87, 23.0)
    assert distance_m(south, north) == pytest.approx(111_195, abs=1)
    assert distance_m(north, south) == distance_m(south, north)
    assert distance_m(south, south) == 0
    assert distance_m(Point(0, 0), Point(180, 0)) == pytest.approx(20_015_115, abs=5)


@given(ANYWHERE, ANYWHERE, ANYWHERE)
def test_a_detour_is_never_shorter(a: Point, b: Point, c: Point) -> None:
    assert distance_m(a, c) <= distance_m(a, b) + distance_m(b, c) + 0.01
