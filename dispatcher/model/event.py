"""Events: what consoles are told, one gapless sequence a station (design: line, 6)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.ids import new_id
from dispatcher.model.base import Base, Big
from dispatcher.protection.columns import EncryptedJson


class FeedCounter(Base):
    """The last number given at a station. A restored backup gets a new epoch, so that consoles start afresh."""

    __tablename__ = "feed_counters"

    station_id: Mapped[UUID] = mapped_column(ForeignKey("places.id"), primary_key=True)
    epoch: Mapped[UUID] = mapped_column(default=new_id)
    seq: Mapped[int] = mapped_column(Big, default=0)


class Event(Base):
    """One change, with the case (masked) as it was right after it."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_case", "case_id", "at"), Index("ix_events_at", "at"))

    station_id: Mapped[UUID] = mapped_column(ForeignKey("places.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Big, primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    case_id: Mapped[UUID | None]
    case: Mapped[Any] = mapped_column(EncryptedJson("events.case"), nullable=True)
    data: Mapped[Any] = mapped_column(EncryptedJson("events.data"), nullable=True)
