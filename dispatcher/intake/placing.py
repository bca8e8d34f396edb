"""Which community and grid a resident is in: the areas, kept in the process until they change."""

import threading
from dataclasses import dataclass
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.orm import Session

from dispatcher.geo.areas import AreaIndex
from dispatcher.geo.coordinates import Point
from dispatcher.model import Area, Place, PlaceKind


@dataclass(frozen=True, slots=True)
class Spot:
    """A resident's position (WGS-84) and the places around it; `outside` every area we know."""

    point: Point | None
    community_id: UUID | None = None
    grid_id: UUID | None = None

    @property
    def outside(self) -> bool:
        """There is a position, and it lies in none of our areas."""
        return self.point is not None and self.community_id is None and self.grid_id is None


class Ground:
    """The areas of the communities and grids at one moment."""

    def __init__(self, session: Session, stamp: object) -> None:
        self.stamp = stamp
        found = session.execute(
            select(Place.id, Place.code, Place.kind, Area.geometry)
            .join(Place, Place.id == Area.place_id)
            .where(Place.kind.in_([PlaceKind.COMMUNITY, PlaceKind.GRID]))
        ).all()
        self._ids = {row.code: row.id for row in found}
        self._index = AreaIndex((row.code, row.kind.value, row.geometry) for row in found)

    def spot(self, point: Point | None) -> Spot:
        """The point with its community and grid."""
        if point is None:
            return Spot(None)
        located = self._index.locate(point)
        return Spot(
            point,
            community_id=self._ids[located.community] if located.community else None,
            grid_id=self._ids[located.grid] if located.grid else None,
        )


_kept: "WeakKeyDictionary[Engine | Connection, Ground]" = WeakKeyDictionary()
_lock = threading.Lock()


def ground(session: Session) -> Ground:
    """The areas as they stand: one short query, and building them anew only when they changed."""
    stamp = tuple(session.execute(select(func.max(Area.changed_at), func.count())).one())
    bind = session.get_bind()
    with _lock:
        kept = _kept.get(bind)
        if kept is None or kept.stamp != stamp:
            kept = _kept[bind] = Ground(session, stamp)
        return kept
