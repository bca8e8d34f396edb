"""What a try came to, written down; what was refused for good is shown to the station."""

from typing import Any

from sqlalchemy import select

from dispatcher.casework import lock_case
from dispatcher.feedback.claims import Claimed
from dispatcher.feedback.post import Answer
from dispatcher.feedback.schedule import Verdict, given_up, next_try, read_retry_after, verdict
from dispatcher.model import Feedback, Source
from dispatcher.work import Work


def record(work: Work, claimed: Claimed, answer: Answer, jitter: float) -> Verdict | None:
    """Write the answer down; gives what the feedback came to by it, or None when somebody else had the last word.

    Accepted and refused hold whoever hears them first. What only failed is written by the holder of the newest lease.
    """
    said = verdict(answer.status)
    if said is Verdict.ACCEPTED:
        return _accept(work, claimed, answer.reason)
    if said is Verdict.REFUSED:
        return _refuse(work, claimed, answer.reason)
    if given_up(claimed.stated_at, work.now):
        return _refuse(work, claimed, f"given up: {answer.reason}", newest=True)
    return _postpone(work, claimed, answer, jitter)


def withdraw(work: Work, claimed: Claimed) -> Verdict | None:
    """End a feedback whose source has no address any more."""
    return _refuse(work, claimed, "no address", newest=True)


def _accept(work: Work, claimed: Claimed, reason: str) -> Verdict | None:
    row = _open(work, claimed)
    if row is None:
        return None
    row.last_answer, row.accepted, row.ended_at = reason, True, work.now
    return Verdict.ACCEPTED


def _refuse(work: Work, claimed: Claimed, reason: str, *, newest: bool = False) -> Verdict | None:
    """The case is locked first, as everybody does, so that consoles see it as it is."""
    case = lock_case(work, claimed.case_id)
    row = _open(work, claimed, newest=newest)
    if row is None:
        return None
    row.last_answer, row.accepted, row.ended_at = reason, False, work.now
    source = work.session.get_one(Source, row.source_id)
    told: dict[str, Any] = {
        "feedback": str(row.id),
        "type": row.type,
        "source": source.name,
        "reason": reason,
        "tries": row.tries,
    }
    work.emit_case("feedback.refused", case, **told)
    return Verdict.REFUSED


def _postpone(work: Work, claimed: Claimed, answer: Answer, jitter: float) -> Verdict | None:
    row = _open(work, claimed, newest=True)
    if row is None:
        return None
    row.last_answer = answer.reason
    row.next_try_at = next_try(row.tries, work.now, read_retry_after(answer.retry_after, work.now), jitter)
    return Verdict.AGAIN


def _open(work: Work, claimed: Claimed, *, newest: bool = False) -> Feedback | None:
    """The row, locked, unless it has ended or, for `newest`, somebody has claimed it since."""
    wanted = select(Feedback).where(Feedback.id == claimed.id, Feedback.ended_at.is_(None)).with_for_update()
    if newest:
        wanted = wanted.where(Feedback.tries == claimed.tries)
    return work.session.scalar(wanted)
