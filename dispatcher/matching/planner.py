"""The planning job: takes the station's lock, plans every case that wants somebody, writes offers and texts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from dispatcher.casework import raise_alarm
from dispatcher.casework.asking import Asking, Draft, codes_in_use, tell_asked, write_offers
from dispatcher.casework.cases import move_case
from dispatcher.geo.coordinates import Point
from dispatcher.jobs import Job
from dispatcher.lifecycle import ASKED, LIVE, WAITING, CaseState, OfferState
from dispatcher.matching.reasons import reason
from dispatcher.matching.travel import Candidate
from dispatcher.matching.waves import Pick, Waiting, missing, plan
from dispatcher.model import AlarmKind, Case, Offer, Place, PositionSource, Volunteer
from dispatcher.policy import Policy, Travel, read_policy
from dispatcher.settings import Settings
from dispatcher.work import Work


def plan_station(work: Work, station_id: UUID, settings: Settings) -> int:
    """Plan the station once; the number of people asked. Running it twice asks nobody twice."""
    work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(station_id), 0))))
    station = work.session.get(Place, station_id)
    if station is None:
        return 0
    policy = read_policy(station.policy)
    cases = _locked(work, _short(work, station_id, policy))
    if not cases:
        return 0
    candidates = _free(work, station_id, policy.travel)
    departure_s = policy.travel.departure_s(work.now, settings.zone)
    found = plan(_waiting(work, cases.values()), candidates, policy, departure_s=departure_s)
    for case_id in found.nobody_left:
        _escalate(work, cases[case_id])
    with work.session.no_autoflush:  # each case is written once
        return _ask(work, cases, found.picks, policy)


def _wanting() -> ColumnElement[bool]:
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


def _short(work: Work, station_id: UUID, policy: Policy) -> list[UUID]:
    """The cases for which fewer people are asked than the policy wants; nobody waits for their locks.

    Whoever changes a case after this look wakes the plan once more.
    """
    on_it = func.count(Offer.id).filter(Offer.state == OfferState.ACCEPTED)
    firm = func.count(Offer.id).filter(Offer.state.in_(ASKED), ~Offer.doubtful)
    rows = work.session.execute(
        select(Case.id, Case.level, Case.wanted, on_it.label("on_it"), firm.label("firm"))
        .outerjoin(Offer, and_(Offer.case_id == Case.id, Offer.state.in_(LIVE)))
        .where(Case.station_id == station_id, _wanting())
        .group_by(Case.id)
    )
    return [
        row.id
        for row in rows
        if missing(policy.levels[row.level].wave, firm=row.firm, on_it=row.on_it, seats=row.wanted - row.on_it)
    ]


def _locked(work: Work, case_ids: Collection[UUID]) -> Mapping[UUID, Case]:
    """Those of them that still want somebody, locked."""
    if not case_ids:
        return {}
    wanting = (
        select(Case)
        .where(Case.id.in_(case_ids), _wanting())
        .order_by(Case.id)
        .with_for_update(of=Case, key_share=True)
        .execution_options(populate_existing=True)
    )
    return {case.id: case for case in work.session.scalars(wanting)}


def _free(work: Work, station_id: UUID, travel: Travel) -> list[Candidate]:
    """Who is on duty with nothing in hand: the columns that a plan looks at, since there may be thousands of them."""
    busy = exists().where(Offer.volunteer_id == Volunteer.id, Offer.state.in_(LIVE))
    free = select(
        Volunteer.id,
        Volunteer.page_at,
        Volunteer.page_lon,
        Volunteer.page_lat,
        Volunteer.base_lon,
        Volunteer.base_lat,
        Volunteer.base_source,
    ).where(Volunteer.station_id == station_id, Volunteer.on_duty, Volunteer.active, ~busy)
    return [_candidate(work, row, travel) for row in work.session.execute(free)]


def _waiting(work: Work, cases: Iterable[Case]) -> list[Waiting]:
    rounds = {case.id: case for case in cases}
    offers: dict[UUID, list[Offer]] = defaultdict(list)
    for offer in work.session.scalars(select(Offer).where(Offer.case_id.in_(rounds))):
        # Somebody may have accepted late, by an offer from before the case was reopened: they are on it all the same.
        if offer.round == rounds[offer.case_id].round or offer.state in LIVE:
            offers[offer.case_id].append(offer)
    return [_case_waiting(case, offers[case.id]) for case in rounds.values()]


def _case_waiting(case: Case, offers: list[Offer]) -> Waiting:
    on_it = sum(offer.state == OfferState.ACCEPTED for offer in offers)
    return Waiting(
        case_id=case.id,
        level=case.level,
        opened_at=case.opened_at,
        point=Point(case.lon, case.lat) if case.lon is not None and case.lat is not None else None,
        firm=sum(offer.state in ASKED and not offer.doubtful for offer in offers),
        on_it=on_it,
        seats=case.wanted - on_it,
        asked_before=frozenset(offer.volunteer_id for offer in offers),
    )


def _candidate(work: Work, person: Any, travel: Travel) -> Candidate:
    fresh = person.page_at and work.now - person.page_at <= timedelta(seconds=travel.stale_after_s)
    if fresh and person.page_lon is not None and person.page_lat is not None:
        point = Point(person.page_lon, person.page_lat)
        return Candidate(person.id, point, PositionSource.PAGE, person.page_at)
    if person.base_lon is not None and person.base_lat is not None:
        return Candidate(person.id, Point(person.base_lon, person.base_lat), person.base_source)
    return Candidate(person.id, None, None)


def _ask(work: Work, cases: Mapping[UUID, Case], picks: Sequence[Pick], policy: Policy) -> int:
    """Write the offers of the plan. Somebody asked by another a moment ago is left out, and replanned for."""
    if not picks:
        return 0
    for case_id in {pick.case_id for pick in picks}:
        cases[case_id].wave += 1
    ids = [pick.candidate.volunteer_id for pick in picks]
    people = {person.id: person for person in work.session.scalars(select(Volunteer).where(Volunteer.id.in_(ids)))}
    used = codes_in_use(work, ids)
    askings = [
        Asking(cases[pick.case_id], people[pick.candidate.volunteer_id], _draft(work, cases, pick, used, policy))
        for pick in picks
    ]
    offers = write_offers(work, askings)
    by_case: dict[UUID, list[Offer]] = defaultdict(list)
    for offer in offers:
        by_case[offer.case_id].append(offer)
    for case_id in cases:
        if by_case[case_id]:
            tell_asked(work, cases[case_id], by_case[case_id])
    if len(offers) < len(picks):
        work.wake(Job.PLAN, next(iter(cases.values())).station_id)
    return len(offers)


def _draft(work: Work, cases: Mapping[UUID, Case], pick: Pick, used: Mapping[UUID, set[str]], policy: Policy) -> Draft:
    answer = timedelta(seconds=policy.levels[cases[pick.case_id].level].answer_s)
    return Draft(pick.eta_s, reason(pick, work.now), answer, used.get(pick.candidate.volunteer_id, set()))


def _escalate(work: Work, case: Case) -> None:
    """Nobody could be asked (any more): said at once and visibly, while the case stays in the plan."""
    if case.state == CaseState.ESCALATED:
        return
    move_case(case, CaseState.ESCALATED)
    case.escalated_at = work.now
    work.emit_case("case.escalated", case)
    raise_alarm(work, AlarmKind.NOBODY_LEFT, case.station_id, case)
