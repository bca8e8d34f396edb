"""The contact track of a case: attempts to reach the resident (field guide §2)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.ids import new_id
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
