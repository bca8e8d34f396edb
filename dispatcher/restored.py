"""What a database that comes back from a backup must not go on doing as if nothing had happened.

Between the backup and its restore the service went on living: texts left, officers signed out, consoles saw numbers
that are about to be given again. Nobody knows what happened there, so nothing is done twice on the strength of the old
state, and whatever may be missing is shown to the duty officer.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from dispatcher.casework import lock_case, raise_alarm
from dispatcher.casework.offers import end_offer
from dispatcher.ids import new_id
from dispatcher.lifecycle import ASKED, MESSAGE_MOVES, MessageState, OfferState, check_move
from dispatcher.model import AlarmKind, Case, FeedCounter, Flag, Message, Offer, OfficerSession, Volunteer
from dispatcher.work import Work

UNDER_WAY = frozenset({MessageState.QUEUED, MessageState.SENDING, MessageState.UNKNOWN})
"""Texts of which the backup cannot say whether they left afterwards."""
REASON = "restored from a backup"


@dataclass(frozen=True)
class Settled:
    """How many texts were given up, offers ended, tasks left to the officer, and sign-ins ended."""

    texts: int
    offers: int
    tasks: int
    sessions: int


def settle(work: Work) -> Settled:
    """Make a restored database safe to go on with; call it in the restore's own transaction, with its keys in use.

    Every feed gets a new epoch, so that every console starts from a snapshot. Every sign-in ends: a backup may be old
    or have been in other hands. Feedback goes on: the centre knows it again by its webhook-id.
    """
    for counter in work.session.scalars(select(FeedCounter)).all():
        counter.epoch = new_id()
    texts, offers = _give_up_texts(work)
    return Settled(texts, offers, _leave_late_tasks(work), _end_sessions(work))


def _give_up_texts(work: Work) -> tuple[int, int]:
    """A text that was on its way has most likely been sent: it is not sent again, and somebody else is asked."""
    under_way = select(Message).where(Message.state.in_(UNDER_WAY)).order_by(Message.case_id, Message.id)
    messages = work.session.scalars(under_way).all()
    offers = 0
    for message in messages:
        message.state = check_move(MESSAGE_MOVES, message.state, MessageState.FAILED)
        message.error = REASON
        message.ended_at = work.now
        offers += _expire(work, message)
    for case_id in dict.fromkeys(message.case_id for message in messages if message.case_id):
        case = lock_case(work, case_id)
        raise_alarm(work, AlarmKind.TEXT_UNSURE, case.station_id, case)
    return len(messages), offers


def _expire(work: Work, message: Message) -> bool:
    """End the offer that the text carried: nobody is left waiting for an answer to what may never have arrived.

    A late acceptance stays welcome, should it have arrived after all.
    """
    if message.offer_id is None or message.purpose != f"offer:{message.offer_id}":
        return False
    offer = work.session.get_one(Offer, message.offer_id)
    if offer.state not in ASKED:
        return False
    end_offer(work, offer, OfferState.EXPIRED)
    _tell(work, offer, "offer.expired")
    return True


def _leave_late_tasks(work: Work) -> int:
    """Who is late by the clock of a backup may have arrived long ago: no nudge, no second vest, the officer calls."""
    late = select(Offer).where(Offer.state == OfferState.ACCEPTED, Offer.overdue_at <= work.now)
    offers = work.session.scalars(late.order_by(Offer.case_id, Offer.id)).all()
    for offer in offers:
        offer.overdue_at = None
        case = lock_case(work, offer.case_id)
        case.flag(Flag.NOT_ARRIVED)
        raise_alarm(work, AlarmKind.NOT_ARRIVED, case.station_id, case)
    return len(offers)


def _end_sessions(work: Work) -> int:
    ended = (
        update(OfficerSession)
        .where(OfficerSession.ended_at.is_(None))
        .values(ended_at=work.now)
        .returning(OfficerSession.id)
    )
    found: list[UUID] = list(work.session.scalars(ended))
    return len(found)


def _tell(work: Work, offer: Offer, kind: str) -> None:
    case = work.session.get_one(Case, offer.case_id)
    person = work.session.get_one(Volunteer, offer.volunteer_id)
    work.emit_case(kind, case, person, offer=str(offer.id))
