"""A small tree of places, quicker to make than the demo's."""

import pytest

from dispatcher.db import Database
from dispatcher.geo.coordinates import Point
from dispatcher.geo.xixiang import PlaceSeed
from dispatcher.places import seed_places

SMALL = [
    PlaceSeed("city", "city", "深圳市", "Shenzhen"),
    PlaceSeed("S1", "station", "流塘派出所", "Liutang", "city", centre=Point(113.87, 22.57)),
    PlaceSeed("S2", "station", "西乡派出所", "Xixiang", "city"),
    PlaceSeed("C1", "community", "桃源社区", "Taoyuan", "S1", centre=Point(113.871, 22.571)),
    PlaceSeed("C2", "community", "流塘社区", "Liutang", "S1", centre=Point(113.872, 22.572)),
    PlaceSeed("C9", "community", "河西社区", "Hexi", "S2"),
    PlaceSeed("G11", "grid", "第一网格", "Grid 1", "C1", centre=Point(113.8711, 22.5711)),
    PlaceSeed("G12", "grid", "第二网格", "Grid 2", "C1"),
    PlaceSeed("G21", "grid", "第一网格", "Grid 1", "C2", centre=Point(113.8721, 22.5721)),
]


@pytest.fixture
def places(database: Database) -> Database:
    database.transact(lambda work: seed_places(work, SMALL))
    return database
