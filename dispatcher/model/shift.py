"""Shifts: when a person is on duty by plan (field guide §5: patrol 20:00-04:00)."""

from datetime import date, time
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.ids import new_id
from dispatcher.model.base import Base


class Weekday(StrEnum):
    """A day of the week, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


WEEK: Final = tuple(Weekday)
"""The days by the number that `date.weekday` gives."""


class Shift(Base):
    """A span of time on some days of the week, in the station's zone; a single date is its own `first` and `last`.

    `starts` and `ends` are what the clock on the wall says; a shift that does not end later than it starts ends on the
    next day. `first` and `last` are days on which it may start; None is no bound.
    """

    __tablename__ = "shifts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("volunteers.id"), index=True)
    days: Mapped[list[str]]
    starts: Mapped[time]
    ends: Mapped[time]
    first: Mapped[date | None]
    last: Mapped[date | None]
