"""What a lost wake-up leaves behind, found in the database; and what may be thrown away."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Exists, Select, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from dispatcher.feed.events import prune
from dispatcher.feedback.claims import anything_due
from dispatcher.jobs import Job
from dispatcher.lifecycle import ASKED, LIVE, CaseState, MessageState, OfferState
from dispatcher.matching.free import neighbouring
from dispatcher.messaging.sender import LEASE
from dispatcher.model import Case, Message, Offer, OfficerSession, Receipt, Volunteer
from dispatcher.work import Work

GRACE = timedelta(seconds=1)
"""A row younger than this has a wake-up on its way."""
RECEIPTS_KEPT = timedelta(days=2)


def lost_wakeups(session: Session, now: datetime) -> list[tuple[Job, str]]:
    """The jobs for which there is work that nobody may have been woken for."""
    found = [(Job.PLAN, str(station_id)) for station_id in session.scalars(_stations_to_plan(now))]
    if session.scalar(select(_texts_due(now))):
        found.append((Job.SEND, ""))
    if anything_due(session, now - GRACE):
        found.append((Job.DELIVER, ""))
    return found


def tidy(work: Work, keep: timedelta) -> None:
    """Remove events older than `keep`, receipts nobody claimed, and sessions long over."""
    prune(work, keep.days)
    work.session.execute(delete(Receipt).where(Receipt.received_at < work.now - RECEIPTS_KEPT))
    work.session.execute(delete(OfficerSession).where(OfficerSession.expires_at < work.now - keep))


def _stations_to_plan(now: datetime) -> Select[UUID]:
    """Stations with a case that waits for nobody's answer, or may ask more people from now on.

    Not those where all that is left is to find somebody and nobody is.
    """
    asked = exists().where(Offer.case_id == Case.id, Offer.among(ASKED), ~Offer.doubtful)
    on_it = (
        select(func.count())
        .where(Offer.case_id == Case.id, Offer.state == OfferState.ACCEPTED)
        .correlate(Case)
        .scalar_subquery()
    )
    waiting = Case.state.in_({CaseState.NEW, CaseState.DISPATCHING}) & ~asked & (on_it == 0)
    busy = exists().where(Offer.volunteer_id == Volunteer.id, Offer.among(LIVE))
    asked_before = exists().where(
        Offer.case_id == Case.id, Offer.round == Case.round, Offer.volunteer_id == Volunteer.id
    )
    near = or_(Volunteer.station_id == Case.station_id, neighbouring(Case.station_id))
    somebody = exists().where(near, Volunteer.on_duty, Volunteer.active, ~busy, ~asked_before)
    one_more = (Case.state == CaseState.ACCEPTED) & (Case.wanted > on_it) & ~asked
    helpable = or_(Case.state == CaseState.ESCALATED, one_more) & somebody
    wider = Case.state.in_({CaseState.NEW, CaseState.DISPATCHING}) & (Case.widen_at <= now)
    return (
        select(Case.station_id)
        .where(Case.opened_at <= now - GRACE, Case.held_by.is_(None), or_(waiting, helpable, wider))
        .distinct()
    )


def _texts_due(now: datetime) -> Exists:
    queued = (Message.state == MessageState.QUEUED) & (Message.not_before <= now - GRACE)
    unsure = (Message.state == MessageState.UNKNOWN) & (Message.not_before <= now)
    abandoned = (Message.state == MessageState.SENDING) & (Message.claimed_at < func.clock_timestamp() - LEASE)
    return exists().where(or_(queued, unsure, abandoned))
