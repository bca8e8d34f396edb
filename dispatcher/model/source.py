"""Sources: the anti-fraud centres that may send warning orders, and what they sent already."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.ids import new_id
from dispatcher.model.base import Base
from dispatcher.protection.columns import EncryptedJson


class Source(Base):
    """One centre. `secrets` is a list of `{"secret": "whsec_…", "until": ISO time or null}`, newest first."""

    __tablename__ = "sources"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    secrets: Mapped[Any] = mapped_column(EncryptedJson("sources.secrets"))
    feedback_url: Mapped[str | None]
    desk_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id"))
    limit_per_second: Mapped[int] = mapped_column(default=1000)
    added_at: Mapped[datetime]


class Delivery(Base):
    """One webhook taken in: its id may come again with the same body, never with another."""

    __tablename__ = "deliveries"

    source_id: Mapped[UUID] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    webhook_id: Mapped[str] = mapped_column(primary_key=True)
    body_sha256: Mapped[bytes]
    alert_id: Mapped[UUID]
    case_id: Mapped[UUID | None]
    received_at: Mapped[datetime] = mapped_column(index=True)
