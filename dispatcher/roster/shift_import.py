"""Rows into shift plans: all of a file or nothing, and every bad row named."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from dispatcher.bulk import write_rows
from dispatcher.ids import new_id
from dispatcher.model import Shift, Volunteer
from dispatcher.protection.columns import blind_index
from dispatcher.protection.masking import mask_phone
from dispatcher.roster.faults import RowFault, RowsError
from dispatcher.roster.following import plan_of
from dispatcher.roster.row import Row
from dispatcher.roster.shift_cells import write_shift
from dispatcher.roster.shift_rows import Plan, read_plans
from dispatcher.roster.shifts import Pattern
from dispatcher.work import Work


@dataclass(frozen=True)
class PlanChange:
    """What a file does to one person's plan."""

    person: Volunteer
    before: frozenset[Pattern]
    after: frozenset[Pattern]

    def __str__(self) -> str:
        return f"{mask_phone(self.person.phone)}: {_written(self.before)} → {_written(self.after)}"


@dataclass(frozen=True)
class PlanReport:
    """The plans that a file changes, and how many it finds as it says them."""

    changes: Sequence[PlanChange]
    unchanged: int


def compare_shifts(session: Session, rows: Sequence[Row], *, lock: bool = False) -> PlanReport:
    """What a file would change: it takes the place of the whole plan of everybody it names, and of nobody else's.

    With `lock` nobody else changes these people until the end of the transaction.
    Raises RowsError naming every bad row.
    """
    plans, faults = read_plans(rows)
    people = _people(session, plans, lock=lock)
    unknown = [plan for phone, plan in plans.items() if phone not in people]
    faults += [RowFault(plan.row, "phone", "nobody on a roster has this number") for plan in unknown]
    if faults:
        raise RowsError(faults)
    before = plan_of(session, [person.id for person in people.values()])
    changes = [
        PlanChange(person, before[person.id], plans[phone].patterns)
        for phone, person in people.items()
        if before[person.id] != plans[phone].patterns
    ]
    return PlanReport(changes, len(people) - len(changes))


def import_shifts(work: Work, rows: Sequence[Row]) -> PlanReport:
    """Put the plans of a file in the place of the earlier ones; the timekeeper then brings duty to what they say now.

    Raises RowsError naming every bad row; nothing is changed then.
    """
    report = compare_shifts(work.session, rows, lock=True)
    ids = [change.person.id for change in report.changes]
    work.session.execute(delete(Shift).where(Shift.volunteer_id.in_(ids)))
    write_rows(work.session, Shift, [_row(change, pattern) for change in report.changes for pattern in change.after])
    for change in report.changes:
        change.person.turn_at, change.person.turn_on_duty = work.now, None
    return report


def _people(session: Session, plans: dict[str, Plan], *, lock: bool) -> dict[str, Volunteer]:
    """The people of these phones, by phone, in the order of the file."""
    indexes = {blind_index("phone", phone): phone for phone in plans}
    known = select(Volunteer).where(Volunteer.phone_index.in_(indexes), Volunteer.active).order_by(Volunteer.id)
    found = session.scalars(known.with_for_update(key_share=True) if lock else known)
    people = {indexes[person.phone_index]: person for person in found}
    return {phone: people[phone] for phone in plans if phone in people}


def _row(change: PlanChange, pattern: Pattern) -> dict[str, object]:
    return {
        "id": new_id(),
        "volunteer_id": change.person.id,
        "days": sorted(pattern.days),
        "starts": pattern.starts,
        "ends": pattern.ends,
        "first": pattern.first,
        "last": pattern.last,
    }


def _written(plan: frozenset[Pattern]) -> str:
    return ", ".join(sorted(write_shift(pattern) for pattern in plan)) or "no shifts"
