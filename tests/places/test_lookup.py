"""Places as people call them."""

from collections.abc import Mapping

import pytest

from dispatcher.db import Database
from dispatcher.errors import BadInput
from dispatcher.places import StationPlaces, station_places


def looked_up(database: Database, *named: str) -> Mapping[str, StationPlaces]:
    return database.read(lambda session: station_places(session, set(named)))


def test_a_station_goes_by_its_code_or_its_name(places: Database) -> None:
    found = looked_up(places, "S1", "西乡派出所", "nowhere", "C1")
    assert {text: inside.station.code for text, inside in found.items()} == {"S1": "S1", "西乡派出所": "S2"}


def test_communities_and_grids_go_by_code_or_name(places: Database) -> None:
    inside = looked_up(places, "S1")["S1"]
    assert inside.community("C1") is inside.community("桃源社区")
    assert inside.grid("G12") is inside.grid("第二网格")
    assert inside.parent(inside.grid("G12")) is inside.community("C1")


def test_grids_of_the_same_name_are_told_apart_by_their_community(places: Database) -> None:
    inside = looked_up(places, "S1")["S1"]
    with pytest.raises(BadInput, match="name it by code: G11, G21"):
        inside.grid("第一网格")
    assert inside.grid("第一网格", inside.community("流塘社区")).code == "G21"


@pytest.mark.parametrize("text", ["C9", "河西社区", "G11", ""])
def test_another_stations_community_is_not_seen(places: Database, text: str) -> None:
    with pytest.raises(BadInput, match="no community"):
        looked_up(places, "S1")["S1"].community(text)


def test_a_grid_of_another_community_is_not_in_this_one(places: Database) -> None:
    inside = looked_up(places, "S1")["S1"]
    with pytest.raises(BadInput, match="no grid 'G21' in 桃源社区") as raised:
        inside.grid("G21", inside.community("C1"))
    assert raised.value.field == "grid"
