"""Alarms for the duty officer; many of one kind at once become one digest (contract: States)."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import false, func, or_, select
from sqlalchemy.orm import Session

from dispatcher.model import Alarm, AlarmKind, Case, Event, Officer
from dispatcher.views import iso
from dispatcher.work import Work

DIGEST = timedelta(seconds=60)
DIGESTED = frozenset({AlarmKind.NOBODY_LEFT, AlarmKind.DEADLINE_MISSED})
_GROWN = "alarm.grown"


def raise_alarm(work: Work, kind: AlarmKind, station_id: UUID, case: Case | None) -> Alarm:
    """Raise an alarm, or add the case to the digest that is ringing already; one that speaks of it stays as it is."""
    told = _digests_of(work, case) if case and kind in DIGESTED else set()
    ringing = _ringing(work, kind, station_id, case, told)
    for alarm in ringing:
        if case is not None and (alarm.case_id == case.id or alarm.id in told):
            return alarm
    for alarm in ringing:
        if kind in DIGESTED and work.now - alarm.raised_at < DIGEST:
            alarm.cases += 1
            _emit(work, _GROWN, alarm, case)
            return alarm
    alarm = Alarm(station_id=station_id, kind=kind, case_id=case.id if case else None, cases=1, raised_at=work.now)
    work.session.add(alarm)
    work.session.flush()
    _emit(work, "alarm.raised", alarm, case)
    return alarm


def _ringing(
    work: Work, kind: AlarmKind, station_id: UUID, case: Case | None, told: Collection[UUID]
) -> Sequence[Alarm]:
    """The alarms that the case may belong to, newest first, locked: nobody acknowledges one while it grows.

    Of a kind with digests only one case of a station rings at a time, so that two at once share one alarm.
    """
    theirs = or_(Alarm.case_id == case.id, Alarm.id.in_(told)) if case else false()
    if kind in DIGESTED:
        work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"alarms {station_id}", 0))))
        theirs |= Alarm.raised_at > work.now - DIGEST
    ringing = (
        select(Alarm)
        .where(Alarm.station_id == station_id, Alarm.kind == kind, Alarm.acknowledged_at.is_(None), theirs)
        .order_by(Alarm.raised_at.desc(), Alarm.id)
    )
    return work.session.scalars(ringing.with_for_update().execution_options(populate_existing=True)).all()


def _digests_of(work: Work, case: Case) -> set[UUID]:
    """The digests that the case was ever added to, by what consoles were told about it.

    The same case comes again whenever one more was asked in vain, and when its next clock has run out.
    """
    told = select(Event.data).where(Event.case_id == case.id, Event.kind == _GROWN)
    return {UUID(data["alarm"]["id"]) for data in work.session.scalars(told)}


def acknowledge_alarm(work: Work, alarm: Alarm, officer: Officer) -> None:
    """An officer has seen the alarm, locked by the caller: it rings no more, on no console."""
    alarm.acknowledged_by, alarm.acknowledged_at = officer.id, work.now
    _emit(work, "alarm.acknowledged", alarm, None)


def answer_call(work: Work, case: Case, officer: Officer) -> None:
    """Who takes a case over has heard that nobody was left for it; a digest that speaks of others too rings on."""
    call = select(Alarm).where(
        Alarm.case_id == case.id,
        Alarm.kind == AlarmKind.NOBODY_LEFT,
        Alarm.cases == 1,
        Alarm.acknowledged_at.is_(None),
    )
    for alarm in work.session.scalars(call.with_for_update().execution_options(populate_existing=True)):
        acknowledge_alarm(work, alarm, officer)


def alarm_view(session: Session, alarm: Alarm) -> dict[str, Any]:
    """An alarm as consoles see it, the same in lists and on the socket."""
    officer = session.get(Officer, alarm.acknowledged_by) if alarm.acknowledged_by else None
    return {
        "id": str(alarm.id),
        "kind": alarm.kind.value,
        "case_id": str(alarm.case_id) if alarm.case_id else None,
        "cases": alarm.cases,
        "raised_at": iso(alarm.raised_at),
        "acknowledged_by": officer.name if officer else None,
        "acknowledged_at": iso(alarm.acknowledged_at),
    }


def _emit(work: Work, kind: str, alarm: Alarm, case: Case | None) -> None:
    work.emit(kind, alarm.station_id, case=case, alarm=alarm_view(work.session, alarm))
