"""What became of a text, and what follows for the offer it carried. States move forwards only."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select

from dispatcher.casework import lock_case, raise_alarm
from dispatcher.casework.offers import end_offer, tell_closing
from dispatcher.casework.outbox import Urgency, queue_text
from dispatcher.jobs import Job
from dispatcher.lifecycle import ASKED, MESSAGE_MOVES, OFFER_MOVES, CaseState, MessageState, OfferState, allowed
from dispatcher.messaging.port import message_state
from dispatcher.messaging.texts import Template
from dispatcher.model import AlarmKind, Case, Message, Offer, Receipt, Volunteer
from dispatcher.work import Work

MOST_ATTEMPTS = 6
LOOKS = 2
LOOK_EVERY = timedelta(seconds=3)
LONGEST_DELAY = timedelta(seconds=30)
GIVE_UP = timedelta(minutes=10)
UNRECORDED = frozenset({MessageState.SENDING, MessageState.UNKNOWN})
UNDONE = frozenset({MessageState.UNDELIVERED, MessageState.FAILED})


def taken(work: Work, message_id: UUID, provider_id: str, status: MessageState) -> None:
    """The provider has the text; receipts that came before us are read now."""
    case, message = _locked(work, message_id)
    message.provider_id = message.provider_id or provider_id
    message.sent_at = message.sent_at or work.now
    _move(work, case, message, status)
    came_before = select(Receipt).where(Receipt.provider_id == provider_id).order_by(Receipt.received_at)
    for receipt in work.session.scalars(came_before).all():
        _move(work, case, message, message_state(receipt.status), receipt.error)
    work.session.execute(delete(Receipt).where(Receipt.provider_id == provider_id))


def found(work: Work, message_id: UUID, provider_id: str, status: MessageState) -> None:
    """The provider's list has a text with these words; it may be an older twin of ours, and then ours is not there."""
    other = select(Message.id).where(Message.provider_id == provider_id, Message.id != message_id)
    if work.session.scalar(other) is None:
        taken(work, message_id, provider_id, status)
    else:
        not_there(work, message_id)


def refused(work: Work, message_id: UUID, error: str) -> None:
    """The provider will never take the text."""
    case, message = _locked(work, message_id)
    _move(work, case, message, MessageState.FAILED, error)


def postponed(work: Work, message_id: UUID, error: str, delay: timedelta) -> None:
    """Certainly not taken this time: the same text is queued as its next attempt, or given up after several."""
    case, message = _locked(work, message_id)
    if message.state not in UNRECORDED:
        return
    if message.attempt >= MOST_ATTEMPTS or not _still_useful(work, message):
        _move(work, case, message, MessageState.FAILED, error)
        return
    _again(work, case, message, error, min(delay * message.attempt, LONGEST_DELAY))


def unsure(work: Work, message_id: UUID, error: str) -> None:
    """It may have been taken or not: the next person is asked at once, and the text is looked up soon."""
    case, message = _locked(work, message_id)
    if message.state != MessageState.SENDING:
        return
    message.state = MessageState.UNKNOWN
    message.error = error
    message.not_before = work.now
    offer = _offer(work, message)
    if case and offer and offer.state in ASKED:
        offer.doubtful = True
        work.emit_case("offer.doubtful", case, offer=str(offer.id))
        work.wake(Job.PLAN, case.station_id)


def not_there(work: Work, message_id: UUID) -> None:
    """The provider's list does not have the text. After several looks it was certainly not taken."""
    case, message = _locked(work, message_id)
    if message.state != MessageState.UNKNOWN:
        return
    message.looked_for += 1
    message.not_before = work.now + LOOK_EVERY
    if message.looked_for < LOOKS:
        return
    if _still_useful(work, message) and message.attempt < MOST_ATTEMPTS:
        _again(work, case, message, "never taken by the provider", timedelta(0))
    else:
        _move(work, case, message, MessageState.FAILED, "never taken by the provider")


def not_found_out(work: Work, message_id: UUID) -> None:
    """The provider could not be asked. After a while it is left to the officer."""
    case, message = _locked(work, message_id)
    if message.state != MessageState.UNKNOWN:
        return
    message.not_before = work.now + LOOK_EVERY
    if work.now - message.created_at < GIVE_UP:
        return
    if case:
        raise_alarm(work, AlarmKind.TEXT_UNSURE, case.station_id, case)
    _move(work, case, message, MessageState.FAILED, "the provider could not be asked")


def receipt(work: Work, provider_id: str, status: str, error: str | None, reference: UUID | None) -> None:
    """The provider's word on a text; when we do not know that text yet, it is kept until we do."""
    message_id = work.session.scalar(select(Message.id).where(Message.provider_id == provider_id))
    if message_id is None and reference is not None:
        message_id = work.session.scalar(
            select(Message.id).where(
                Message.id == reference,
                # Our own record may have come in since we looked a moment ago.
                or_(Message.state.in_(UNRECORDED), Message.provider_id == provider_id),
            )
        )
        if message_id is not None:
            taken(work, message_id, provider_id, MessageState.SENT)
    if message_id is None:
        work.session.merge(Receipt(provider_id=provider_id, status=status, error=error, received_at=work.now))
        return
    case, message = _locked(work, message_id)
    _move(work, case, message, message_state(status), error)


def _locked(work: Work, message_id: UUID) -> tuple[Case | None, Message]:
    """The case first, then the message: everybody locks in this order."""
    case_id = work.session.scalar(select(Message.case_id).where(Message.id == message_id))
    case = lock_case(work, case_id) if case_id else None
    message = work.session.scalars(
        select(Message).where(Message.id == message_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    return case, message


def _offer(work: Work, message: Message) -> Offer | None:
    """The offer that this text carries, if it carries one."""
    if message.offer_id is None or message.purpose != f"offer:{message.offer_id}":
        return None
    return work.session.get(Offer, message.offer_id, populate_existing=True)


def _still_useful(work: Work, message: Message) -> bool:
    offer = _offer(work, message)
    return offer is None or (offer.state in ASKED and offer.expires_at > work.now)


def _move(work: Work, case: Case | None, message: Message, state: MessageState, error: str | None = None) -> None:
    """Forwards only: a move that the table does not have is an old or repeated word, and changes nothing."""
    if message.state == state or not allowed(MESSAGE_MOVES, message.state, state):
        return
    message.state = state
    message.error = error or message.error
    if state != MessageState.SENT:
        message.ended_at = work.now
    offer = _offer(work, message)
    if case and offer:
        _follow(work, case, offer, state)


def _follow(work: Work, case: Case, offer: Offer, state: MessageState) -> None:
    if state in UNDONE:
        if allowed(OFFER_MOVES, offer.state, OfferState.UNDELIVERABLE):
            end_offer(work, offer, OfferState.UNDELIVERABLE)
            person = work.session.get_one(Volunteer, offer.volunteer_id)
            work.emit_case("offer.undeliverable", case, person, offer=str(offer.id))
            for station_id in {case.station_id, person.station_id}:
                work.wake(Job.PLAN, station_id)
        return
    if offer.state == OfferState.STOOD_DOWN:
        _tell_too_late(work, case, offer)
    if offer.state == OfferState.QUEUED:
        offer.expires_at = work.now + (offer.expires_at - offer.asked_at)
    told = OfferState.DELIVERED if state == MessageState.DELIVERED else OfferState.SENT
    if allowed(OFFER_MOVES, offer.state, told):
        offer.state = told
        offer.doubtful = False
        work.emit_case(f"offer.{told.value}", case, offer=str(offer.id))


def _tell_too_late(work: Work, case: Case, offer: Offer) -> None:
    """The offer ended while its text was on the way: now that it arrived, its one closing text may follow."""
    template = Template.STOOD_DOWN if case.state == CaseState.CLOSED else Template.TAKEN
    tell_closing(work, case, offer, work.session.get_one(Volunteer, offer.volunteer_id), template)


def _again(work: Work, case: Case | None, message: Message, error: str, delay: timedelta) -> None:
    message.state = MessageState.FAILED
    message.error = error
    message.ended_at = work.now
    offer = work.session.get(Offer, message.offer_id) if message.offer_id else None
    person = work.session.get(Volunteer, message.volunteer_id) if message.volunteer_id else None
    queue_text(
        work,
        message.template,
        message.params,
        purpose=message.purpose,
        attempt=message.attempt + 1,
        phone=message.phone,
        language=message.language,
        urgency=Urgency(message.urgency),
        case=case,
        offer=offer,
        volunteer=person,
        not_before=work.now + delay,
    )
