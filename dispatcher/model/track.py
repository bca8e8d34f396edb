"""The two tracks of a case: contact attempts and stop-payments (field guide §2, §3)."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.ids import new_id
from dispatcher.lifecycle import FreezeState
from dispatcher.model.base import Base, states
from dispatcher.protection.columns import EncryptedText


class Channel(StrEnum):
    """How the resident was tried (field guide §2)."""

    PHONE = "phone"
    HOTLINE_96110 = "96110"
    SMS = "sms"
    WECHAT = "wechat"
    DOOR = "door"
    FAMILY = "family"
    NEIGHBOURS = "neighbours"
    WORKPLACE = "workplace"
    VIDEO = "video"


class ContactResult(StrEnum):
    """What came of an attempt; only `met` and `spoken` reached the resident."""

    ARRIVED = "arrived"
    MET = "met"
    SPOKEN = "spoken"
    NO_ANSWER = "no_answer"
    NOT_FOUND = "not_found"
    REFUSED = "refused"


class Contact(Base):
    """One attempt to reach the resident."""

    __tablename__ = "contacts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    channel: Mapped[Channel] = mapped_column(states(Channel))
    result: Mapped[ContactResult] = mapped_column(states(ContactResult))
    volunteer_id: Mapped[UUID | None] = mapped_column(ForeignKey("volunteers.id"))
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("officers.id"))
    by: Mapped[str]
    note: Mapped[str | None] = mapped_column(EncryptedText("contacts.note"))
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    at: Mapped[datetime]


class Whose(StrEnum):
    """The victim's own account or a suspect's: different things in law (field guide §3)."""

    OWN = "own"
    SUSPECT = "suspect"


class AskedBy(StrEnum):
    """Who asked for the stop."""

    FAMILY = "family"
    BANK = "bank"
    POLICE = "police"
    VEST = "vest"


class Freeze(Base):
    """One request to stop or freeze an account; recorded and clocked here, executed by a bank."""

    __tablename__ = "freezes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    whose: Mapped[Whose] = mapped_column(states(Whose))
    asked_by: Mapped[AskedBy] = mapped_column(states(AskedBy))
    account: Mapped[str | None] = mapped_column(EncryptedText("freezes.account"))
    account_name: Mapped[str | None] = mapped_column(EncryptedText("freezes.account_name"))
    bank: Mapped[str | None]
    amount: Mapped[Decimal | None]
    state: Mapped[FreezeState] = mapped_column(states(FreezeState), default=FreezeState.DRAFT)
    until: Mapped[datetime | None]
    volunteer_id: Mapped[UUID | None] = mapped_column(ForeignKey("volunteers.id"))
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("officers.id"))
    opened_at: Mapped[datetime]
