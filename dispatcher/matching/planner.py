"""The planning job: takes the station's lock, plans every case that wants somebody, writes offers and texts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select

from dispatcher.casework import raise_alarm
from dispatcher.casework.asking import Draft, codes_in_use, tell_asked, write_offer
from dispatcher.casework.cases import move_case
from dispatcher.geo.coordinates import Point
from dispatcher.jobs import Job
from dispatcher.lifecycle import ASKED, LIVE, WAITING, CaseState, OfferState
from dispatcher.matching.reasons import reason
from dispatcher.matching.travel import Candidate
from dispatcher.matching.waves import Pick, Waiting, plan
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
    cases = _wanting(work, station_id)
    if not cases:
        return 0
    people = _free(work, station_id)
    departure_s = policy.travel.departure_s(work.now, settings.zone)
    waiting = _waiting(work, cases.values())
    candidates = [_candidate(work, p, policy.travel) for p in people.values()]
    found = plan(waiting, candidates, policy, departure_s=departure_s)
    for case_id in found.nobody_left:
        _escalate(work, cases[case_id])
    by_case: dict[UUID, list[Pick]] = defaultdict(list)
    for pick in found.picks:
        by_case[pick.case_id].append(pick)
    used = codes_in_use(work, [pick.candidate.volunteer_id for pick in found.picks])
    return sum(_ask(work, cases[case_id], picks, people, used, policy) for case_id, picks in by_case.items())


def _wanting(work: Work, station_id: UUID) -> Mapping[UUID, Case]:
    """The station's cases that want somebody and that no officer holds, locked."""
    on_it = (
        select(func.count())
        .where(Offer.case_id == Case.id, Offer.state == OfferState.ACCEPTED)
        .correlate(Case)
        .scalar_subquery()
    )
    one_more = and_(Case.state == CaseState.ACCEPTED, Case.wanted > on_it)
    wanting = (
        select(Case)
        .where(
            Case.station_id == station_id,
            Case.held_by.is_(None),
            Case.state != CaseState.CLOSED,
            or_(Case.state.in_(WAITING), one_more),
        )
        .order_by(Case.id)
        .with_for_update(of=Case, key_share=True)
        .execution_options(populate_existing=True)
    )
    return {case.id: case for case in work.session.scalars(wanting)}


def _free(work: Work, station_id: UUID) -> Mapping[UUID, Volunteer]:
    busy = exists().where(Offer.volunteer_id == Volunteer.id, Offer.state.in_(LIVE))
    free = select(Volunteer).where(Volunteer.station_id == station_id, Volunteer.on_duty, Volunteer.active, ~busy)
    return {person.id: person for person in work.session.scalars(free)}


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


def _candidate(work: Work, person: Volunteer, travel: Travel) -> Candidate:
    fresh = person.page_at and work.now - person.page_at <= timedelta(seconds=travel.stale_after_s)
    if fresh and person.page_lon is not None and person.page_lat is not None:
        point = Point(person.page_lon, person.page_lat)
        return Candidate(person.id, point, PositionSource.PAGE, person.page_at)
    if person.base_lon is not None and person.base_lat is not None:
        return Candidate(person.id, Point(person.base_lon, person.base_lat), person.base_source)
    return Candidate(person.id, None, None)


def _ask(
    work: Work,
    case: Case,
    picks: list[Pick],
    people: Mapping[UUID, Volunteer],
    used: Mapping[UUID, set[str]],
    policy: Policy,
) -> int:
    """Write the offers of one wave. Somebody whom another station asked a moment ago is left out, and replanned for."""
    case.wave += 1
    answer = timedelta(seconds=policy.levels[case.level].answer_s)
    asked: list[Offer] = []
    for pick in picks:
        person = people[pick.candidate.volunteer_id]
        draft = Draft(pick.eta_s, reason(pick, work.now), answer, used.get(person.id, set()))
        offer = write_offer(work, case, person, draft)
        if offer is None:
            work.wake(Job.PLAN, case.station_id)
            continue
        asked.append(offer)
    if asked:
        tell_asked(work, case, asked)
    return len(asked)


def _escalate(work: Work, case: Case) -> None:
    """Nobody could be asked (any more): said at once and visibly, while the case stays in the plan."""
    if case.state == CaseState.ESCALATED:
        return
    move_case(case, CaseState.ESCALATED)
    case.escalated_at = work.now
    work.emit_case("case.escalated", case)
    raise_alarm(work, AlarmKind.NOBODY_LEFT, case.station_id, case)
