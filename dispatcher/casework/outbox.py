"""Texts to be sent: a row now, the provider's call later and never inside this transaction."""

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum

from sqlalchemy.dialects.postgresql import insert

from dispatcher.ids import new_id
from dispatcher.jobs import Job
from dispatcher.lifecycle import MessageState
from dispatcher.model import Case, Message, Offer, Volunteer
from dispatcher.work import Work


class Urgency(IntEnum):
    """In which order texts leave; the least number first."""

    OFFER = 1
    STAND_DOWN = 2
    NUDGE = 3
    ANSWER = 5


def queue_text(
    work: Work,
    template: str,
    params: Mapping[str, str],
    *,
    purpose: str,
    phone: str,
    language: str,
    urgency: Urgency,
    attempt: int = 1,
    case: Case | None = None,
    offer: Offer | None = None,
    volunteer: Volunteer | None = None,
    not_before: datetime | None = None,
) -> bool:
    """Queue one text; `purpose` and `attempt` together name it, and it is never queued twice. False if it was there."""
    added = work.session.scalar(
        insert(Message)
        .values(
            id=new_id(),
            purpose=purpose,
            attempt=attempt,
            template=template,
            params=dict(params),
            language=language,
            phone=phone,
            case_id=case.id if case else None,
            offer_id=offer.id if offer else None,
            volunteer_id=volunteer.id if volunteer else None,
            urgency=urgency,
            state=MessageState.QUEUED,
            not_before=not_before or work.now,
            created_at=work.now,
        )
        .on_conflict_do_nothing(index_elements=["purpose", "attempt"])
        .returning(Message.id)
    )
    if added:
        work.wake(Job.SEND)
    return added is not None


def text_about(
    work: Work,
    case: Case,
    offer: Offer,
    person: Volunteer,
    template: str,
    params: Mapping[str, str],
    *,
    purpose: str,
    urgency: Urgency,
) -> None:
    """Queue the one text of its purpose (offer, closing, nudge) about an offer to the person it was made to."""
    queue_text(
        work,
        template,
        {"code": offer.code} | dict(params),
        purpose=f"{purpose}:{offer.id}",
        phone=person.phone,
        language=person.language,
        urgency=urgency,
        case=case,
        offer=offer,
        volunteer=person,
    )
