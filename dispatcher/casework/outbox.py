"""Texts to be sent: a row now, the provider's call later and never inside this transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from dispatcher.bulk import write_new_rows
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
    row = {
        "purpose": purpose,
        "attempt": attempt,
        "template": template,
        "params": dict(params),
        "language": language,
        "phone": phone,
        "case_id": case.id if case else None,
        "offer_id": offer.id if offer else None,
        "volunteer_id": volunteer.id if volunteer else None,
        "urgency": urgency,
        "not_before": not_before or work.now,
    }
    return _queue(work, [row])


@dataclass(frozen=True)
class About:
    """What one text about an offer says besides the offer's code, to the person it was made to."""

    case: Case
    offer: Offer
    person: Volunteer
    params: Mapping[str, str] = field(default_factory=dict)


def texts_about(work: Work, abouts: Iterable[About], template: str, *, purpose: str, urgency: Urgency) -> None:
    """Queue for each of these offers the one text of its purpose (offer, closing, nudge)."""
    rows = [
        {
            "purpose": f"{purpose}:{about.offer.id}",
            "attempt": 1,
            "template": template,
            "params": {"code": about.offer.code} | dict(about.params),
            "language": about.person.language,
            "phone": about.person.phone,
            "case_id": about.case.id,
            "offer_id": about.offer.id,
            "volunteer_id": about.person.id,
            "urgency": urgency,
            "not_before": work.now,
        }
        for about in abouts
    ]
    _queue(work, rows)


def _queue(work: Work, rows: Sequence[dict[str, Any]]) -> bool:
    given = [{"id": new_id(), "state": MessageState.QUEUED, "created_at": work.now} | row for row in rows]
    added = write_new_rows(work.session, Message, given)
    if added:
        work.wake(Job.SEND)
    return bool(added)
