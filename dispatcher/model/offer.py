"""Offers: one person asked to take one case, and the task that follows when they accept."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.ids import new_id
from dispatcher.lifecycle import LIVE, OfferState
from dispatcher.model.base import Base, states
from dispatcher.protection.columns import EncryptedText

_LIVE = ", ".join(f"'{state}'" for state in sorted(LIVE))


class Offer(Base):
    """One offer. `doubtful`: its text may not have arrived, so the next person is asked as well.

    `round` is the case's at the asking; 0 and below for somebody whom the officer asked again by hand within a round.
    `seat` numbers the people on a case from 1; with the unique index it bounds acceptances in the database itself.
    `metres` and `chance` are what the plan reckoned with; `tired`: the person had a task in the hours before.
    `check_code` is drawn at the acceptance and means something while the task lives: by it a resident is told that
    this visitor is real.
    """

    __tablename__ = "offers"
    __table_args__ = (
        Index(
            "uq_offers_one_live_a_person",
            "volunteer_id",
            unique=True,
            postgresql_where=text(f"state IN ({_LIVE})"),
        ),
        Index("uq_offers_seat", "case_id", "seat", unique=True, postgresql_where=text("state = 'accepted'")),
        Index("uq_offers_check_code", "check_code", unique=True, postgresql_where=text("state = 'accepted'")),
        UniqueConstraint("case_id", "round", "volunteer_id"),
        Index("ix_offers_due", "expires_at", postgresql_where=text("state IN ('queued', 'sent', 'delivered')")),
        Index("ix_offers_accepted_at", "accepted_at", postgresql_where=text("accepted_at IS NOT NULL")),
        Index("ix_offers_undeliverable", "ended_at", postgresql_where=text("state = 'undeliverable'")),
        Index("ix_offers_volunteer_asked", "volunteer_id", "asked_at"),
        Index("ix_offers_volunteer_code", "volunteer_id", "code", "asked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("volunteers.id"))
    state: Mapped[OfferState] = mapped_column(states(OfferState), default=OfferState.QUEUED)
    round: Mapped[int]
    wave: Mapped[int]
    seat: Mapped[int | None]
    code: Mapped[str]
    token: Mapped[str] = mapped_column(EncryptedText("offers.token"))
    token_index: Mapped[bytes] = mapped_column(unique=True)
    eta_s: Mapped[int | None]
    metres: Mapped[int | None]
    chance: Mapped[float | None]
    tired: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[dict[str, Any]]
    doubtful: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    overdue_step: Mapped[int] = mapped_column(default=0)
    overdue_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    check_code: Mapped[str | None]

    @classmethod
    def among(cls, wanted: Collection[OfferState]) -> ColumnElement[bool]:
        """Whether the state is one of these; written out, since no prepared plan uses a partial index by parameters."""
        return cls.state.in_([literal_column(f"'{state.value}'") for state in sorted(wanted)])
