"""What a plan looks at, read from the database: the cases that want people, and the people who could go."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, radians
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select, union
from sqlalchemy.orm import aliased

from dispatcher.geo.coordinates import Point
from dispatcher.lifecycle import ASKED, LIVE, WAITING, CaseState, OfferState
from dispatcher.matching.candidates import Waiting
from dispatcher.matching.people import Candidate
from dispatcher.matching.waves import wants_more
from dispatcher.matching.willingness import as_record, chances
from dispatcher.model import Case, Means, Offer, Place, PlaceKind, Volunteer, VolunteerKind, VolunteerRecord
from dispatcher.policy import Policy
from dispatcher.travel import EARTH_M, whereabouts
from dispatcher.work import Work

FEW_DOORS: Final = 12
FIRST_LOOKED_AT: Final = 64
METRES_A_DEGREE: Final = EARTH_M * radians(1)


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
    asked = and_(Offer.state.in_(ASKED), ~Offer.doubtful)
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
        .outerjoin(Offer, and_(Offer.case_id == Case.id, Offer.state.in_(LIVE)))
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


def anybody_free(work: Work, station: Place, policy: Policy) -> bool:
    """Whether there is anybody at all on duty with nothing in hand who could be asked."""
    free = or_(*(_on_duty(circle) for circle in circles(station, policy)))
    return bool(work.session.scalar(select(exists().where(free))))


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


@dataclass(frozen=True)
class Circle:
    """Whom to read: the station's own people, those of its neighbours, or its community officers."""

    condition: ColumnElement[bool]
    lent: bool = False


def circles(station: Place, policy: Policy) -> Iterator[Circle]:
    """Who is asked one after the other: own people, neighbours, the community officers (field guide §1)."""
    yield Circle(and_(Volunteer.station_id == station.id, Volunteer.kind != VolunteerKind.POLICE))
    if policy.neighbours and station.parent_id is not None:
        yield Circle(and_(neighbouring(literal(station.id)), Volunteer.kind != VolunteerKind.POLICE), lent=True)
    yield Circle(and_(Volunteer.station_id == station.id, Volunteer.kind == VolunteerKind.POLICE))


def neighbouring(station_id: Any) -> ColumnElement[bool]:
    """Volunteers of the other stations under the same parent."""
    here, there = aliased(Place), aliased(Place)
    return exists().where(
        here.id == station_id,
        there.parent_id == here.parent_id,
        there.kind == PlaceKind.STATION,
        there.id != here.id,
        Volunteer.station_id == there.id,
    )


def read_free(
    work: Work, circle: Circle, waiting: Sequence[Waiting], policy: Policy, *, night: bool
) -> list[Candidate]:
    """Who is on duty with nothing in hand; for a few cases only those who come first into question for one of them."""
    on_duty = _on_duty(circle)
    free = (
        select(
            Volunteer.id,
            Volunteer.page_at,
            Volunteer.page_lon,
            Volunteer.page_lat,
            Volunteer.base_lon,
            Volunteer.base_lat,
            Volunteer.base_source,
            Volunteer.means,
            Volunteer.grid_id,
            Volunteer.skills,
            Place.name,
            *(column for column in VolunteerRecord.__table__.columns if column.name != "volunteer_id"),
        )
        .join(Place, Place.id == Volunteer.station_id)
        .outerjoin(VolunteerRecord, VolunteerRecord.volunteer_id == Volunteer.id)
        .where(_first_for(work, on_duty, waiting, policy))
    )
    rows = work.session.execute(free).all()
    loads = _loads(work, circle, policy)
    return [_candidate(work, row, loads.get(row.id, _FRESH), policy, night=night, lent=circle.lent) for row in rows]


def _on_duty(circle: Circle) -> ColumnElement[bool]:
    busy = exists().where(Offer.volunteer_id == Volunteer.id, Offer.state.in_(LIVE))
    return and_(circle.condition, Volunteer.on_duty, Volunteer.active, ~busy)


def _first_for(
    work: Work, on_duty: ColumnElement[bool], waiting: Sequence[Waiting], policy: Policy
) -> ColumnElement[bool]:
    """Thousands may be on duty, and a plan for a few cases needs to look at dozens: the database leaves out the rest.

    By the time to the door, roughly: a stale position does not count, and one not known counts as `unknown_m`.
    """
    doors = {one.point for one in waiting}
    if not doors or None in doors or len(doors) > FEW_DOORS:
        return on_duty
    fresh = Volunteer.page_at > work.now - timedelta(seconds=policy.travel.stale_after_s)
    speed = case(*((Volunteer.means == means, policy.travel.speed(means)) for means in Means), else_=1.0)
    free = (
        select(
            Volunteer.id,
            case((fresh, Volunteer.page_lon), else_=Volunteer.base_lon).label("lon"),
            case((fresh, Volunteer.page_lat), else_=Volunteer.base_lat).label("lat"),
            speed.label("speed"),
        )
        .where(on_duty)
        .cte("free")
    )
    many = FIRST_LOOKED_AT + max(len(one.asked_before) for one in waiting)
    many += sum(policy.levels[one.level].limit for one in waiting)  # all of them may be at one door
    firsts = [
        select(
            select(free.c.id)
            .order_by(_metres(free.c.lon, free.c.lat, door, policy.travel.unknown_m) / free.c.speed, free.c.id)
            .limit(many)
            .subquery()
            .c.id
        )
        for door in doors
        if door
    ]
    return Volunteer.id.in_(union(*firsts))


def _metres(
    lon: ColumnElement[float], lat: ColumnElement[float], door: Point, unknown_m: float
) -> ColumnElement[float]:
    """In a plane: near enough for leaving out who is far."""
    east = (lon - door.lon) * (METRES_A_DEGREE * cos(radians(door.lat)))
    north = (lat - door.lat) * METRES_A_DEGREE
    return func.coalesce(func.sqrt(east * east + north * north), unknown_m)


@dataclass(frozen=True)
class _Load:
    """Tasks accepted in the last hours, whether the last one ended long enough ago, and whether texts arrive."""

    tasks: int = 0
    rested: bool = True
    reached: bool = True


_FRESH = _Load()


def _loads(work: Work, circle: Circle, policy: Policy) -> Mapping[UUID, _Load]:
    """Of those who had a task or an undelivered text lately.

    A phone that is off is always free, and would be asked first each time.
    """
    tasks_since = work.now - timedelta(hours=policy.fair.load_hours)
    unreached_since = work.now - timedelta(seconds=policy.fair.unreached_for_s)
    recent = select(Offer).join(Volunteer, Volunteer.id == Offer.volunteer_id).where(circle.condition)
    tasks = recent.where(Offer.accepted_at > tasks_since).group_by(Offer.volunteer_id)
    counted = tasks.with_only_columns(
        Offer.volunteer_id, func.count().label("tasks"), func.max(Offer.ended_at).label("ended")
    )
    failed = recent.where(Offer.state == OfferState.UNDELIVERABLE, Offer.ended_at > unreached_since)
    unreached = set(work.session.scalars(failed.with_only_columns(Offer.volunteer_id)))
    loads = {person: _Load(reached=False) for person in unreached}
    rest = timedelta(seconds=policy.fair.rest_s)
    for row in work.session.execute(counted):
        rested = row.ended is None or work.now - row.ended >= rest
        loads[row.volunteer_id] = _Load(row.tasks, rested, row.volunteer_id not in unreached)
    return loads


def _candidate(work: Work, row: Any, load: _Load, policy: Policy, *, night: bool, lent: bool) -> Candidate:
    place = whereabouts(row, work.now, policy.travel)
    near, far = chances(as_record(row._mapping), policy.willing, night=night, tired=load.tasks > 0)  # noqa: SLF001
    return Candidate(
        volunteer_id=row.id,
        point=place.point,
        source=place.source,
        seen_at=place.seen_at,
        doubt_m=place.doubt_m,
        means=row.means,
        near=near,
        far=far,
        load=load.tasks,
        rested=load.rested,
        reached=load.reached,
        grid_id=row.grid_id,
        skills=frozenset(row.skills),
        station=row.name if lent else None,
    )
