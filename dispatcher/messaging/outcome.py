"""What became of a text, and what follows for the offer it carried. States move forwards only."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select

from dispatcher.casework import lock_cases, raise_alarm
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


@dataclass(frozen=True)
class Taken:
    """The provider's word that it has a text, under an id of its own."""

    message_id: UUID
    provider_id: str
    status: MessageState


@dataclass(frozen=True)
class _Matter:
    """A text with its case and the offer that it carries, if there are any: all as they are now, and locked."""

    message: Message
    case: Case | None
    offer: Offer | None


def taken(work: Work, *words: Taken) -> None:
    """The provider has these texts; receipts that came before us are read now."""
    by_message = {word.message_id: word for word in words}
    matters = _locked(work, by_message)
    came_before = _receipts(work, [word.provider_id for word in words])
    for matter in matters:
        word, message = by_message[matter.message.id], matter.message
        message.provider_id = message.provider_id or word.provider_id
        message.sent_at = message.sent_at or work.now
        _move(work, matter, word.status)
        for status, error in came_before[word.provider_id]:
            _move(work, matter, message_state(status), error)


def _receipts(work: Work, provider_ids: Sequence[str]) -> Mapping[str, list[tuple[str, str | None]]]:
    """What came before our own record, oldest first; it is read this once."""
    taken_out = delete(Receipt).where(Receipt.provider_id.in_(provider_ids)).returning(Receipt)
    found: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
    for receipt in sorted(work.session.scalars(taken_out), key=lambda receipt: receipt.received_at):
        found[receipt.provider_id].append((receipt.status, receipt.error))
    return found


def found(work: Work, message_id: UUID, provider_id: str, status: MessageState) -> None:
    """The provider's list has a text with these words; it may be an older twin of ours, and then ours is not there."""
    other = select(Message.id).where(Message.provider_id == provider_id, Message.id != message_id)
    if work.session.scalar(other) is None:
        taken(work, Taken(message_id, provider_id, status))
    else:
        not_there(work, message_id)


def refused(work: Work, message_id: UUID, error: str) -> None:
    """The provider will never take the text."""
    _move(work, _one(work, message_id), MessageState.FAILED, error)


def postponed(work: Work, message_id: UUID, error: str, delay: timedelta) -> None:
    """Certainly not taken this time: the same text is queued as its next attempt, or given up after several."""
    matter = _one(work, message_id)
    message = matter.message
    if message.state not in UNRECORDED:
        return
    if message.attempt >= MOST_ATTEMPTS or not _still_useful(work, matter):
        _move(work, matter, MessageState.FAILED, error)
        return
    _again(work, matter, error, min(delay * message.attempt, LONGEST_DELAY))


def unsure(work: Work, message_id: UUID, error: str) -> None:
    """It may have been taken or not: the next person is asked at once, and the text is looked up soon."""
    matter = _one(work, message_id)
    message, case, offer = matter.message, matter.case, matter.offer
    if message.state != MessageState.SENDING:
        return
    message.state = MessageState.UNKNOWN
    message.error = error
    message.not_before = work.now
    if case and offer and offer.state in ASKED:
        offer.doubtful = True
        work.emit_case("offer.doubtful", case, offer=str(offer.id))
        work.wake(Job.PLAN, case.station_id)


def not_there(work: Work, message_id: UUID) -> None:
    """The provider's list does not have the text. After several looks it was certainly not taken."""
    matter = _one(work, message_id)
    message = matter.message
    if message.state != MessageState.UNKNOWN:
        return
    message.looked_for += 1
    message.not_before = work.now + LOOK_EVERY
    if message.looked_for < LOOKS:
        return
    if _still_useful(work, matter) and message.attempt < MOST_ATTEMPTS:
        _again(work, matter, "never taken by the provider", timedelta(0))
    else:
        _move(work, matter, MessageState.FAILED, "never taken by the provider")


def not_found_out(work: Work, message_id: UUID) -> None:
    """The provider could not be asked. After a while it is left to the officer."""
    matter = _one(work, message_id)
    message, case = matter.message, matter.case
    if message.state != MessageState.UNKNOWN:
        return
    message.not_before = work.now + LOOK_EVERY
    if work.now - message.created_at < GIVE_UP:
        return
    if case:
        raise_alarm(work, AlarmKind.TEXT_UNSURE, case.station_id, case)
    _move(work, matter, MessageState.FAILED, "the provider could not be asked")


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
            taken(work, Taken(message_id, provider_id, MessageState.SENT))
    if message_id is None:
        work.session.merge(Receipt(provider_id=provider_id, status=status, error=error, received_at=work.now))
        return
    _move(work, _one(work, message_id), message_state(status), error)


def _one(work: Work, message_id: UUID) -> _Matter:
    return _locked(work, [message_id])[0]


def _locked(work: Work, message_ids: Collection[UUID]) -> list[_Matter]:
    """The cases first, then the messages, each in order of id: everybody locks in this order."""
    theirs = select(Message.case_id).where(Message.id.in_(message_ids))
    cases = {case.id: case for case in lock_cases(work, theirs)}
    found = work.session.scalars(
        select(Message)
        .where(Message.id.in_(message_ids))
        .order_by(Message.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    messages = found.all()
    offers = _offers(work, messages)
    return [
        _Matter(m, cases[m.case_id] if m.case_id else None, offers.get(m.offer_id) if m.offer_id else None)
        for m in messages
    ]


def _offers(work: Work, messages: Sequence[Message]) -> Mapping[UUID, Offer]:
    """The offers that these texts carry; a text may be about one without carrying it."""
    ids = {m.offer_id for m in messages if m.offer_id and m.purpose == f"offer:{m.offer_id}"}
    if not ids:
        return {}
    found = select(Offer).where(Offer.id.in_(ids)).execution_options(populate_existing=True)
    return {offer.id: offer for offer in work.session.scalars(found)}


def _still_useful(work: Work, matter: _Matter) -> bool:
    offer = matter.offer
    return offer is None or (offer.state in ASKED and offer.expires_at > work.now)


def _move(work: Work, matter: _Matter, state: MessageState, error: str | None = None) -> None:
    """Forwards only: a move that the table does not have is an old or repeated word, and changes nothing."""
    message = matter.message
    if message.state == state or not allowed(MESSAGE_MOVES, message.state, state):
        return
    message.state = state
    message.error = error or message.error
    if state != MessageState.SENT:
        message.ended_at = work.now
    if matter.case and matter.offer:
        _follow(work, matter.case, matter.offer, state)


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


def _again(work: Work, matter: _Matter, error: str, delay: timedelta) -> None:
    message = matter.message
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
        case=matter.case,
        offer=offer,
        volunteer=person,
        not_before=work.now + delay,
    )
