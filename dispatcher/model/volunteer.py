"""Volunteers: everybody who can be asked to go to a door, vests and police alike (field guide §1)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.ids import new_id
from dispatcher.model.base import Base, states
from dispatcher.protection.columns import EncryptedText


class VolunteerKind(StrEnum):
    """Who the person is."""

    VEST = "vest"
    GRID_WORKER = "grid_worker"
    AUXILIARY = "auxiliary"
    POLICE = "police"
    GUARD = "guard"


class Means(StrEnum):
    """How a person travels to a door."""

    WALK = "walk"
    BIKE = "bike"
    CAR = "car"


class PositionSource(StrEnum):
    """Where a person's position comes from: their page, their base, or the middle of their grid or community."""

    PAGE = "page"
    BASE = "base"
    GRID = "grid"


class Volunteer(Base):
    """One person on a station's roster. Positions are WGS-84 degrees.

    `duty_said_at` is when somebody last said by hand whether the person is on duty. `turn_at` is when their shift plan
    has to be looked at next, None without one; `turn_on_duty` is what it will say then, None until it was looked at.
    """

    __tablename__ = "volunteers"
    __table_args__ = (
        Index("ix_volunteers_on_duty", "station_id", postgresql_where=text("on_duty AND active")),
        Index("ix_volunteers_turn_at", "turn_at", postgresql_where=text("turn_at IS NOT NULL AND active")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("places.id"), index=True)
    name: Mapped[str] = mapped_column(EncryptedText("volunteers.name"))
    phone: Mapped[str] = mapped_column(EncryptedText("volunteers.phone"))
    phone_index: Mapped[bytes] = mapped_column(unique=True)
    kind: Mapped[VolunteerKind] = mapped_column(states(VolunteerKind), default=VolunteerKind.VEST)
    means: Mapped[Means] = mapped_column(states(Means), default=Means.WALK)
    team: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="zh")
    skills: Mapped[list[str]] = mapped_column(default=list)
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id"))
    grid_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id"))
    base_lon: Mapped[float | None]
    base_lat: Mapped[float | None]
    base_source: Mapped[PositionSource | None] = mapped_column(states(PositionSource))
    page_lon: Mapped[float | None]
    page_lat: Mapped[float | None]
    page_at: Mapped[datetime | None]
    on_duty: Mapped[bool] = mapped_column(default=False)
    duty_changed_at: Mapped[datetime | None]
    duty_said_at: Mapped[datetime | None]
    turn_at: Mapped[datetime | None]
    turn_on_duty: Mapped[bool | None]
    active: Mapped[bool] = mapped_column(default=True)
    added_at: Mapped[datetime]
