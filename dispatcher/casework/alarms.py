"""Alarms for the duty officer; many of one kind at once become one digest (contract: States)."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from dispatcher.model import Alarm, AlarmKind, Case
from dispatcher.views import iso
from dispatcher.work import Work

DIGEST = timedelta(seconds=60)
DIGESTED = frozenset({AlarmKind.NOBODY_LEFT, AlarmKind.DEADLINE_MISSED})


def raise_alarm(work: Work, kind: AlarmKind, station_id: UUID, case: Case | None) -> Alarm:
    """Raise an alarm, or add the case to the digest that is ringing already."""
    ringing = work.session.scalars(
        select(Alarm)
        .where(Alarm.station_id == station_id, Alarm.kind == kind, Alarm.acknowledged_at.is_(None))
        .order_by(Alarm.raised_at.desc())
    )
    for alarm in ringing:
        if case is not None and alarm.case_id == case.id:
            return alarm
        if kind in DIGESTED and work.now - alarm.raised_at < DIGEST:
            alarm.cases += 1
            _emit(work, "alarm.grown", alarm, case)
            return alarm
    alarm = Alarm(station_id=station_id, kind=kind, case_id=case.id if case else None, cases=1, raised_at=work.now)
    work.session.add(alarm)
    work.session.flush()
    _emit(work, "alarm.raised", alarm, case)
    return alarm


def _emit(work: Work, kind: str, alarm: Alarm, case: Case | None) -> None:
    said = {"id": str(alarm.id), "kind": alarm.kind.value, "cases": alarm.cases, "at": iso(alarm.raised_at)}
    work.emit(kind, alarm.station_id, case=case, alarm=said)
