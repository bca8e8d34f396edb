"""Officers, their sessions, and the record of everything they did (field guide §6)."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.ids import new_id
from dispatcher.model.base import Base, Big, states
from dispatcher.protection.columns import EncryptedText


class Role(StrEnum):
    """What an officer may do."""

    DUTY = "duty"
    CHIEF = "chief"
    ADMIN = "admin"
    AUDITOR = "auditor"
    CENTRE = "centre"


class Officer(Base):
    """One person who signs in; sees the place given and everything below it."""

    __tablename__ = "officers"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("places.id"))
    role: Mapped[Role] = mapped_column(states(Role))
    password_hash: Mapped[str]
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText("officers.totp_secret"))
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None] = mapped_column(Big)
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(default=True)
    added_at: Mapped[datetime]


class OfficerSession(Base):
    """One sign-in; only a hash of the cookie's token is kept."""

    __tablename__ = "officer_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officers.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    full: Mapped[bool]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class AuditEntry(Base):
    """One act of one user. The database itself refuses to change or remove a row."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_subject", "subject", "id"),)

    id: Mapped[int] = mapped_column(Big, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("officers.id"))
    act: Mapped[str]
    subject: Mapped[str | None]
    details: Mapped[dict[str, Any] | None]
    address: Mapped[str | None]
