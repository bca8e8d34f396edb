"""The planning job: takes the station's lock, plans every case that wants somebody, writes offers and texts."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from dispatcher.casework import raise_alarm
from dispatcher.casework.asking import Asking, Draft, codes_in_use, tell_asked, write_offers
from dispatcher.casework.cases import move_case
from dispatcher.jobs import Job
from dispatcher.lifecycle import CaseState
from dispatcher.matching.free import anybody_free, circles, read_free
from dispatcher.matching.pace import Pace
from dispatcher.matching.reasons import reason
from dispatcher.matching.short import Short, read_waiting, short_of_people, wanting
from dispatcher.matching.waves import Pick, Plan, after, plan
from dispatcher.model import AlarmKind, Case, Offer, Place, Volunteer
from dispatcher.policy import LevelPolicy, Policy, read_policy
from dispatcher.settings import Settings
from dispatcher.work import Work

AT_ONCE: Final = 200
"""Cases in one plan, at most."""


def plan_station(work: Work, station_id: UUID, settings: Settings) -> int:
    """Plan the station once; the number of people asked. Running it twice asks nobody twice."""
    work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(station_id), 0))))
    station = work.session.get(Place, station_id)
    if station is None:
        return 0
    policy = read_policy(station.policy)
    short = short_of_people(work, station_id, policy)
    if all(one.state == CaseState.ESCALATED for one in short) and not anybody_free(work, station, policy):
        return 0
    cases = _locked(work, _first(short))
    if not cases:
        return 0
    found = _plan(work, station, cases, policy, settings)
    told = [_escalate(work, cases[case_id]) for case_id in found.nobody_left]
    with work.session.no_autoflush:  # each case is written once
        asked = _ask(work, cases, found.picks, policy)
    if len(short) > len(cases) and (asked or any(told)):
        work.wake(Job.PLAN, station_id)
    return asked


def _first(short: Sequence[Short]) -> list[UUID]:
    """At most `AT_ONCE` of them, so that no transaction is long: the gravest and oldest, and those asked for least.

    The others have their turn in the next plan, as long as this one changes anything.
    """
    if len(short) <= AT_ONCE:
        return [one.case_id for one in short]
    ordered = sorted(short, key=lambda one: (-one.gravity, one.opened_at, one.case_id.int))
    first, rest = ordered[: AT_ONCE // 2], ordered[AT_ONCE // 2 :]
    least = sorted(rest, key=lambda one: (one.state != CaseState.NEW, one.wave))
    return [one.case_id for one in (*first, *least[: AT_ONCE - len(first)])]


def _plan(work: Work, station: Place, cases: Mapping[UUID, Case], policy: Policy, settings: Settings) -> Plan:
    """Own people first; for what they do not suffice, the next circle, and the next."""
    for case in cases.values():
        _widen(case, policy.levels[case.level], work.now)
    waiting = read_waiting(work, cases.values(), policy)
    night = policy.travel.night(work.now, settings.zone)
    departure_s = policy.travel.departure_s(work.now, settings.zone)
    picks: list[Pick] = []
    nobody: tuple[UUID, ...] = ()
    for circle in circles(station, policy):
        people = read_free(work, circle, waiting, policy, night=night)
        found = plan(waiting, people, policy, now=work.now, departure_s=departure_s)
        picks += found.picks
        nobody, waiting = found.nobody_left, after(waiting, found)
        if not waiting:
            break
    return Plan(tuple(picks), tuple(case.case_id for case in waiting), nobody)


def _widen(case: Case, level: LevelPolicy, now: datetime) -> None:
    """Once somebody is on it nobody more is asked for the first seat, and the clock stands still."""
    if case.state == CaseState.ACCEPTED:
        case.widen_at = None
    else:
        pace = Pace(case.width, case.widen_at).at(now, level)
        case.width, case.widen_at = pace.width, pace.widen_at


def _locked(work: Work, case_ids: Collection[UUID]) -> Mapping[UUID, Case]:
    """Those of them that still want somebody, locked."""
    if not case_ids:
        return {}
    wanted = (
        select(Case)
        .where(Case.id.in_(case_ids), wanting())
        .order_by(Case.id)
        .with_for_update(of=Case, key_share=True)
        .execution_options(populate_existing=True)
    )
    return {case.id: case for case in work.session.scalars(wanted)}


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
    offers = write_offers(work, askings, policy)
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
    person = pick.candidate
    return Draft(
        eta_s=pick.eta_s,
        reason=reason(pick, work.now),
        answer=timedelta(seconds=policy.levels[cases[pick.case_id].level].answer_s),
        used=used.get(person.volunteer_id, set()),
        metres=pick.metres,
        chance=pick.chance,
        tired=person.load > 0,
    )


def _escalate(work: Work, case: Case) -> bool:
    """Nobody could be asked (any more): said at once and visibly, while the case stays in the plan. False: it was."""
    if case.state == CaseState.ESCALATED:
        return False
    move_case(case, CaseState.ESCALATED)
    case.escalated_at = work.now
    work.emit_case("case.escalated", case)
    raise_alarm(work, AlarmKind.NOBODY_LEFT, case.station_id, case)
    return True
