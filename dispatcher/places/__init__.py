"""Places in the database: the demo tree, areas from files, and looking places up by code and name."""

from dispatcher.places.areas import AreaReport, import_areas
from dispatcher.places.lookup import StationPlaces, find_place, find_station, station_places
from dispatcher.places.seeding import seed_places

__all__ = [
    "AreaReport",
    "StationPlaces",
    "find_place",
    "find_station",
    "import_areas",
    "seed_places",
    "station_places",
]
