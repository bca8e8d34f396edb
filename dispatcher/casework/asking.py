"""How somebody is asked: the offer and its text, written alike for the plan and for the officer who chooses by hand."""

import random
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from dispatcher.casework.cases import move_case
from dispatcher.casework.outbox import Urgency, text_about
from dispatcher.codes import new_code
from dispatcher.ids import new_id
from dispatcher.lifecycle import LIVE, WAITING, CaseState, OfferState
from dispatcher.model import Case, Offer, Place, Volunteer
from dispatcher.protection.columns import blind_index
from dispatcher.protection.keys import current_keys
from dispatcher.work import Work

CODE_REST = timedelta(hours=24)
_rng = random.Random(secrets.randbits(64))  # noqa: S311  # codes only tell a phone's offers apart; links are the secret


@dataclass(frozen=True)
class Draft:
    """What is known of an offer before it is written; `used` are codes its phone must not get again today."""

    eta_s: int | None
    reason: Mapping[str, str]
    answer: timedelta
    used: Collection[str]
    id: UUID | None = None
    round: int | None = None


def codes_in_use(work: Work, volunteer_ids: Sequence[UUID]) -> Mapping[UUID, set[str]]:
    """The codes each person has live, or had within a day (contract: SMS)."""
    used: dict[UUID, set[str]] = defaultdict(set)
    recent = or_(Offer.state.in_(LIVE), Offer.asked_at > work.now - CODE_REST)
    rows = select(Offer.volunteer_id, Offer.code).where(Offer.volunteer_id.in_(volunteer_ids), recent)
    for volunteer_id, code in work.session.execute(rows):
        used[volunteer_id].add(code)
    return used


def write_offer(work: Work, case: Case, person: Volunteer, draft: Draft) -> Offer | None:
    """Write one offer of the case's current wave and queue its text. None when the person was taken a moment ago."""
    offer_id = draft.id or new_id()
    token = current_keys().link_token(str(offer_id))
    added = work.session.scalar(
        insert(Offer)
        .values(
            id=offer_id,
            case_id=case.id,
            volunteer_id=person.id,
            state=OfferState.QUEUED,
            round=case.round if draft.round is None else draft.round,
            wave=case.wave,
            code=new_code(_rng, draft.used),
            token=token,
            token_index=blind_index("token", token),
            eta_s=draft.eta_s,
            reason=dict(draft.reason),
            doubtful=False,
            overdue_step=0,
            asked_at=work.now,
            expires_at=work.now + draft.answer,
        )
        .on_conflict_do_nothing()
        .returning(Offer.id)
    )
    if not added:
        return None
    offer = work.session.get_one(Offer, offer_id)
    _queue_text(work, case, offer, person)
    return offer


def tell_asked(work: Work, case: Case, asked: Sequence[Offer]) -> None:
    """The case has people asked for it: it is being dispatched, and one event names the offers of the wave."""
    if case.state in WAITING:
        move_case(case, CaseState.DISPATCHING)
    work.emit_case("offer.queued", case, offers=[str(offer.id) for offer in asked], wave=case.wave)


def _queue_text(work: Work, case: Case, offer: Offer, person: Volunteer) -> None:
    community = work.session.get(Place, case.community_id) if case.community_id else None
    params = {
        "level": case.level.value,
        "community": _name(community, person.language),
        "fraud_type": case.fraud_type or "",
        "token": offer.token,
    }
    text_about(work, case, offer, person, "offer", params, purpose="offer", urgency=Urgency.OFFER)


def _name(place: Place | None, language: str) -> str:
    if place is None:
        return ""
    return (place.name_en or place.name) if language == "en" else place.name
