"""Stop-payments and freezes: recorded and clocked here, executed by a bank (field guide §3)."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.ids import new_id
from dispatcher.lifecycle import HELD, FreezeState
from dispatcher.model.base import Base, states
from dispatcher.protection.columns import EncryptedJson, EncryptedText


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


class FreezeAct(StrEnum):
    """What was done to a request; each leaves one step."""

    DRAFTED = "drafted"
    CORRECTED = "corrected"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    SENT = "sent"
    MISMATCHED = "mismatched"
    STOPPED = "stopped"
    FROZEN = "frozen"
    RENEWED = "renewed"
    RELEASED = "released"
    RETURNED = "returned"
    LAPSED = "lapsed"


class Freeze(Base):
    """One request to stop or freeze an account.

    `account`, `account_name`, `bank`: what is to be stopped; `other_…`: the other side of the transfer, the victim's
    account when a suspect's is stopped and the other way round. `receipts` are references in words. `since` and
    `until` are the period that runs (UTC), `warn_at` when to warn of its end: none once that was done. `stop_no` is 1
    or 2 for a stop of a suspect's account. `held` and `returned` are what the bank said. `version` counts the changes.
    """

    __tablename__ = "freezes"
    __table_args__ = (
        Index("ix_freezes_account_index", "account_index"),
        Index("ix_freezes_until", "until", postgresql_where=text("state IN ('stopped', 'frozen', 'renewed')")),
        Index("ix_freezes_warn_at", "warn_at", postgresql_where=text("warn_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    whose: Mapped[Whose] = mapped_column(states(Whose))
    asked_by: Mapped[AskedBy] = mapped_column(states(AskedBy))
    account: Mapped[str | None] = mapped_column(EncryptedText("freezes.account"))
    account_index: Mapped[bytes | None]
    account_name: Mapped[str | None] = mapped_column(EncryptedText("freezes.account_name"))
    bank: Mapped[str | None]
    other_account: Mapped[str | None] = mapped_column(EncryptedText("freezes.other_account"))
    other_name: Mapped[str | None] = mapped_column(EncryptedText("freezes.other_name"))
    other_bank: Mapped[str | None]
    amount: Mapped[Decimal | None]
    transferred_at: Mapped[datetime | None]
    facts: Mapped[str | None] = mapped_column(EncryptedText("freezes.facts"))
    receipts: Mapped[list[str] | None] = mapped_column(EncryptedJson("freezes.receipts"))
    state: Mapped[FreezeState] = mapped_column(states(FreezeState), default=FreezeState.DRAFT)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    warn_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None]
    stop_no: Mapped[int | None]
    held: Mapped[Decimal | None]
    returned: Mapped[Decimal | None]
    submitted_by: Mapped[UUID | None] = mapped_column(ForeignKey("officers.id"))
    volunteer_id: Mapped[UUID | None] = mapped_column(ForeignKey("volunteers.id"))
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("officers.id"))
    opened_at: Mapped[datetime]

    @classmethod
    def runs(cls) -> ColumnElement[bool]:
        """Whether a stop or freeze runs; written out, since no prepared plan uses a partial index by parameters."""
        return cls.state.in_([literal_column(f"'{state.value}'") for state in sorted(HELD)])


class FreezeStep(Base):
    """One thing that was done to a request; rows are only ever added.

    `recorded_at` is when it was written down, `at` when it happened, by the bank's word. `by` is an officer's name, a
    volunteer's id or `system`. `words` are the bank's at a mismatch and the officer's reason at a release. `asked` is a
    blind index of what was asked, to know the same request again. `account_index` and `stop_no` are those of a stop:
    no account of a suspect has two first stops, or two second ones.
    """

    __tablename__ = "freeze_steps"
    __table_args__ = (
        Index("ix_freeze_steps_freeze_id", "freeze_id", "version"),
        Index(
            "uq_freeze_steps_stop",
            "account_index",
            "stop_no",
            unique=True,
            postgresql_where=text("stop_no IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    freeze_id: Mapped[UUID] = mapped_column(ForeignKey("freezes.id"))
    version: Mapped[int]
    act: Mapped[FreezeAct] = mapped_column(states(FreezeAct))
    state: Mapped[FreezeState] = mapped_column(states(FreezeState))
    recorded_at: Mapped[datetime]
    at: Mapped[datetime]
    by: Mapped[str]
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("officers.id"))
    reference: Mapped[str | None]
    amount: Mapped[Decimal | None]
    words: Mapped[str | None] = mapped_column(EncryptedText("freeze_steps.words"))
    chief: Mapped[str | None]
    chief_at: Mapped[datetime | None]
    major: Mapped[bool | None]
    until: Mapped[datetime | None]
    stop_no: Mapped[int | None]
    account_index: Mapped[bytes | None]
    asked: Mapped[bytes | None]
