"""Clocks that run out: offers not answered, tasks not arrived, deadlines missed. Each fires once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from dispatcher.casework import raise_alarm
from dispatcher.casework.cases import NUDGE, SECOND_VEST
from dispatcher.casework.offers import end_offer, withdraw_text
from dispatcher.casework.outbox import About, Urgency, texts_about
from dispatcher.jobs import Job
from dispatcher.lifecycle import ASKED, CaseState, MessageState, OfferState
from dispatcher.model import AlarmKind, Case, Deadline, Flag, Message, Offer, Place, Volunteer
from dispatcher.policy import read_policy
from dispatcher.work import Work

MOST = 200
_SHORT = text("SET LOCAL lock_timeout = '300ms'")


def due_cases(session: Session, now: datetime) -> Sequence[UUID]:
    """Cases with a clock that has run out, at most 200 at a time."""
    offers = select(Offer.case_id).where(Offer.among(ASKED), Offer.expires_at <= now)
    tasks = select(Offer.case_id).where(Offer.state == OfferState.ACCEPTED, Offer.overdue_at <= now)
    deadlines = (
        select(Deadline.case_id)
        .join(Case, Case.id == Deadline.case_id)
        .where(
            Deadline.at <= now,
            Deadline.met_at.is_(None),
            Deadline.missed_at.is_(None),
            Case.state != CaseState.CLOSED,
        )
    )
    return session.scalars(offers.union(tasks, deadlines).limit(MOST)).all()


def run_clocks(work: Work, case_id: UUID, *, wait: bool = False) -> bool:
    """Let every clock of the case that has run out do what it is for; False when somebody else has the case just now.

    With `wait` the case is waited for, for a moment: one that is touched all the time would never have its turn.
    """
    if wait:
        work.session.execute(_SHORT)
    wanted = select(Case).where(Case.id == case_id)
    case = work.session.scalar(wanted.with_for_update(skip_locked=not wait, key_share=True))
    if case is None:
        return False
    offers = work.session.scalars(
        select(Offer).where(Offer.case_id == case.id).order_by(Offer.id).with_for_update(key_share=True)
    ).all()
    for offer in offers:
        if offer.state in ASKED and offer.expires_at <= work.now:
            _expire(work, case, offer)
        if offer.state == OfferState.ACCEPTED and offer.overdue_at and offer.overdue_at <= work.now:
            _overdue(work, case, offer)
    if case.state != CaseState.CLOSED:
        _miss_deadlines(work, case)
    return True


def _expire(work: Work, case: Case, offer: Offer) -> None:
    """No answer in time: the next person is asked."""
    end_offer(work, offer, OfferState.EXPIRED)
    waiting = select(Message).where(Message.purpose == f"offer:{offer.id}", Message.state == MessageState.QUEUED)
    for message in work.session.scalars(waiting.with_for_update()).all():
        withdraw_text(work, message)
    person = work.session.get_one(Volunteer, offer.volunteer_id)
    work.emit_case("offer.expired", case, person, offer=str(offer.id))
    for station_id in {case.station_id, person.station_id}:
        work.wake(Job.PLAN, station_id)


def _overdue(work: Work, case: Case, offer: Offer) -> None:
    """Not at the door in time: first a nudge, then a second vest, then the officer (design: line, 4)."""
    station = work.session.get_one(Place, case.station_id)
    step = timedelta(seconds=read_policy(station.policy).arrival.step_s)
    offer.overdue_step += 1
    offer.overdue_at = work.now + step
    if offer.overdue_step == NUDGE:
        _nudge(work, case, offer)
    elif offer.overdue_step == SECOND_VEST:
        _want_a_second(work, case, offer)
    else:
        offer.overdue_at = None
        raise_alarm(work, AlarmKind.NOT_ARRIVED, case.station_id, case)


def _want_a_second(work: Work, case: Case, offer: Offer) -> None:
    """One more is sought, unless somebody else is at the door by now."""
    case.flag(Flag.NOT_ARRIVED)
    if case.state == CaseState.ON_SCENE:
        return
    case.wanted += 1
    work.emit_case("case.second_wanted", case, offer=str(offer.id))
    work.wake(Job.PLAN, case.station_id)


def _nudge(work: Work, case: Case, offer: Offer) -> None:
    person = work.session.get_one(Volunteer, offer.volunteer_id)
    about = About(case, offer, person, {"token": offer.token})
    texts_about(work, [about], "nudge", purpose="nudge", urgency=Urgency.NUDGE)
    work.emit_case("offer.nudged", case, person, offer=str(offer.id))


def _miss_deadlines(work: Work, case: Case) -> None:
    missed = work.session.scalars(
        select(Deadline)
        .where(
            Deadline.case_id == case.id,
            Deadline.at <= work.now,
            Deadline.met_at.is_(None),
            Deadline.missed_at.is_(None),
        )
        .with_for_update()
    ).all()
    for deadline in missed:
        deadline.missed_at = work.now
        work.emit_case("deadline.missed", case, what=deadline.what.value)
    if missed:
        raise_alarm(work, AlarmKind.DEADLINE_MISSED, case.station_id, case)
