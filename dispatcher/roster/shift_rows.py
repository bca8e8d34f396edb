"""Rows of a shift plan understood: whose it is and when, or everything that is wrong with a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from dispatcher.model import WEEK
from dispatcher.roster.cells import read_phone
from dispatcher.roster.faults import RowFault
from dispatcher.roster.row import Columns, Row
from dispatcher.roster.row_reading import RowReading
from dispatcher.roster.shift_cells import read_date, read_days, read_end, read_time, write_shift
from dispatcher.roster.shifts import Pattern, ever

SHIFTS: Final = Columns(needed=("phone", "days", "from", "until"), others=("first", "last"))


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One row; without patterns the person shall have no plan any more."""

    row: int
    phone: str
    patterns: tuple[Pattern, ...]


@dataclass
class Plan:
    """The shifts of one person, and the first row that names them."""

    row: int
    patterns: frozenset[Pattern]


def read_plans(rows: Sequence[Row]) -> tuple[dict[str, Plan], list[RowFault]]:
    """The plans of a file by phone (E.164), and everything that is wrong with its rows."""
    plans: dict[str, Plan] = {}
    faults: list[RowFault] = []
    stands: dict[tuple[str, Pattern], int] = {}
    for row in rows:
        found = read_plan_row(row)
        if not isinstance(found, PlanRow):
            faults += found
            continue
        for pattern in found.patterns:
            first = stands.setdefault((found.phone, pattern), found.row)
            if first != found.row:
                faults.append(RowFault(found.row, "days", f"{write_shift(pattern)} stands in row {first} too"))
        faults += _joined(plans, found)
    return plans, faults


def read_plan_row(row: Row) -> PlanRow | list[RowFault]:
    """The shifts of a row, or its faults."""
    reading = _Reading(row, SHIFTS)
    phone = reading.needed("phone", read_phone)
    patterns = reading.patterns()
    if reading.faults or phone is None:
        return reading.faults
    return PlanRow(row.number, phone, patterns)


def _joined(plans: dict[str, Plan], found: PlanRow) -> list[RowFault]:
    """Put the row to the other rows of the person; a fault when one says shifts and another says none."""
    plan = plans.setdefault(found.phone, Plan(found.row, frozenset(found.patterns)))
    if bool(plan.patterns) != bool(found.patterns):
        return [RowFault(found.row, "days", f"says otherwise than row {plan.row}: shifts, or none")]
    plan.patterns |= frozenset(found.patterns)
    return []


class _Reading(RowReading):
    """Reads when the shifts of a row are."""

    def patterns(self) -> tuple[Pattern, ...]:
        days = self.needed("days", read_days)
        if days is not None and not days:
            self._empty(("from", "until", "first", "last"), "there are no shifts, so it stays empty")
            return ()
        starts = self.needed("from", read_time)
        ends = self.needed("until", read_end)
        first, last = self._dates()
        if isinstance(days, list):
            self._empty(("first", "last"), "belongs to days of the week, and the row has dates")
        if self.faults or days is None or starts is None or ends is None:
            return ()
        if isinstance(days, list):
            return tuple(Pattern(frozenset(WEEK), starts, ends, day, day) for day in days)
        pattern = Pattern(days, starts, ends, first, last)
        if not ever(pattern):
            self.blame("days", "there is no such day from first to last")
        return (pattern,)

    def _dates(self) -> tuple[date | None, date | None]:
        first = self.cell("first", read_date) if self.holds("first") else None
        last = self.cell("last", read_date) if self.holds("last") else None
        if first and last and last < first:
            self.blame("last", f"{last} is before {first}")
        return first, last

    def _empty(self, columns: Sequence[str], why: str) -> None:
        for column in columns:
            if self.holds(column):
                self.blame(column, why)
