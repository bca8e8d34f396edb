"""Texts out and texts in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.ids import new_id
from dispatcher.lifecycle import MessageState
from dispatcher.model.base import Base, states
from dispatcher.protection.columns import EncryptedJson, EncryptedText


class Message(Base):
    """One text to one phone: a template and its parameters until it is sent, the words once they are.

    `purpose` and `attempt` make it unique: the same text is never made twice. Claims are on the database's clock.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("purpose", "attempt"),
        Index("ix_messages_queued", "urgency", "not_before", postgresql_where=text("state = 'queued'")),
        Index("ix_messages_unsure", "claimed_at", postgresql_where=text("state IN ('sending', 'unknown')")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    purpose: Mapped[str]
    attempt: Mapped[int] = mapped_column(default=1)
    template: Mapped[str]
    params: Mapped[Any] = mapped_column(EncryptedJson("messages.params"))
    language: Mapped[str]
    phone: Mapped[str] = mapped_column(EncryptedText("messages.phone"))
    body: Mapped[str | None] = mapped_column(EncryptedText("messages.body"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"), index=True)
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offers.id"), index=True)
    volunteer_id: Mapped[UUID | None] = mapped_column(ForeignKey("volunteers.id"), index=True)
    urgency: Mapped[int] = mapped_column(default=5)
    state: Mapped[MessageState] = mapped_column(states(MessageState), default=MessageState.QUEUED)
    not_before: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]
    looked_for: Mapped[int] = mapped_column(default=0)
    provider_id: Mapped[str | None] = mapped_column(unique=True)
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Receipt(Base):
    """A provider's word on a text that is not ours yet: kept until our own record of it catches up."""

    __tablename__ = "receipts"

    provider_id: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(primary_key=True)
    error: Mapped[str | None]
    received_at: Mapped[datetime] = mapped_column(index=True)


class InboundText(Base):
    """One text that came in. What the grammar could not read waits in the duty officer's inbox."""

    __tablename__ = "inbound_texts"
    __table_args__ = (
        Index("ix_inbound_texts_inbox", "station_id", "received_at", postgresql_where=text("in_inbox")),
        Index("ix_inbound_texts_phone", "phone_index", "received_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    provider_id: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str] = mapped_column(EncryptedText("inbound_texts.phone"))
    phone_index: Mapped[bytes]
    body: Mapped[str] = mapped_column(EncryptedText("inbound_texts.body"))
    station_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id"))
    volunteer_id: Mapped[UUID | None] = mapped_column(ForeignKey("volunteers.id"))
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offers.id"), index=True)
    outcome: Mapped[str]
    answered: Mapped[bool] = mapped_column(default=False)
    in_inbox: Mapped[bool] = mapped_column(default=False)
    received_at: Mapped[datetime]
    handled_by: Mapped[UUID | None] = mapped_column(ForeignKey("officers.id"))
    handled_at: Mapped[datetime | None]
