"""The demo organisation: Xixiang Street with station 流塘派出所, 25 communities and 963 grids (field guide §1, §5).

Names and codes of the communities are real (`data/README.md`). No boundaries of them are published, so the ground
is invented around Bao'an's real position and labelled synthetic; so are the grids' numbers and the police grids.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from random import Random
from typing import Literal, NamedTuple

import shapely
from shapely.geometry import Polygon

from dispatcher.geo.coordinates import Point
from dispatcher.geo.rings import GeoJson, as_geojson, inner_point
from dispatcher.geo.tiling import DECIMALS, Box, Site, cells, middle, relaxed, scattered

STATION = "440306-LT"
STREET = "440306018"
GRIDS = 963
BOX = Box(west=113.835, south=22.545, east=113.925, north=22.615)
SOURCE = "synthetic, not a real boundary"

SeedKind = Literal["city", "district", "street", "station", "community", "police_grid", "grid"]

# How the communities lie to each other, north at the top: invented, with the coast's in the south and the
# reservoir's in the north-east. Each column is a police grid.
_ROWS = (
    ("固戍 Gushu", "固兴 Guxing", "南昌 Nanchang", "凤凰岗 Fenghuanggang", "铁岗 Tiegang"),
    ("共乐 Gongle", "乐群 Lequn", "臣田 Chentian", "庄边 Zhuangbian", "福中福 Fuzhongfu"),
    ("盐田 Yantian", "流塘 Liutang", "径贝 Jingbei", "麻布 Mabu", "龙珠 Longzhu"),
    ("劳动 Laodong", "桃源 Taoyuan", "河东 Hedong", "富华 Fuhua", "龙腾 Longteng"),
    ("永丰 Yongfeng", "蚝业 Haoye", "渔业 Yuye", "河西 Hexi", "西乡 Xixiang"),
)


class _Placed(NamedTuple):
    """Where a community's cell is grown, and the one grid of it that stays where it is put."""

    community: Site
    grid: Site


# Liutang lies around 113.866, 22.578 and Taoyuan around 113.86628, 22.57712, a hundred metres south of it: the
# border between them runs in the middle.
_PLACED = {
    "流塘社区": _Placed(community=(113.866, 22.5845), grid=(113.866, 22.5788)),
    "桃源社区": _Placed(community=(113.866, 22.5706), grid=(113.8662, 22.5763)),
}

_SEED = 963
_COMMUNITY_ROUNDS = 8
_GRID_ROUNDS = 3
_BAND_DEGREES = 0.0025


@dataclass(frozen=True, slots=True)
class PlaceSeed:
    """One place to be made, after its parent and its police grid; `parent` and `police_grid` are codes.

    `synthetic`: its ground, or the place altogether, is invented. Geometry: GeoJSON Polygon in WGS-84.
    """

    code: str
    kind: SeedKind
    name: str
    name_en: str
    parent: str | None = None
    police_grid: str | None = None
    synthetic: bool = False
    geometry: GeoJson | None = None
    centre: Point | None = None


@dataclass(frozen=True, slots=True)
class _Community:
    code: str
    name: str
    pinyin: str
    row: int
    column: int

    @property
    def police_grid(self) -> str:
        return f"{STATION}-P{self.column + 1}"


_Ground = dict[str, list[Polygon]]


def demo_places() -> list[PlaceSeed]:
    """The whole tree, parents first; the same on every call and machine."""
    communities = _communities()
    ground = _ground(communities)
    return [
        PlaceSeed("4403", "city", "深圳市", "Shenzhen"),
        PlaceSeed("440306", "district", "宝安区", "Bao'an District", "4403"),
        PlaceSeed(STREET, "street", "西乡街道", "Xixiang Street", "440306"),
        _drawn(
            PlaceSeed(STATION, "station", "流塘派出所", "Liutang police station", STREET),
            [cell for grids in ground.values() for cell in grids],
        ),
        *_police_grid_seeds(communities, ground),
        *(
            _drawn(PlaceSeed(c.code, "community", c.name, f"{c.pinyin} community", STATION), ground[c.code])
            for c in communities
        ),
        *(seed for c in communities for seed in _grid_seeds(c, ground[c.code])),
    ]


def _communities() -> list[_Community]:
    """The published list, in the order of its codes."""
    layout = {
        f"{chinese}社区": (pinyin, row, column)
        for row, names in enumerate(_ROWS)
        for column, (chinese, pinyin) in enumerate(name.split() for name in names)
    }
    with (files("dispatcher.geo") / "data" / "xixiang-communities.csv").open(encoding="utf-8") as file:
        return [_Community(row["code"], row["name"], *layout[row["name"]]) for row in csv.DictReader(file)]


def _ground(communities: Sequence[_Community]) -> _Ground:
    """The grids' ground by community, in reading order.

    All grids are cells of one tiling and a community is the sum of its grids, so nothing gapes between communities.
    """
    random = Random(_SEED)  # noqa: S311 - draws a map, keeps no secret
    ordered = sorted(communities, key=lambda c: c.name not in _PLACED)
    few, more = divmod(GRIDS, len(communities))
    wanted = {c.code: few + (n < more) for n, c in enumerate(communities)}
    claims = [(c.code, _PLACED[c.name].grid) for c in ordered if c.name in _PLACED]
    fixed = len(claims)
    for community, area in zip(ordered, _rough_ground(ordered, random), strict=True):
        missing = wanted[community.code] - (community.name in _PLACED)
        claims += [(community.code, site) for site in scattered(area, missing, random)]
    sites = relaxed([site for _, site in claims], BOX, _GRID_ROUNDS, fixed)
    ground: _Ground = {c.code: [] for c in communities}
    for (owner, _), cell in zip(claims, cells(sites, BOX), strict=True):
        ground[owner].append(cell)
    return {code: sorted(grids, key=_reading_order) for code, grids in ground.items()}


def _rough_ground(ordered: Sequence[_Community], random: Random) -> list[Polygon]:
    """Where each community's grids are strewn; the placed communities come first."""
    sites = [_PLACED[c.name].community if c.name in _PLACED else _shaken(c, random) for c in ordered]
    return cells(relaxed(sites, BOX, _COMMUNITY_ROUNDS, len(_PLACED)), BOX)


def _shaken(community: _Community, random: Random) -> Site:
    """Somewhere about the community's place in the layout."""
    width, height = (BOX.east - BOX.west) / len(_ROWS[0]), (BOX.north - BOX.south) / len(_ROWS)
    column, row = community.column + random.uniform(0.2, 0.8), community.row + random.uniform(0.2, 0.8)
    return BOX.west + width * column, BOX.north - height * row


def _reading_order(grid: Polygon) -> tuple[int, float]:
    """From north to south in bands, in each from west to east."""
    lon, lat = middle(grid)
    return int((BOX.north - lat) / _BAND_DEGREES), lon


def _police_grid_seeds(communities: Sequence[_Community], ground: _Ground) -> Iterator[PlaceSeed]:
    for number, _ in enumerate(_ROWS[0], 1):
        code = f"{STATION}-P{number}"
        grids = [grid for c in communities if c.police_grid == code for grid in ground[c.code]]
        seed = PlaceSeed(code, "police_grid", f"流塘第{number}警格", f"Liutang police grid {number}", STATION)
        yield _drawn(seed, grids)


def _grid_seeds(community: _Community, grids: Sequence[Polygon]) -> Iterator[PlaceSeed]:
    for number, ground in enumerate(grids, 1):
        seed = PlaceSeed(
            code=f"{community.code}-G{number:02}",
            kind="grid",
            name=f"{community.name}第{number}网格",
            name_en=f"{community.pinyin} community, grid {number}",
            parent=community.code,
            police_grid=community.police_grid,
        )
        yield _drawn(seed, [ground])


def _drawn(seed: PlaceSeed, grids: Sequence[Polygon]) -> PlaceSeed:
    """The place with the ground of these grids, which hang together."""
    ground = shapely.coverage_union_all(grids).normalize()
    if not isinstance(ground, Polygon):
        raise TypeError(f"the ground of {seed.code} falls apart")
    inner = inner_point(ground)
    centre = Point(round(inner.lon, DECIMALS), round(inner.lat, DECIMALS))
    return replace(seed, synthetic=True, geometry=as_geojson(ground), centre=centre)
