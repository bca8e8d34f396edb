"""Cases: one resident in danger, however many warning orders hang on it (field guide §2)."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.ids import new_id
from dispatcher.lifecycle import CaseState, Disposition
from dispatcher.model.base import Base, states
from dispatcher.protection.columns import EncryptedText


class Level(StrEnum):
    """How grave; names and colours are the station's (field guide §2)."""

    EXTREME = "extreme"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def gravity(self) -> int:
        """4 for the gravest, 1 for the least."""
        return 4 - list(Level).index(self)


class Flag(StrEnum):
    """What the officer should know about a case at a glance."""

    NO_POSITION = "no_position"
    OUTSIDE_AREAS = "outside_areas"
    BAD_PHONE = "bad_phone"
    UNKNOWN_FRAUD_TYPE = "unknown_fraud_type"
    UNKNOWN_STATION = "unknown_station"
    SAME_RESIDENT = "same_resident"
    WITHDRAWAL_ASKED = "withdrawal_asked"
    SEARCHING = "searching"
    DISSUADED_REPORTED = "dissuaded_reported"
    MONEY_MOVING = "money_moving"
    HELP_ASKED = "help_asked"
    NOT_ARRIVED = "not_arrived"


class Case(Base):
    """One case. Position is WGS-84; `wanted` is how many people are to be on it at once; `wave` counts the askings,
    `width` is how many may be asked at once by now, and from `widen_at` on more of them;
    `round` goes up when it is reopened, and with it everybody may be asked again.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "uq_cases_open_resident",
            "resident_phone_index",
            unique=True,
            postgresql_where=text("state <> 'closed' AND resident_phone_index IS NOT NULL"),
        ),
        Index("ix_cases_open", "station_id", "opened_at", postgresql_where=text("state <> 'closed'")),
        Index("ix_cases_station_opened", "station_id", "opened_at"),
        Index("ix_cases_opened_at", "opened_at", "id"),
        Index("ix_cases_widen_at", "widen_at", postgresql_where=text("widen_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(unique=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("places.id"))
    source_id: Mapped[UUID] = mapped_column(ForeignKey("sources.id"))
    level: Mapped[Level] = mapped_column(states(Level))
    kind: Mapped[str | None]
    fraud_type: Mapped[str | None]
    state: Mapped[CaseState] = mapped_column(states(CaseState), default=CaseState.NEW)
    held_by: Mapped[UUID | None] = mapped_column(ForeignKey("officers.id"))
    disposition: Mapped[Disposition | None] = mapped_column(states(Disposition))
    flags: Mapped[list[str]] = mapped_column(default=list)
    alert_count: Mapped[int] = mapped_column(default=1)
    wanted: Mapped[int] = mapped_column(default=1)
    wave: Mapped[int] = mapped_column(default=0)
    width: Mapped[int] = mapped_column(default=0)
    widen_at: Mapped[datetime | None]
    round: Mapped[int] = mapped_column(default=1)
    resident_name: Mapped[str | None] = mapped_column(EncryptedText("cases.resident_name"))
    resident_phone: Mapped[str | None] = mapped_column(EncryptedText("cases.resident_phone"))
    resident_phone_index: Mapped[bytes | None] = mapped_column(index=True)
    resident_address: Mapped[str | None] = mapped_column(EncryptedText("cases.resident_address"))
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id"))
    grid_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id"))
    opened_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]

    def flag(self, flag: Flag, *, on: bool = True) -> None:
        """Raise or lower a flag."""
        rest = [f for f in self.flags if f != flag]
        self.flags = [*rest, flag.value] if on else rest


class DeadlineWhat(StrEnum):
    """The clocks of a case."""

    SIGN = "sign"
    CONTACT = "contact"
    MEET = "meet"
    FEEDBACK = "feedback"
    ARRIVE = "arrive"


class Deadline(Base):
    """One clock of a case: due `at`, met at `met_at`, missed once and said so at `missed_at`."""

    __tablename__ = "deadlines"
    __table_args__ = (Index("ix_deadlines_due", "at", postgresql_where=text("met_at IS NULL AND missed_at IS NULL")),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    what: Mapped[DeadlineWhat] = mapped_column(states(DeadlineWhat), primary_key=True)
    at: Mapped[datetime]
    met_at: Mapped[datetime | None]
    missed_at: Mapped[datetime | None]


class CaseCount(Base):
    """How many cases a station opened on a day: the last part of a case number."""

    __tablename__ = "case_counts"
    station_id: Mapped[UUID] = mapped_column(ForeignKey("places.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]
