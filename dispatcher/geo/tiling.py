"""Invented neighbourhoods: a box cut into cells that leave no gap and never overlap.

The cells of a Voronoi diagram share their corners; a corner is rounded once and used by all cells around it,
so that the tiling stays exact after rounding, and comes out the same on every machine.
"""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import numpy as np
from scipy.spatial import Voronoi
from shapely.geometry import Point, Polygon

DECIMALS = 7
"""Of a degree: about a centimetre."""

Site = tuple[float, float]
"""Longitude and latitude in degrees of the point a cell is grown around."""


class Box(NamedTuple):
    """Degrees, WGS-84."""

    west: float
    south: float
    east: float
    north: float


def cells(sites: Sequence[Site], box: Box) -> list[Polygon]:
    """For each site the part of the box nearer to it than to any other."""
    # Reckoned from the box's own corner: around 113 degrees the last digits would be lost in the squares.
    origin = np.array([box.west, box.south])
    east, north = box.east - box.west, box.north - box.south
    inside = np.array(sites) - origin
    # Each site has a mirror image across each side, so that cells end at the sides without being cut.
    mirrored = [
        inside * flip + shift
        for flip, shift in (((-1, 1), (0, 0)), ((-1, 1), (2 * east, 0)), ((1, -1), (0, 0)), ((1, -1), (0, 2 * north)))
    ]
    diagram = Voronoi(np.concatenate([inside, *mirrored]))
    corners = np.round(diagram.vertices + origin, DECIMALS)
    return [_polygon(corners[diagram.regions[diagram.point_region[n]]].tolist()) for n in range(len(sites))]


def relaxed(sites: Sequence[Site], box: Box, rounds: int, fixed: int = 0) -> list[Site]:
    """The sites moved to the middle of their cells, `rounds` times over (Lloyd); the first `fixed` stay put."""
    moved = list(sites)
    for _ in range(rounds):
        middles = [middle(cell) for cell in cells(moved, box)]
        moved[fixed:] = middles[fixed:]
    return moved


def scattered(area: Polygon, count: int, random: Random) -> list[Site]:
    """`count` points strewn evenly over the area."""
    west, south, east, north = area.bounds
    found: list[Site] = []
    while len(found) < count:
        site = (round(random.uniform(west, east), DECIMALS), round(random.uniform(south, north), DECIMALS))
        if area.contains(Point(site)):
            found.append(site)
    return found


def middle(area: Polygon) -> Site:
    """The area's centroid, rounded."""
    return round(area.centroid.x, DECIMALS), round(area.centroid.y, DECIMALS)


def _polygon(corners: list[list[float]]) -> Polygon:
    """Corners that fell together in rounding count once."""
    return Polygon([corner for n, corner in enumerate(corners) if corner != corners[n - 1]])
