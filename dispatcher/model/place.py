"""Places: the organisation tree and its areas (field guide §1, §5)."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.ids import new_id
from dispatcher.model.base import Base, states


class PlaceKind(StrEnum):
    """Levels of the tree; a police grid groups grids across communities."""

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    STATION = "station"
    COMMUNITY = "community"
    POLICE_GRID = "police_grid"
    GRID = "grid"


class Place(Base):
    """One node of the tree. `path` is the codes from the root down, each closed by `/`: scope is a prefix of it.

    `phone` is a station's published number (E.164): what residents call to check that a visitor is real.
    """

    __tablename__ = "places"
    __table_args__ = (Index("ix_places_path", "path", postgresql_ops={"path": "text_pattern_ops"}),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[PlaceKind] = mapped_column(states(PlaceKind))
    name: Mapped[str]
    name_en: Mapped[str | None]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id"), index=True)
    police_grid_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id"))
    path: Mapped[str]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    synthetic: Mapped[bool] = mapped_column(default=False)
    policy: Mapped[dict[str, Any] | None]
    phone: Mapped[str | None]


class Area(Base):
    """The ground a place covers: GeoJSON (Multi)Polygon in WGS-84. Synthetic ones are labelled, on the map too."""

    __tablename__ = "areas"

    place_id: Mapped[UUID] = mapped_column(ForeignKey("places.id"), primary_key=True)
    geometry: Mapped[dict[str, Any]]
    synthetic: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(index=True)
