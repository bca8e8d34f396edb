"""How offers and tasks end: who was told something is told once that it is over (contract: SMS, one closing text)."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from dispatcher.casework.outbox import About, Urgency, texts_about
from dispatcher.jobs import Job
from dispatcher.lifecycle import (
    ASKED,
    MESSAGE_MOVES,
    OFFER_MOVES,
    MessageState,
    OfferState,
    check_move,
)
from dispatcher.model import Case, Message, Offer, Volunteer
from dispatcher.work import Work

_TAKEN = frozenset({MessageState.SENT, MessageState.DELIVERED})
"""The provider has the text. While it is being sent or looked up, the closing waits until that is known."""


def stand_down(work: Work, case: Case, template: str, *, only: UUID | None = None) -> list[Offer]:
    """End every offer of the case that is still asked, or the one given; tell those who have their text, once.

    Somebody whose text is still being sent or looked up is told when it turns out to have been taken.

    `template` is `taken` or `stood_down`. One event names them all.
    """
    wanted = select(Offer).where(Offer.case_id == case.id, Offer.among(ASKED)).order_by(Offer.id)
    if only:
        wanted = wanted.where(Offer.id == only)
    asked = work.session.scalars(wanted.with_for_update(key_share=True)).all()
    if not asked:
        return []
    told = _withhold_or_told(work, asked)
    people = _people(work, asked)
    for offer in asked:
        end_offer(work, offer, OfferState.STOOD_DOWN)
        if offer.id in told:
            tell_closing(work, case, offer, people[offer.volunteer_id], template)
    for station_id in {person.station_id for person in people.values()}:
        work.wake(Job.PLAN, station_id)
    work.emit_case("offer.stood_down", case, offers=[str(offer.id) for offer in asked])
    return list(asked)


def end_task(work: Work, case: Case, offer: Offer, state: OfferState, closing: str | None = None) -> None:
    """End one accepted task as completed, released or recalled; the person is free for the plan again."""
    volunteer = work.session.get_one(Volunteer, offer.volunteer_id)
    end_offer(work, offer, state)
    if closing:
        tell_closing(work, case, offer, volunteer, closing)
    work.emit_case(f"offer.{state.value}", case, volunteer, offer=str(offer.id))
    work.wake(Job.PLAN, volunteer.station_id)


def end_offer(work: Work, offer: Offer, state: OfferState) -> None:
    """Move an offer to one of its ends."""
    offer.state = check_move(OFFER_MOVES, offer.state, state)
    offer.ended_at = work.now
    offer.overdue_at = None


def tell_closing(work: Work, case: Case, offer: Offer, person: Volunteer, template: str) -> None:
    """The one closing text a person gets for a task, whichever comes first."""
    texts_about(work, [About(case, offer, person)], template, purpose="closing", urgency=Urgency.STAND_DOWN)


def withdraw_text(work: Work, message: Message) -> None:
    """A text that has not left yet will not leave any more."""
    message.state = check_move(MESSAGE_MOVES, message.state, MessageState.FAILED)
    message.error = "superseded"
    message.ended_at = work.now


def _withhold_or_told(work: Work, offers: Sequence[Offer]) -> set[UUID]:
    """Keep back the texts that have not left; the ids of offers whose text is known to be on its way."""
    messages = work.session.scalars(
        select(Message)
        .where(Message.purpose.in_([f"offer:{offer.id}" for offer in offers]))
        .order_by(Message.id)
        .with_for_update()
    ).all()
    for message in messages:
        if message.state == MessageState.QUEUED:
            withdraw_text(work, message)
    return {m.offer_id for m in messages if m.offer_id and m.state in _TAKEN}


def _people(work: Work, offers: Sequence[Offer]) -> dict[UUID, Volunteer]:
    ids = {offer.volunteer_id for offer in offers}
    return {person.id: person for person in work.session.scalars(select(Volunteer).where(Volunteer.id.in_(ids)))}
