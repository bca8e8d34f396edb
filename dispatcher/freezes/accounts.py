"""How often one account was stopped, in all cases together; found by its blind index."""

from datetime import datetime

from sqlalchemy import func, select

from dispatcher.errors import Conflict
from dispatcher.freezes.times import MOST_STOPS
from dispatcher.lifecycle import FreezeState
from dispatcher.model import Case, Freeze, FreezeStep, Whose
from dispatcher.views import iso
from dispatcher.work import Work


def check_stops(work: Work, freeze: Freeze) -> None:
    """Whether the suspect's account may be stopped once more. What is with a bank and unanswered counts as a stop.

    The account is locked until the commit, after the case: two officers never send its last stop at one moment.
    Raises Conflict that names the earlier two.
    """
    _lock(work, freeze)
    earlier = [f"{number} ({iso(at)})" for number, at in _stops(work, freeze)]
    earlier += [f"{number} (sent, not answered)" for number in _unanswered(work, freeze)]
    if len(earlier) >= MOST_STOPS:
        raise Conflict(f"this account may be stopped twice, and was: {', '.join(earlier)}", field="account")


def next_stop(work: Work, freeze: Freeze) -> int:
    """The number of the stop that a bank has just done: 1 or 2. Raises Conflict that names the earlier two."""
    _lock(work, freeze)
    earlier = _stops(work, freeze)
    if len(earlier) >= MOST_STOPS:
        named = ", ".join(f"{number} ({iso(at)})" for number, at in earlier)
        raise Conflict(f"this account may be stopped twice, and was: {named}", field="account")
    return len(earlier) + 1


def _lock(work: Work, freeze: Freeze) -> None:
    """Accounts are locked after cases, and one in a unit of work: nobody waits in a circle."""
    key = int.from_bytes((freeze.account_index or b"")[:7])
    work.session.execute(select(func.pg_advisory_xact_lock(key)))


def _stops(work: Work, freeze: Freeze) -> list[tuple[str, datetime]]:
    done = (
        select(Case.number, FreezeStep.at)
        .join(Freeze, Freeze.id == FreezeStep.freeze_id)
        .join(Case, Case.id == Freeze.case_id)
        .where(FreezeStep.account_index == freeze.account_index, FreezeStep.stop_no.is_not(None))
        .order_by(FreezeStep.stop_no)
    )
    return [(row.number, row.at) for row in work.session.execute(done)]


def _unanswered(work: Work, freeze: Freeze) -> list[str]:
    sent = (
        select(Case.number)
        .join(Freeze, Freeze.case_id == Case.id)
        .where(
            Freeze.account_index == freeze.account_index,
            Freeze.whose == Whose.SUSPECT,
            Freeze.state == FreezeState.SENT,
            Freeze.id != freeze.id,
        )
        .order_by(Freeze.opened_at)
    )
    return list(work.session.scalars(sent))
