"""How somebody is asked: the offer and its text, written alike for the plan and for the officer who chooses by hand."""

import random
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from dispatcher.bulk import write_new_rows
from dispatcher.casework.cases import move_case
from dispatcher.casework.outbox import About, Urgency, texts_about
from dispatcher.codes import new_code
from dispatcher.ids import new_id
from dispatcher.levels import own_word
from dispatcher.lifecycle import LIVE, WAITING, CaseState, OfferState
from dispatcher.model import Case, Offer, Place, Volunteer
from dispatcher.policy import Policy
from dispatcher.protection.columns import blind_index
from dispatcher.protection.keys import current_keys
from dispatcher.work import Work

CODE_REST = timedelta(hours=24)
_rng = random.Random(secrets.randbits(64))  # noqa: S311  # codes only tell a phone's offers apart; links are the secret


@dataclass(frozen=True)
class Draft:
    """What is known of an offer before it is written; `used` are codes its phone must not get again today."""

    eta_s: int | None
    reason: Mapping[str, Any]
    answer: timedelta
    used: Collection[str]
    id: UUID | None = None
    round: int | None = None
    metres: int | None = None
    chance: float | None = None
    tired: bool = False


def codes_in_use(work: Work, volunteer_ids: Sequence[UUID]) -> Mapping[UUID, set[str]]:
    """The codes each person has live, or had within a day (contract: SMS)."""
    used: dict[UUID, set[str]] = defaultdict(set)
    recent = or_(Offer.among(LIVE), Offer.asked_at > work.now - CODE_REST)
    rows = select(Offer.volunteer_id, Offer.code).where(Offer.volunteer_id.in_(volunteer_ids), recent)
    for volunteer_id, code in work.session.execute(rows):
        used[volunteer_id].add(code)
    return used


@dataclass(frozen=True)
class Asking:
    """One person to be asked for one case."""

    case: Case
    person: Volunteer
    draft: Draft


def write_offers(work: Work, askings: Sequence[Asking], policy: Policy) -> list[Offer]:
    """Write each offer as one of its case's current wave and queue its text; `policy` is that of the cases' station.

    What comes back is as it was written, and not of the session. Whoever was taken a moment ago has no offer in it.
    """
    ordered = sorted(askings, key=lambda asking: asking.person.id)  # two who ask the same people never wait in a circle
    rows = [(_row(work, asking), asking) for asking in ordered]
    written = write_new_rows(work.session, Offer, [row for row, _ in rows])
    if not written:
        return []
    offers = [(Offer(**row), asking) for row, asking in rows if row["id"] in written]
    places = _communities(work, askings)
    abouts = [_about(offer, asking, places, policy) for offer, asking in offers]
    texts_about(work, abouts, "offer", purpose="offer", urgency=Urgency.OFFER)
    return [offer for offer, _ in offers]


def _row(work: Work, asking: Asking) -> dict[str, Any]:
    draft, case = asking.draft, asking.case
    offer_id = draft.id or new_id()
    token = current_keys().link_token(str(offer_id))
    return {
        "id": offer_id,
        "case_id": case.id,
        "volunteer_id": asking.person.id,
        "state": OfferState.QUEUED,
        "round": case.round if draft.round is None else draft.round,
        "wave": case.wave,
        "code": new_code(_rng, draft.used),
        "token": token,
        "token_index": blind_index("token", token),
        "eta_s": draft.eta_s,
        "metres": draft.metres,
        "chance": draft.chance,
        "tired": draft.tired,
        "reason": dict(draft.reason),
        "asked_at": work.now,
        "expires_at": work.now + draft.answer,
    }


def tell_asked(work: Work, case: Case, asked: Sequence[Offer]) -> None:
    """The case has people asked for it: it is being dispatched, and one event names the offers of the wave."""
    if case.state in WAITING:
        move_case(case, CaseState.DISPATCHING)
    work.emit_case("offer.queued", case, offers=[str(offer.id) for offer in asked], wave=case.wave)


def _communities(work: Work, askings: Sequence[Asking]) -> Mapping[UUID, Place]:
    ids = {asking.case.community_id for asking in askings if asking.case.community_id}
    return {place.id: place for place in work.session.scalars(select(Place).where(Place.id.in_(ids)))} if ids else {}


def _about(offer: Offer, asking: Asking, places: Mapping[UUID, Place], policy: Policy) -> About:
    case, person = asking.case, asking.person
    called = own_word(policy.levels, case.level, person.language)
    params = {
        "level": case.level.value,
        "community": _name(places.get(case.community_id) if case.community_id else None, person.language),
        "fraud_type": case.fraud_type or "",
        "token": offer.token,
        **({"called": called} if called else {}),
    }
    return About(case, offer, person, params)


def _name(place: Place | None, language: str) -> str:
    if place is None:
        return ""
    return (place.name_en or place.name) if language == "en" else place.name
