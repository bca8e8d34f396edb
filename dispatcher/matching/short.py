"""The cases that want people, read from the database as the plan sees them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from dispatcher.geo.coordinates import Point
from dispatcher.lifecycle import ASKED, LIVE, WAITING, CaseState, OfferState
from dispatcher.matching.candidates import Waiting
from dispatcher.matching.waves import wants_more
from dispatcher.model import Case, Offer
from dispatcher.policy import Policy
from dispatcher.work import Work


def wanting() -> ColumnElement[bool]:
    """A case that no officer holds and for which somebody is sought, or one more."""
    on_it = (
        select(func.count())
        .where(Offer.case_id == Case.id, Offer.state == OfferState.ACCEPTED)
        .correlate(Case)
        .scalar_subquery()
    )
    one_more = and_(Case.state == CaseState.ACCEPTED, Case.wanted > on_it)
    return and_(
        Case.held_by.is_(None),
        Case.state != CaseState.CLOSED,
        or_(Case.state.in_(WAITING), one_more),
    )


@dataclass(frozen=True)
class Short:
    """A case for which more people are to be asked."""

    case_id: UUID
    state: CaseState
    gravity: int
    opened_at: datetime
    wave: int


def short_of_people(work: Work, station_id: UUID, policy: Policy) -> list[Short]:
    """The cases for which fewer people are asked than the policy wants, or more may be asked from now on.

    Nobody waits for their locks: whoever changes a case after this look wakes the plan once more.
    """
    on_it = func.count(Offer.id).filter(Offer.state == OfferState.ACCEPTED)
    asked = and_(Offer.among(ASKED), ~Offer.doubtful)
    firm = func.count(Offer.id).filter(asked)
    silent = func.sum(func.ln(1 - func.coalesce(Offer.chance, policy.willing.chance))).filter(asked)
    silence = func.exp(func.coalesce(silent, 0.0))
    rows = work.session.execute(
        select(
            Case.id,
            Case.state,
            Case.level,
            Case.opened_at,
            Case.wave,
            Case.wanted,
            Case.width,
            Case.widen_at,
            on_it.label("on_it"),
            firm.label("firm"),
            silence.label("silence"),
        )
        .outerjoin(Offer, and_(Offer.case_id == Case.id, Offer.among(LIVE)))
        .where(Case.station_id == station_id, wanting())
        .group_by(Case.id)
    )
    return [
        Short(row.id, row.state, row.level.gravity, row.opened_at, row.wave)
        for row in rows
        if (row.widen_at and row.widen_at <= work.now)
        or wants_more(
            policy.levels[row.level],
            firm=row.firm,
            on_it=row.on_it,
            seats=row.wanted - row.on_it,
            silence=row.silence,
            width=row.width,
        )
    ]


def read_waiting(work: Work, cases: Iterable[Case], policy: Policy) -> list[Waiting]:
    """The cases as the plan sees them."""
    rounds = {case.id: case for case in cases}
    offers: dict[UUID, list[Offer]] = defaultdict(list)
    for offer in work.session.scalars(select(Offer).where(Offer.case_id.in_(rounds))):
        # Somebody may have accepted late, by an offer from before the case was reopened: they are on it all the same.
        if offer.round == rounds[offer.case_id].round or offer.state in LIVE:
            offers[offer.case_id].append(offer)
    return [_waiting(case, offers[case.id], policy) for case in rounds.values()]


def _waiting(case: Case, offers: list[Offer], policy: Policy) -> Waiting:
    on_it = sum(offer.state == OfferState.ACCEPTED for offer in offers)
    asked = [offer for offer in offers if offer.state in ASKED and not offer.doubtful]
    silence = 1.0
    for offer in asked:
        silence *= 1 - (policy.willing.chance if offer.chance is None else offer.chance)
    return Waiting(
        case_id=case.id,
        level=case.level,
        opened_at=case.opened_at,
        point=Point(case.lon, case.lat) if case.lon is not None and case.lat is not None else None,
        firm=len(asked),
        on_it=on_it,
        seats=case.wanted - on_it,
        asked_before=frozenset(offer.volunteer_id for offer in offers),
        silence=silence,
        width=case.width,
        grid_id=case.grid_id,
        skills=frozenset(policy.skills.get(case.fraud_type or "", ())),
    )
