"""Alerts: warning orders (预警指令) as the centre sent them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.ids import new_id
from dispatcher.model.base import Base
from dispatcher.protection.columns import EncryptedJson


class Alert(Base):
    """One warning order. A withdrawal that came first leaves a row without `data` and without a case.

    `raised`: its `alert.raised` has come, and not only what the centre said later.
    """

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("source_id", "alert_no"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    source_id: Mapped[UUID] = mapped_column(ForeignKey("sources.id"))
    alert_no: Mapped[str]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"), index=True)
    level: Mapped[str | None]
    data: Mapped[Any] = mapped_column(EncryptedJson("alerts.data"), nullable=True)
    stated_at: Mapped[datetime | None]
    raised: Mapped[bool] = mapped_column(default=False)
    received_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]
