"""Stops and freezes that end: a warning well before, the lapse at the end; each fires once, however many watch."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from dispatcher.casework import raise_alarm
from dispatcher.casework.stops import write_step
from dispatcher.lifecycle import FREEZE_MOVES, HELD, FreezeState, check_move
from dispatcher.model import AlarmKind, Case, Freeze, FreezeAct
from dispatcher.work import Work

MOST = 200
_SHORT = text("SET LOCAL lock_timeout = '300ms'")


def due_freezes(session: Session, now: datetime) -> Sequence[UUID]:
    """Requests whose end, or the warning before it, has come; those that end first come first, 200 at most.

    Whether the case is open does not matter: a freeze outlives it by months.
    """
    due = select(Freeze.id).where(Freeze.runs(), or_(Freeze.until <= now, Freeze.warn_at <= now))
    return session.scalars(due.order_by(Freeze.until, Freeze.id).limit(MOST)).all()


def run_freeze(work: Work, freeze_id: UUID, *, wait: bool = False) -> bool:
    """Let the clock of a request do what it is for; False when somebody else has its case just now.

    With `wait` the case is waited for, for a moment.
    """
    if wait:
        work.session.execute(_SHORT)
    of_case = select(Freeze.case_id).where(Freeze.id == freeze_id).scalar_subquery()
    wanted = select(Case).where(Case.id == of_case)
    case = work.session.scalar(wanted.with_for_update(skip_locked=not wait, key_share=True))
    if case is None:
        return False
    freeze = work.session.get_one(Freeze, freeze_id, with_for_update={"key_share": True})
    if freeze.state in HELD and freeze.until is not None:
        if freeze.until <= work.now:
            _lapse(work, case, freeze)
        elif freeze.warn_at is not None and freeze.warn_at <= work.now:
            freeze.warn_at = None
            raise_alarm(work, AlarmKind.FREEZE_ENDING, case.station_id, case)
    return True


def _lapse(work: Work, case: Case, freeze: Freeze) -> None:
    """It has ended by itself. A warning that is still due, after nobody watched for a while, would come too late."""
    freeze.state = check_move(FREEZE_MOVES, freeze.state, FreezeState.LAPSED)
    freeze.warn_at = None
    write_step(work, case, freeze, FreezeAct.LAPSED, None, at=freeze.until)
    raise_alarm(work, AlarmKind.FREEZE_LAPSED, case.station_id, case)
    work.audit("freeze.lapsed", subject=case.id, number=case.number, freeze=str(freeze.id))
