"""The alerts and cases a batch of orders touches, in memory: decisions are made here and written afterwards."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dispatcher.intake.facts import Phone, Statement
from dispatcher.intake.order import OrderType
from dispatcher.lifecycle import WAITING, CaseState
from dispatcher.model import Case

Key = tuple[UUID, str]
"""A source's id with a number or id of that source's own."""


class NotTogether(Exception):
    """These orders cannot share a transaction: one needs what another frees. Each alone is fine."""


@dataclass(slots=True)
class AlertFile:
    """One warning order's row. `data` is there only when it is to be written; `raised` when its first word came."""

    id: UUID
    source_id: UUID
    alert_no: str
    received_at: datetime
    case_id: UUID | None = None
    level: str | None = None
    stated_at: datetime | None = None
    raised: bool = False
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None
    data: Mapping[str, Any] | None = None
    new: bool = False
    changed: bool = False

    def overtaken(self, order_type: OrderType, stated_at: datetime) -> bool:
        """Whether what is known already is the newer word: a first `alert.raised` is always older than its updates."""
        if self.stated_at is None:
            return False
        late = order_type is OrderType.RAISED and not self.raised
        return late or stated_at < self.stated_at

    def take(self, data: Mapping[str, Any], statement: Statement) -> None:
        """Put newer data in the older one's place."""
        self.data, self.level, self.stated_at = data, data["level"], statement.stated_at
        self.changed = True

    def withdraw(self, now: datetime, reason: str | None) -> None:
        """Note that the centre took it back."""
        self.withdrawn_at, self.withdrawn_reason = now, reason
        self.changed = True


@dataclass(slots=True)
class CaseFile:
    """One case with what its live alerts say: the newest of them in full, the levels of all."""

    case: Case
    statements: dict[UUID, Statement] = field(default_factory=dict)
    levels: Counter[str] = field(default_factory=Counter)
    day: date | None = None
    ending: bool = False

    @property
    def new(self) -> bool:
        """Whether it was opened in this unit of work: only then its day is known here."""
        return self.day is not None

    @property
    def open(self) -> bool:
        """Whether it is open, and stays so at the end of this unit of work."""
        return self.case.state != CaseState.CLOSED and not self.ending

    @property
    def waiting(self) -> bool:
        """Whether somebody is still sought for it."""
        return self.open and self.case.state in WAITING

    @property
    def live(self) -> list[str]:
        """The levels at which live alerts stand."""
        return [level for level, count in self.levels.items() if count > 0]

    def hear(self, alert: AlertFile, statement: Statement, level_before: str | None = None) -> None:
        """Take what a live alert says now; `level_before` is what it said the last time."""
        if level_before:
            self.levels[level_before] -= 1
        if alert.level:
            self.levels[alert.level] += 1
        self.statements[alert.id] = statement

    def forget(self, alert: AlertFile) -> None:
        """Leave out an alert that was taken back."""
        self.statements.pop(alert.id, None)
        if alert.level:
            self.levels[alert.level] -= 1


@dataclass(frozen=True, slots=True)
class Delivered:
    """A webhook that was taken in."""

    body_sha256: bytes
    alert_id: UUID
    case_id: UUID | None


@dataclass(slots=True)
class CaseBook:
    """Everything a batch looks at and changes. `on_the_way`: cases somebody has accepted."""

    deliveries: dict[Key, Delivered] = field(default_factory=dict)
    alerts: dict[Key, AlertFile] = field(default_factory=dict)
    files: dict[UUID, CaseFile] = field(default_factory=dict)
    by_phone: dict[bytes, UUID] = field(default_factory=dict)
    on_the_way: set[UUID] = field(default_factory=set)
    fresh: dict[Key, Delivered] = field(default_factory=dict)
    opened: list[CaseFile] = field(default_factory=list)
    _freed: set[bytes] = field(default_factory=set)

    def open_for(self, phone: Phone | None) -> CaseFile | None:
        """The open case of the resident with this phone."""
        case_id = self.by_phone.get(phone.index) if phone and phone.index else None
        return self.files.get(case_id) if case_id else None

    def settle_phone(self, file: CaseFile, phone: Phone | None) -> bool:
        """Give the case this phone's index, unless another open case has it; False in that case.

        Raises NotTogether when the index was another's until this very batch: the database checks row by row.
        """
        wanted = phone.index if phone else None
        holder = self.by_phone.get(wanted) if wanted else None
        taken = holder is not None and holder != file.case.id
        index = None if taken else wanted
        if index != file.case.resident_phone_index:
            if index in self._freed:
                raise NotTogether
            self.free_phone(file)
            file.case.resident_phone_index = index
            if index:
                self.by_phone[index] = file.case.id
        return not taken

    def free_phone(self, file: CaseFile) -> None:
        """The case is no longer the open case of its resident."""
        index = file.case.resident_phone_index
        if index:
            self.by_phone.pop(index, None)
            self._freed.add(index)
