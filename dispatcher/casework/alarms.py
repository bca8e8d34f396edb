"""Alarms for the duty officer; many of one kind at once become one digest (contract: States)."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import false, func, select

from dispatcher.model import Alarm, AlarmKind, Case
from dispatcher.views import iso
from dispatcher.work import Work

DIGEST = timedelta(seconds=60)
DIGESTED = frozenset({AlarmKind.NOBODY_LEFT, AlarmKind.DEADLINE_MISSED})


def raise_alarm(work: Work, kind: AlarmKind, station_id: UUID, case: Case | None) -> Alarm:
    """Raise an alarm, or add the case to the digest that is ringing already."""
    for alarm in _ringing(work, kind, station_id, case):
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


def _ringing(work: Work, kind: AlarmKind, station_id: UUID, case: Case | None) -> Sequence[Alarm]:
    """The alarms that the case may belong to, newest first, locked: nobody acknowledges one while it grows.

    Of a kind with digests only one case of a station rings at a time, so that two at once share one alarm.
    """
    theirs = Alarm.case_id == case.id if case else false()
    if kind in DIGESTED:
        work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"alarms {station_id}", 0))))
        theirs |= Alarm.raised_at > work.now - DIGEST
    ringing = (
        select(Alarm)
        .where(Alarm.station_id == station_id, Alarm.kind == kind, Alarm.acknowledged_at.is_(None), theirs)
        .order_by(Alarm.raised_at.desc(), Alarm.id)
    )
    return work.session.scalars(ringing.with_for_update().execution_options(populate_existing=True)).all()


def _emit(work: Work, kind: str, alarm: Alarm, case: Case | None) -> None:
    said = {"id": str(alarm.id), "kind": alarm.kind.value, "cases": alarm.cases, "at": iso(alarm.raised_at)}
    work.emit(kind, alarm.station_id, case=case, alarm=said)
