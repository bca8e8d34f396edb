"""Finding places by what people call them: everywhere by code, inside a station by code or name."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dispatcher.errors import BadInput, NotFound
from dispatcher.model import Place, PlaceKind
from dispatcher.places.tree import below

_CODES_SHOWN = 3


def find_place(session: Session, code: str) -> Place:
    """The place with this code. Raises NotFound."""
    place = session.scalar(select(Place).where(Place.code == code))
    if place is None:
        raise NotFound(f"there is no place with the code {code!r}", field="place")
    return place


def find_station(session: Session, code: str) -> Place:
    """The station with this code. Raises NotFound when there is none, or it is another kind of place."""
    place = session.scalar(select(Place).where(Place.code == code, Place.kind == PlaceKind.STATION))
    if place is None:
        raise NotFound(f"there is no station with the code {code!r}", field="station")
    return place


class StationPlaces:
    """One station with the communities and grids below it, read at once, found by code or name."""

    def __init__(self, station: Place, places: Iterable[Place]) -> None:
        self.station = station
        self._communities: dict[str, list[Place]] = defaultdict(list)
        self._grids: dict[str, list[Place]] = defaultdict(list)
        self._by_id: dict[UUID, Place] = {}
        for place in places:
            self._by_id[place.id] = place
            called = self._grids if place.kind is PlaceKind.GRID else self._communities
            for text in {place.code, place.name}:
                called[text].append(place)

    def community(self, text: str) -> Place:
        """The community called so. Raises BadInput when there is none, or more than one."""
        return _only(self._communities.get(text, []), "community", text, self.station)

    def grid(self, text: str, community: Place | None = None) -> Place:
        """The grid called so; grids of several communities may share a name, which `community` then settles.

        Raises BadInput when there is none, more than one, or it lies in another community.
        """
        found = self._grids.get(text, [])
        if community is None:
            return _only(found, "grid", text, self.station)
        return _only([grid for grid in found if grid.parent_id == community.id], "grid", text, community)

    def parent(self, place: Place) -> Place | None:
        """The community a grid lies in."""
        return self._by_id.get(place.parent_id) if place.parent_id else None


def station_places(session: Session, named: Collection[str]) -> Mapping[str, StationPlaces]:
    """For each text that is a station's code, or the name of exactly one station: that station and what it holds."""
    stations = session.scalars(
        select(Place).where(Place.kind == PlaceKind.STATION, or_(Place.code.in_(named), Place.name.in_(named)))
    ).all()
    known = {station.id: StationPlaces(station, _ground(session, station)) for station in stations}
    result: dict[str, StationPlaces] = {}
    for text in named:
        by_code = [station for station in stations if station.code == text]
        called = by_code or [station for station in stations if station.name == text]
        if len(called) == 1:
            result[text] = known[called[0].id]
    return result


def _ground(session: Session, station: Place) -> Iterable[Place]:
    kinds = (PlaceKind.COMMUNITY, PlaceKind.GRID)
    return session.scalars(select(Place).where(below(station), Place.kind.in_(kinds)).order_by(Place.code))


def _only(found: Collection[Place], kind: str, text: str, inside: Place) -> Place:
    if not found:
        raise BadInput(f"there is no {kind} {text!r} in {inside.name}", field=kind)
    if len(found) > 1:
        codes = ", ".join(place.code for place in list(found)[:_CODES_SHOWN])
        raise BadInput(f"{len(found)} {kind}s in {inside.name} are called {text!r}, name it by code: {codes} …", kind)
    return next(iter(found))
