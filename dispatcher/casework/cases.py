"""Moves of a case as a whole: signed for, held, closed, reopened."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from dispatcher.casework.alarms import answer_call
from dispatcher.casework.feedback import feedback
from dispatcher.casework.offers import end_task, stand_down
from dispatcher.errors import Conflict, NotFound
from dispatcher.jobs import Job
from dispatcher.lifecycle import CASE_MOVES, WAITING, CaseState, Disposition, OfferState, check_move
from dispatcher.model import Case, Deadline, DeadlineWhat, Flag, Offer, Officer, Place
from dispatcher.policy import LevelPolicy, read_policy
from dispatcher.work import Work

NUDGE, SECOND_VEST = 1, 2
"""The steps of a task that is late; after them the officer is called (design: line, 4)."""


def lock_case(work: Work, case_id: UUID) -> Case:
    """The case, locked until the end of the unit of work.

    Like offers it is locked with `key_share` everywhere: whoever claims a text writes a row that refers to both, and
    must not wait for them while everybody else waits for the text.
    Raises NotFound.
    """
    case = work.session.scalar(
        select(Case).where(Case.id == case_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    if case is None:
        raise NotFound("there is no such case")
    return case


def lock_cases(work: Work, case_ids: Select[Any]) -> Sequence[Case]:
    """The cases with these ids, locked in the order in which everybody locks them."""
    found = select(Case).where(Case.id.in_(case_ids)).order_by(Case.id)
    locked = found.with_for_update(of=Case, key_share=True).execution_options(populate_existing=True)
    return work.session.scalars(locked).all()


def move_case(case: Case, state: CaseState) -> None:
    """Move a case by the table of allowed moves; staying where it is is no move."""
    if case.state != state:
        case.state = check_move(CASE_MOVES, case.state, state)


def meet_deadline(work: Work, case: Case, what: DeadlineWhat) -> None:
    """Stop a clock of the case, unless it was stopped before."""
    deadline = work.session.get(Deadline, (case.id, what))
    if deadline and deadline.met_at is None:
        deadline.met_at = work.now


def sign_for(work: Work, case: Case, *, by: str) -> None:
    """The case is signed for (签收) by the first person who takes it or the first act of an officer."""
    if case.signed_at is None:
        case.signed_at = work.now
        meet_deadline(work, case, DeadlineWhat.SIGN)
        feedback(work, case, "case.signed_for", by=by)


def hold_case(work: Work, case: Case, officer: Officer) -> None:
    """An officer takes the case into their own hands: nobody new is asked.

    Raises Conflict naming the officer who holds it already.
    """
    _open(case)
    if case.held_by == officer.id:
        return
    if case.held_by is not None:
        holder = work.session.get_one(Officer, case.held_by)
        raise Conflict(f"the case is held by {holder.name}", field="held_by")
    case.held_by = officer.id
    sign_for(work, case, by="officer")
    answer_call(work, case, officer)
    work.emit_case("case.held", case, by=officer.name)


def release_case(work: Work, case: Case) -> None:
    """The officer gives the case back to the plan."""
    if case.held_by is None:
        return
    case.held_by = None
    _ask_afresh(case)
    work.emit_case("case.released", case)
    work.wake(Job.PLAN, case.station_id)


def close_case(work: Work, case: Case, disposition: Disposition, *, by: str) -> None:
    """Close with a disposition; nobody is left on the way without a word.

    Raises Conflict when it is closed already.
    """
    _open(case)
    if by == "officer":
        sign_for(work, case, by=by)
    stand_down(work, case, "stood_down")
    tasks = select(Offer).where(Offer.case_id == case.id, Offer.state == OfferState.ACCEPTED)
    for offer in work.session.scalars(tasks.with_for_update(key_share=True)).all():
        if offer.arrived_at:
            end_task(work, case, offer, OfferState.COMPLETED)
        else:
            end_task(work, case, offer, OfferState.RECALLED, closing="stood_down")
    move_case(case, CaseState.CLOSED)
    case.disposition = disposition
    case.closed_at = work.now
    case.flag(Flag.WITHDRAWAL_ASKED, on=False)
    meet_deadline(work, case, DeadlineWhat.FEEDBACK)
    work.emit_case("case.closed", case, disposition=disposition.value)
    feedback(work, case, "case.closed", by=by)


def reopen_case(work: Work, case: Case, *, by: str) -> None:
    """Open a closed case again with all its history; everybody may be asked once more.

    Raises Conflict when it is open, or when the resident has another open case by now.
    """
    if case.state != CaseState.CLOSED:
        raise Conflict("the case is open", field="state")
    other = select(Case.number).where(
        Case.resident_phone_index == case.resident_phone_index, Case.state != CaseState.CLOSED
    )
    if case.resident_phone_index and (number := work.session.scalar(other)):
        raise Conflict(f"the resident has an open case already: {number}", field="state")
    move_case(case, CaseState.DISPATCHING)
    case.disposition = None
    case.closed_at = None
    case.round += 1
    case.wave = 0
    _ask_afresh(case)
    case.flag(Flag.DISSUADED_REPORTED, on=False)
    policy = read_policy(work.session.get_one(Place, case.station_id).policy)
    case.wanted = policy.people_per_case
    case.held_by = None
    _start_clocks_again(work, case, policy.levels[case.level])
    work.emit_case("case.reopened", case)
    feedback(work, case, "case.reopened", by=by)
    work.wake(Job.PLAN, case.station_id)


def _start_clocks_again(work: Work, case: Case, limits: LevelPolicy) -> None:
    """Clocks that nobody stopped run anew from now; what was reached before the closing stays reached."""
    spans = {
        DeadlineWhat.SIGN: limits.sign_s,
        DeadlineWhat.CONTACT: limits.contact_s,
        DeadlineWhat.MEET: limits.meet_s,
        DeadlineWhat.FEEDBACK: limits.feedback_s,
    }
    for deadline in work.session.scalars(select(Deadline).where(Deadline.case_id == case.id)).all():
        if deadline.what == DeadlineWhat.ARRIVE:
            work.session.delete(deadline)
        elif deadline.met_at is None or deadline.what == DeadlineWhat.FEEDBACK:
            deadline.at = work.now + timedelta(seconds=spans[deadline.what])
            deadline.met_at = deadline.missed_at = None


def want_no_second(work: Work, case: Case, offer: Offer) -> None:
    """Who was late and gives up is replaced by the second vest sought because of them, and not by two."""
    if offer.overdue_step >= SECOND_VEST:
        want_one_less(work, case)


def want_one_less(work: Work, case: Case) -> None:
    """Somebody sought beyond the usual number is sought no more."""
    station = work.session.get_one(Place, case.station_id)
    case.wanted = max(read_policy(station.policy).people_per_case, case.wanted - 1)


def give_back(work: Work, case: Case) -> None:
    """Somebody left the case: when nobody is on it any more it waits again and is planned for.

    Unless the resident was met and talked out of it: then it waits for the officer's closing, and for no visitor.
    """
    if Flag.DISSUADED_REPORTED in case.flags:
        return
    on_it = select(Offer.id).where(Offer.case_id == case.id, Offer.state == OfferState.ACCEPTED).limit(1)
    work.session.flush()
    if case.state not in WAITING and work.session.scalar(on_it) is None:
        move_case(case, CaseState.DISPATCHING)
        _ask_afresh(case)
    work.wake(Job.PLAN, case.station_id)


def _ask_afresh(case: Case) -> None:
    """Begin with the nearest again: nobody was asked while the case was in somebody's hands."""
    case.width, case.widen_at = 0, None


def _open(case: Case) -> None:
    if case.state == CaseState.CLOSED:
        raise Conflict("the case is closed", field="state")
