"""A text that came in: whose it is, what it says, and what that changes (contract: SMS)."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from dispatcher.casework import lock_case, queue_text, set_duty
from dispatcher.casework.outbox import Urgency
from dispatcher.ids import new_id
from dispatcher.lifecycle import CaseState, OfferState
from dispatcher.model import Case, InboundText, Offer, Place, PlaceKind, Volunteer
from dispatcher.protection.columns import blind_index
from dispatcher.protection.phones import normalise_phone
from dispatcher.tracking import acceptance, visit
from dispatcher.tracking.grammar import Reply, Unclear, parse
from dispatcher.views import lock_volunteers
from dispatcher.work import Work

Act = Callable[[Work, Case, Offer, Volunteer], bool]

ACCEPT, DECLINE, ON_DUTY, OFF_DUTY = 1, 2, 8, 9
ACTS: Mapping[int, Act] = {
    ACCEPT: acceptance.accept,
    DECLINE: acceptance.decline,
    3: visit.arrive,
    4: visit.met_and_dissuaded,
    5: visit.not_found,
    6: visit.money_moving,
    7: visit.help_asked,
}
"""What each digit does; each says whether it counted. 8 and 9 are about the person, not about a task."""

TOLD = frozenset({OfferState.STOOD_DOWN, OfferState.RECALLED})
"""Ends that come with the one closing text."""

CODE_OPTIONAL = timedelta(minutes=30)
ANSWER_EVERY = timedelta(hours=1)
MOST_CHARACTERS = 1600


def take_text(work: Work, provider_id: str, sender: str, body: str) -> str:
    """Take in one text, once however often it is delivered; the outcome in a word.

    A text that is not understood changes nothing, waits in the inbox, and is answered at most once an hour a phone.
    """
    phone = normalise_phone(sender) or sender[:32]
    text = _write_down(work, provider_id, phone, body[:MOST_CHARACTERS])
    if text is None:
        return "repeated"
    person = work.session.scalar(select(Volunteer).where(Volunteer.phone_index == text.phone_index, Volunteer.active))
    if person is None:
        text.outcome = _from_stranger(work, text)
    else:
        text.volunteer_id = person.id
        text.station_id = person.station_id
        text.outcome = _from_volunteer(work, text, person)
    return text.outcome


def act_on(work: Work, offer_id: UUID, digit: int) -> tuple[bool, Offer, Case]:
    """Do what a digit says about an offer, under its case's lock; by text and by page alike."""
    case_id = work.session.scalars(select(Offer.case_id).where(Offer.id == offer_id)).one()
    case = lock_case(work, case_id)
    offer = work.session.get_one(Offer, offer_id, populate_existing=True)
    person = work.session.get_one(Volunteer, offer.volunteer_id)
    return ACTS[digit](work, case, offer, person), offer, case


def _write_down(work: Work, provider_id: str, phone: str, body: str) -> InboundText | None:
    text_id = new_id()
    added = work.session.scalar(
        insert(InboundText)
        .values(
            id=text_id,
            provider_id=provider_id,
            phone=phone,
            phone_index=blind_index("phone", phone),
            body=body,
            outcome="new",
            answered=False,
            in_inbox=False,
            received_at=work.now,
        )
        .on_conflict_do_nothing(index_elements=["provider_id"])
        .returning(InboundText.id)
    )
    return work.session.get_one(InboundText, text_id) if added else None


def _from_volunteer(work: Work, text: InboundText, person: Volunteer) -> str:
    reply = parse(text.body)
    if isinstance(reply, Unclear):
        return _to_inbox(work, text, "unclear", person)
    if reply.digit in {ON_DUTY, OFF_DUTY}:
        lock_volunteers(work.session, [person.id])
        work.session.refresh(person)
        set_duty(work, person, on_duty=reply.digit == ON_DUTY)
        return "duty"
    offer_id = _meant(work, person, reply)
    if offer_id is None:
        return _to_inbox(work, text, "old_code" if reply.code else "unclear", person, reply.code)
    text.offer_id = offer_id
    counted, offer, case = act_on(work, offer_id, reply.digit)
    if counted:
        return "done"
    return _uncounted(work, text, reply, offer, case, person)


def _uncounted(work: Work, text: InboundText, reply: Reply, offer: Offer, case: Case, person: Volunteer) -> str:
    """Understood, but too late or too early.

    Who had the closing text needs no second one, and who will not go any more changes nothing by saying so. All else
    is answered: somebody who declined and now accepts must not believe that they have the case.
    """
    if (reply.digit == ACCEPT and offer.state in TOLD) or (reply.digit == DECLINE and offer.ended_at is not None):
        work.emit_case("reply.too_late", case, person, offer=str(offer.id), digit=reply.digit)
        return "too_late"
    return _to_inbox(work, text, "old_code", person, offer.code)


def _meant(work: Work, person: Volunteer, reply: Reply) -> UUID | None:
    """The offer the reply is about; without a code only while there was exactly one in the last 30 minutes."""
    theirs = select(Offer.id).where(Offer.volunteer_id == person.id).order_by(Offer.asked_at.desc())
    if reply.code:
        return work.session.scalar(theirs.where(Offer.code == reply.code).limit(1))
    recent = work.session.scalars(theirs.where(Offer.asked_at > work.now - CODE_OPTIONAL).limit(2)).all()
    return recent[0] if len(recent) == 1 else None


def _from_stranger(work: Work, text: InboundText) -> str:
    """Somebody not on any roster. A resident with an open case is shown to the station that has it."""
    case = work.session.scalar(
        select(Case).where(Case.resident_phone_index == text.phone_index, Case.state != CaseState.CLOSED)
    )
    first = select(Place.id).where(Place.kind == PlaceKind.STATION).order_by(Place.code).limit(1)
    text.station_id = case.station_id if case else work.session.scalar(first)
    return _to_inbox(work, text, "stranger")


def _to_inbox(
    work: Work, text: InboundText, template: str, person: Volunteer | None = None, code: str | None = None
) -> str:
    text.in_inbox = True
    if text.station_id:
        work.emit("text.received", text.station_id, text=str(text.id), outcome=template, volunteer=person)
    if _may_answer(work, text):
        text.answered = True
        params: dict[str, str] = {}
        if template != "stranger":
            params["code"] = code or ""
        queue_text(
            work,
            template,
            params,
            purpose=f"answer:{text.id}",
            phone=text.phone,
            language=person.language if person else "zh",
            urgency=Urgency.ANSWER,
            volunteer=person,
        )
    return template


def _may_answer(work: Work, text: InboundText) -> bool:
    """At most one answer an hour to a phone, also when several of its texts come in at one moment."""
    work.session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(text.phone_index[:7]))))
    answered = select(InboundText.id).where(
        InboundText.phone_index == text.phone_index,
        InboundText.answered,
        InboundText.received_at > work.now - ANSWER_EVERY,
    )
    return normalise_phone(text.phone) is not None and work.session.scalar(answered.limit(1)) is None
