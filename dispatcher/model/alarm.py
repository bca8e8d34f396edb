"""Alarms: what an officer must see and acknowledge by hand."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.ids import new_id
from dispatcher.model.base import Base, states


class AlarmKind(StrEnum):
    """Why the officer is called."""

    NOBODY_LEFT = "nobody_left"
    DEADLINE_MISSED = "deadline_missed"
    NOT_ARRIVED = "not_arrived"
    MONEY_MOVING = "money_moving"
    HELP_ASKED = "help_asked"
    WITHDRAWAL_ASKED = "withdrawal_asked"
    TEXT_UNSURE = "text_unsure"
    WARNED_AGAIN = "warned_again"
    FREEZE_ENDING = "freeze_ending"
    FREEZE_LAPSED = "freeze_lapsed"


STOPS_FIRST = (AlarmKind.MONEY_MOVING, AlarmKind.FREEZE_ENDING, AlarmKind.FREEZE_LAPSED)
"""Alarms about stop-payments stand before all others (field guide §3)."""


class Alarm(Base):
    """One alarm; several cases at once share one (contract: States, digest)."""

    __tablename__ = "alarms"
    __table_args__ = (Index("ix_alarms_open", "station_id", postgresql_where=text("acknowledged_at IS NULL")),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("places.id"))
    kind: Mapped[AlarmKind] = mapped_column(states(AlarmKind))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    cases: Mapped[int] = mapped_column(default=1)
    raised_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None] = mapped_column(ForeignKey("officers.id"))
