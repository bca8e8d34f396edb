"""The demo organisation written into the database."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from dispatcher.ids import new_id
from dispatcher.model import Area, Place, PlaceKind
from dispatcher.places.tree import by_code, insert_places, path_of
from dispatcher.work import Work

if TYPE_CHECKING:
    from dispatcher.geo.xixiang import PlaceSeed


def seed_places(work: Work, seeds: "Sequence[PlaceSeed]") -> int:
    """Make the places and areas that are not there yet; gives how many places.

    What is there stays as it is: real boundaries that were imported later are not covered by invented ones again.
    """
    places = by_code(work.session, [seed.code for seed in seeds])
    new: list[Place] = []
    for seed in seeds:
        if seed.code not in places:
            places[seed.code] = _place(seed, places)
            new.append(places[seed.code])
    insert_places(work.session, new)
    _seed_areas(work, seeds, places)
    return len(new)


def _place(seed: "PlaceSeed", places: dict[str, Place]) -> Place:
    parent = places[seed.parent] if seed.parent else None
    return Place(
        id=new_id(),
        code=seed.code,
        kind=PlaceKind(seed.kind),
        name=seed.name,
        name_en=seed.name_en,
        parent_id=parent.id if parent else None,
        police_grid_id=places[seed.police_grid].id if seed.police_grid else None,
        path=path_of(seed.code, parent),
        lon=seed.centre.lon if seed.centre else None,
        lat=seed.centre.lat if seed.centre else None,
        synthetic=seed.synthetic,
    )


def _seed_areas(work: Work, seeds: "Sequence[PlaceSeed]", places: dict[str, Place]) -> None:
    from dispatcher.geo.xixiang import SOURCE  # draws with scipy, which a roster does not need

    with_area = set(work.session.scalars(select(Area.place_id)))
    rows = [
        {
            "place_id": places[seed.code].id,
            "geometry": seed.geometry,
            "synthetic": seed.synthetic,
            "source": SOURCE,
            "changed_at": work.now,
        }
        for seed in seeds
        if seed.geometry and places[seed.code].id not in with_area
    ]
    if rows:
        work.session.execute(insert(Area), rows)
