from random import Random

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.geo.tiling import DECIMALS, Box, cells, middle, relaxed, scattered

BOX = Box(west=113.8, south=22.5, east=113.9, north=22.6)


def strewn(count: int, seed: int = 1) -> list[tuple[float, float]]:
    return scattered(shapely.box(*BOX), count, Random(seed))


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), count=st.integers(2, 120))
def test_cells_fill_the_box_without_gap_or_overlap(seed: int, count: int) -> None:
    tiling = cells(strewn(count, seed), BOX)
    assert len(tiling) == count
    assert all(cell.is_valid for cell in tiling)
    assert shapely.coverage_is_valid(tiling)
    assert shapely.coverage_union_all(tiling).equals(shapely.box(*BOX))


def test_each_cell_surrounds_its_own_site() -> None:
    sites = strewn(50)
    assert all(cell.contains(shapely.Point(site)) for site, cell in zip(sites, cells(sites, BOX), strict=True))


def test_corners_are_rounded() -> None:
    for cell in cells(strewn(50), BOX):
        for lon, lat in cell.exterior.coords:
            assert (lon, lat) == (round(lon, DECIMALS), round(lat, DECIMALS))


def test_relaxing_evens_the_cells_out_and_leaves_the_fixed_sites_alone() -> None:
    sites = strewn(60)
    even = relaxed(sites, BOX, rounds=10, fixed=2)
    assert even[:2] == sites[:2]
    assert even[2:] != sites[2:]
    assert min(cell.area for cell in cells(even, BOX)) > min(cell.area for cell in cells(sites, BOX))


def test_points_are_strewn_inside_the_area_only_and_the_same_for_the_same_seed() -> None:
    triangle = shapely.Polygon([(113.8, 22.5), (113.9, 22.5), (113.8, 22.6)])
    sites = scattered(triangle, 40, Random(7))
    assert len(sites) == 40
    assert all(triangle.contains(shapely.Point(site)) for site in sites)
    assert sites == scattered(triangle, 40, Random(7))


def test_the_middle_of_a_box_is_its_middle() -> None:
    assert middle(shapely.box(*BOX)) == pytest.approx((113.85, 22.55))
