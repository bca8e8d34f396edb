"""Feedback: what the centre is told back (contract: Feedback out)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.ids import new_id
from dispatcher.model.base import Base, Big


class Feedback(Base):
    """One signed status; `id` is its webhook-id on every try, `place` its place in the case's order."""

    __tablename__ = "feedbacks"
    __table_args__ = (
        Index("ix_feedbacks_due", "next_try_at", postgresql_where=text("ended_at IS NULL")),
        Index("ix_feedbacks_case", "case_id", "place"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    place: Mapped[int] = mapped_column(Big, Identity(always=True))
    source_id: Mapped[UUID] = mapped_column(ForeignKey("sources.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    type: Mapped[str]
    payload: Mapped[dict[str, Any]]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    last_answer: Mapped[str | None]
    accepted: Mapped[bool | None]
    ended_at: Mapped[datetime | None]
