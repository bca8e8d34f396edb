import random
from collections import Counter, defaultdict

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon, shape

from dispatcher.geo.areas import AreaIndex
from dispatcher.geo.coordinates import Crs, Point, to_wgs84
from dispatcher.geo.xixiang import BOX, STATION, PlaceSeed, demo_places

PLACES = demo_places()
BY_CODE = {place.code: place for place in PLACES}
DRAWN = [(place.code, place.kind, place.geometry) for place in PLACES if place.geometry is not None]
INDEX = AreaIndex(DRAWN)


def of(kind: str) -> list[PlaceSeed]:
    return [place for place in PLACES if place.kind == kind]


def ground(place: PlaceSeed) -> Polygon:
    return shape(place.geometry)


def test_the_tree_is_a_city_with_one_station_25_communities_and_963_grids() -> None:
    assert Counter(place.kind for place in PLACES) == {
        "city": 1, "district": 1, "street": 1, "station": 1, "police_grid": 5, "community": 25, "grid": 963,
    }  # fmt: skip
    chain = [BY_CODE["440306018012-G07"]]
    while chain[-1].parent:
        chain.append(BY_CODE[chain[-1].parent])
    assert [place.name for place in chain] == [
        "流塘社区第7网格",
        "流塘社区",
        "流塘派出所",
        "西乡街道",
        "宝安区",
        "深圳市",
    ]
    assert [place.name_en for place in chain[:3]] == [
        "Liutang community, grid 7",
        "Liutang community",
        "Liutang police station",
    ]


def test_codes_are_unique_and_parents_and_police_grids_come_first() -> None:
    seen: set[str] = set()
    for place in PLACES:
        assert place.code not in seen
        assert place.parent in seen or place.kind == "city"
        assert place.police_grid in seen or place.kind != "grid"
        seen.add(place.code)


def test_each_community_has_38_or_39_grids_numbered_from_one() -> None:
    grids = defaultdict(list)
    for grid in of("grid"):
        grids[grid.parent].append(grid.code)
    assert set(grids) == {community.code for community in of("community")}
    for community, codes in grids.items():
        assert len(codes) in {38, 39}
        assert codes == [f"{community}-G{number:02}" for number in range(1, len(codes) + 1)]


def test_a_police_grid_lies_over_the_grids_of_several_communities() -> None:
    for police_grid in of("police_grid"):
        grids = [grid for grid in of("grid") if grid.police_grid == police_grid.code]
        assert police_grid.parent == STATION
        assert len({grid.parent for grid in grids}) == 5
        assert ground(police_grid).equals(shapely.coverage_union_all([ground(grid) for grid in grids]))


def test_all_ground_is_labelled_synthetic_and_nothing_else_is() -> None:
    for place in PLACES:
        assert place.synthetic == (place.geometry is not None) == (place.centre is not None)
    assert [place.kind for place in PLACES if not place.synthetic] == ["city", "district", "street"]


@pytest.mark.parametrize("kind", ["grid", "community", "police_grid", "station"])
def test_the_ground_of_each_level_fills_the_box_without_gap_or_overlap(kind: str) -> None:
    level = [ground(place) for place in of(kind)]
    assert all(area.is_valid and not area.interiors for area in level)
    assert shapely.coverage_is_valid(level)
    assert shapely.coverage_union_all(level).equals(shapely.box(*BOX))


def test_a_community_is_exactly_the_sum_of_its_grids() -> None:
    for community in of("community"):
        grids = [ground(grid) for grid in of("grid") if grid.parent == community.code]
        assert shapely.coverage_union_all(grids).equals(ground(community))


def test_no_neighbourhood_is_a_sliver_or_a_giant() -> None:
    for kind, most in (("community", 2), ("grid", 10)):
        sizes = [ground(place).area for place in of(kind)]
        assert max(sizes) < most * min(sizes)


def test_the_box_covers_what_the_contract_promises() -> None:
    assert ground(BY_CODE[STATION]).contains(shapely.box(113.84, 22.55, 113.92, 22.61))


def test_every_centre_lies_in_its_own_place() -> None:
    for place in PLACES:
        if place.centre is not None:
            assert ground(place).contains(shapely.Point(place.centre.lon, place.centre.lat))


def test_the_contracts_resident_lives_in_taoyuan_and_liutang_is_next_door() -> None:
    resident = INDEX.locate(to_wgs84(113.8712, 22.5741, Crs.GCJ02))
    assert BY_CODE[resident.community or ""].name == "桃源社区"
    liutang = INDEX.locate(Point(113.866, 22.578))
    assert BY_CODE[liutang.community or ""].name == "流塘社区"
    assert not resident.on_border
    assert not liutang.on_border


@given(st.floats(BOX.west, BOX.east), st.floats(BOX.south, BOX.north))
def test_every_point_of_the_box_lies_in_one_community_and_one_of_its_grids(lon: float, lat: float) -> None:
    located = INDEX.locate(Point(lon, lat))
    assert located.grid is not None
    assert BY_CODE[located.grid].parent == located.community


@given(st.sampled_from([corner for _, kind, area in DRAWN if kind == "community" for corner in area["coordinates"][0]]))
def test_where_communities_meet_the_lower_code_takes_the_point_with_one_of_its_grids(corner: list[float]) -> None:
    touching = [code for code, kind, area in DRAWN if kind == "community" and corner in area["coordinates"][0]]
    located = INDEX.locate(Point(*corner))
    assert located.on_border
    assert located.community == min(touching)
    assert BY_CODE[located.grid or ""].parent == located.community


@given(st.floats(BOX.east + 0.001, 180), st.floats(-90, 90))
def test_outside_the_box_there_is_nothing(lon: float, lat: float) -> None:
    assert INDEX.locate(Point(lon, lat)) == (None, None, False)


def test_it_comes_out_the_same_every_time() -> None:
    random.seed(5)
    assert demo_places() == PLACES
