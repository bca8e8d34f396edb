"""The demo organisation, written once and found again."""

import pytest
from sqlalchemy import func, select

from dispatcher.db import Database
from dispatcher.errors import NotFound
from dispatcher.geo.areas import AreaIndex
from dispatcher.geo.coordinates import Point
from dispatcher.geo.xixiang import STATION, PlaceSeed, demo_places
from dispatcher.model import Area, FeedCounter, Place, PlaceKind
from dispatcher.places import find_place, find_station, seed_places
from dispatcher.work import Work


def test_xixiang_stands_in_the_database(database: Database) -> None:
    seeds = demo_places()

    assert database.transact(lambda work: seed_places(work, seeds)) == len(seeds)

    with database.engine.connect() as c:
        kinds = dict(c.execute(select(Place.kind, func.count()).group_by(Place.kind)).all())
    assert kinds[PlaceKind.COMMUNITY] == 25
    assert kinds[PlaceKind.GRID] == 963
    assert kinds[PlaceKind.STATION] == 1
    station = database.read(lambda session: find_station(session, STATION))
    assert (station.path, station.name) == ("4403/440306/440306018/440306-LT/", "流塘派出所")
    assert station.lon is not None
    assert database.read(lambda session: session.get_one(FeedCounter, station.id).seq) == 0


def test_grids_know_their_community_their_police_grid_and_their_way_up(database: Database) -> None:
    database.transact(lambda work: seed_places(work, demo_places()))
    everything = database.read(lambda session: session.scalars(select(Place)).all())
    by_id = {place.id: place for place in everything}
    grids = [place for place in everything if place.kind is PlaceKind.GRID]
    assert len(grids) == 963
    for grid in grids:
        assert grid.parent_id
        assert grid.police_grid_id
        community = by_id[grid.parent_id]
        assert community.kind is PlaceKind.COMMUNITY
        assert grid.path == f"{community.path}{grid.code}/"
        assert by_id[grid.police_grid_id].kind is PlaceKind.POLICE_GRID


def test_invented_ground_says_that_it_is(database: Database) -> None:
    database.transact(lambda work: seed_places(work, demo_places()))
    areas = database.read(lambda session: session.scalars(select(Area)).all())
    assert areas
    assert all(area.synthetic and "synthetic" in area.source for area in areas)


def test_a_point_is_found_on_ground_read_back(database: Database) -> None:
    database.transact(lambda work: seed_places(work, demo_places()))
    rows = database.read(
        lambda session: session.execute(select(Place.code, Place.kind, Area.geometry).join(Area)).all()
    )
    located = AreaIndex((code, kind.value, geometry) for code, kind, geometry in rows).locate(Point(113.866, 22.5845))
    assert located.grid
    community = database.read(lambda session: find_place(session, located.community or ""))
    assert community.name == "流塘社区"


def test_seeding_again_makes_nothing_twice_and_spares_what_was_changed(database: Database) -> None:
    seeds = demo_places()
    database.transact(lambda work: seed_places(work, seeds))

    def real_boundary_comes(work: Work) -> None:
        area = work.session.get_one(Area, find_station(work.session, STATION).id)
        area.source, area.synthetic = "surveyed", False

    database.transact(real_boundary_comes)

    assert database.transact(lambda work: seed_places(work, seeds)) == 0

    station = database.read(lambda session: find_station(session, STATION))
    assert database.read(lambda session: session.get_one(Area, station.id)).source == "surveyed"
    assert database.read(lambda session: session.scalar(select(func.count()).select_from(Place))) == len(seeds)


def test_seeds_grow_on_a_tree_that_is_there_already(database: Database) -> None:
    database.transact(lambda work: seed_places(work, [PlaceSeed("4403", "city", "深圳市", "Shenzhen")]))
    database.transact(lambda work: seed_places(work, demo_places()))
    assert database.read(lambda session: find_place(session, "440306")).path == "4403/440306/"


@pytest.mark.parametrize("code", ["440306-XX", "", "流塘", "440306018"])
def test_a_station_that_is_none_is_not_found(database: Database, code: str) -> None:
    database.transact(lambda work: seed_places(work, demo_places()))
    with pytest.raises(NotFound, match="no station"):
        database.read(lambda session: find_station(session, code))
