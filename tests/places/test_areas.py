"""Area files: new ground for places that are there, new places with their ground, all or nothing."""

import json
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatcher.db import Database
from dispatcher.geo.areas import AreaFileError, read_geojson
from dispatcher.geo.coordinates import Crs
from dispatcher.model import Area, FeedCounter, Place, PlaceKind, PositionSource, Volunteer
from dispatcher.places import AreaReport, find_place, import_areas
from dispatcher.protection.columns import blind_index
from dispatcher.work import Work
from tests.conftest import FixedClock


def feature(code: str, west: float = 113.87, **properties: Any) -> dict[str, Any]:
    east, south, north = west + 0.01, 22.57, 22.58
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"code": code, **properties},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def brought(database: Database, *features: dict[str, Any]) -> AreaReport:
    shapes = read_geojson(json.dumps({"type": "FeatureCollection", "features": features}), Crs.WGS84)
    return database.transact(lambda work: import_areas(work, shapes, "survey.geojson"))


def area_of(database: Database, code: str) -> Area:
    return database.read(lambda session: session.get_one(Area, find_place(session, code).id))


def counted(database: Database) -> tuple[int, ...]:
    def look(session: Session) -> tuple[int, ...]:
        return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in (Place, Area))

    return database.read(look)


def test_a_known_place_gets_its_ground_and_its_middle(places: Database) -> None:
    assert brought(places, feature("C1"), feature("C2", 113.88, name="流塘新社区")) == AreaReport(0, 2, 0)

    area = area_of(places, "C1")
    assert (area.source, area.synthetic) == ("survey.geojson", False)
    c1 = places.read(lambda session: find_place(session, "C1"))
    assert (c1.lon, c1.lat) == (pytest.approx(113.875), pytest.approx(22.575))
    assert places.read(lambda session: find_place(session, "C2")).name == "流塘新社区"


def test_the_same_file_again_changes_nothing(places: Database, clock: FixedClock) -> None:
    brought(places, feature("C1"))
    first = area_of(places, "C1").changed_at
    clock.forward(days=1)

    assert brought(places, feature("C1"), feature("C2")) == AreaReport(0, 1, 1)
    assert area_of(places, "C1").changed_at == first
    assert area_of(places, "C2").changed_at > first


def test_new_places_may_come_before_their_parents_in_the_file(places: Database) -> None:
    report = brought(
        places,
        feature("G31", name="第一网格", kind="grid", parent="C3", synthetic=True, source="drawn by hand"),
        feature("C3", name="新社区", kind="community", parent="S3"),
        feature("S3", name="新派出所", kind="station", parent="city"),
    )
    assert report == AreaReport(3, 0, 0)
    grid = places.read(lambda session: find_place(session, "G31"))
    assert (grid.path, grid.kind, grid.synthetic) == ("city/S3/C3/G31/", PlaceKind.GRID, True)
    assert area_of(places, "G31").source == "drawn by hand"
    station = places.read(lambda session: find_place(session, "S3"))
    assert places.read(lambda session: session.get_one(FeedCounter, station.id)).seq == 0


def test_every_bad_feature_is_named_and_nothing_is_taken(places: Database) -> None:
    before = counted(places)
    with pytest.raises(AreaFileError) as raised:
        brought(
            places,
            feature("C1"),
            feature("C4", kind="community", parent="S1"),
            feature("C5", name="五", kind="community", parent="S9"),
            feature("G51", name="格", kind="grid", parent="S1"),
            feature("C2", kind="grid"),
            feature("G11", parent="C2"),
            feature("X"),
        )
    assert [(fault.feature, fault.field) for fault in raised.value.faults] == [
        (1, "name"),
        (2, "parent"),
        (3, "parent"),
        (4, "kind"),
        (5, "parent"),
        (6, "name"),
        (6, "kind"),
        (6, "parent"),
    ]
    assert counted(places) == before


def test_places_cannot_hang_in_a_circle(places: Database) -> None:
    with pytest.raises(AreaFileError, match="cannot lie below"):
        brought(
            places,
            feature("A", name="甲", kind="community", parent="B"),
            feature("B", name="乙", kind="community", parent="A"),
        )


def test_people_known_to_be_somewhere_in_a_grid_move_with_its_middle(places: Database) -> None:
    def enrol(work: Work) -> None:
        grid = find_place(work.session, "G11")
        for number, source in enumerate(PositionSource):
            work.session.add(
                Volunteer(
                    station_id=find_place(work.session, "S1").id,
                    name=source.value,
                    phone=f"+861380000000{number}",
                    phone_index=blind_index("phone", f"+861380000000{number}"),
                    grid_id=grid.id,
                    base_lon=1.0,
                    base_lat=1.0,
                    base_source=source,
                    added_at=work.now,
                )
            )

    places.transact(enrol)
    brought(places, feature("G11"))
    people = places.read(lambda session: session.scalars(select(Volunteer)).all())
    where = {person.name: person.base_lon for person in people}
    assert where == {"page": 1.0, "base": 1.0, "grid": pytest.approx(113.875)}
