"""How places hang together: what may stand below what, and the path that scope is a prefix of."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.orm import Session

from dispatcher.ids import new_id
from dispatcher.model import FeedCounter, Place, PlaceKind

ABOVE: Final[dict[PlaceKind, frozenset[PlaceKind]]] = {
    PlaceKind.CITY: frozenset(),
    PlaceKind.DISTRICT: frozenset({PlaceKind.CITY}),
    PlaceKind.STREET: frozenset({PlaceKind.CITY, PlaceKind.DISTRICT}),
    PlaceKind.STATION: frozenset({PlaceKind.CITY, PlaceKind.DISTRICT, PlaceKind.STREET}),
    PlaceKind.COMMUNITY: frozenset({PlaceKind.STATION}),
    PlaceKind.POLICE_GRID: frozenset({PlaceKind.STATION}),
    PlaceKind.GRID: frozenset({PlaceKind.COMMUNITY}),
}
"""What a place may hang below (field guide §5: Xixiang; a police grid lies over grids, it is not above them)."""


def path_of(code: str, parent: Place | None) -> str:
    """The codes from the root down to this place, each closed by `/`."""
    return f"{parent.path if parent else ''}{code}/"


def below(place: Place) -> ColumnElement[bool]:
    """True for the place itself and everything below it."""
    return Place.path.startswith(place.path, autoescape=True, escape="!")


def by_code(session: Session, codes: Collection[str]) -> dict[str, Place]:
    """The places there are among `codes`."""
    found = session.scalars(select(Place).where(Place.code.in_(codes)))
    return {place.code: place for place in found}


def insert_places(session: Session, places: Collection[Place]) -> None:
    """Write new places, parents first, and give every station among them its feed."""
    if not places:
        return
    names = [column.key for column in Place.__mapper__.column_attrs]
    session.execute(insert(Place), [{name: getattr(place, name) for name in names} for place in places])
    counters = [{"station_id": p.id, "epoch": new_id(), "seq": 0} for p in places if p.kind is PlaceKind.STATION]
    if counters:
        session.execute(insert(FeedCounter), counters)
