"""The people who could go, read from the database circle by circle: own, neighbours, community officers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import cos, radians
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select, union
from sqlalchemy.orm import aliased

from dispatcher.geo.coordinates import EARTH_RADIUS_M, Point
from dispatcher.lifecycle import LIVE, OfferState
from dispatcher.matching.candidates import Waiting
from dispatcher.matching.people import Candidate
from dispatcher.matching.willingness import NO_RECORD, as_record, chances
from dispatcher.model import Means, Offer, Place, PlaceKind, Volunteer, VolunteerKind, VolunteerRecord
from dispatcher.policy import Policy
from dispatcher.travel import whereabouts
from dispatcher.work import Work

FEW_DOORS: Final = 12
FIRST_LOOKED_AT: Final = 64
METRES_A_DEGREE: Final = EARTH_RADIUS_M * radians(1)


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


def anybody_free(work: Work, station: Place, policy: Policy) -> bool:
    """Whether there is anybody at all on duty with nothing in hand who could be asked."""
    free = or_(*(_on_duty(circle) for circle in circles(station, policy)))
    return bool(work.session.scalar(select(exists().where(free))))


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
    seen = _Seen(work.now, policy, night, circle.lent)
    return [_candidate(row, loads.get(row.id, _FRESH), seen) for row in rows]


@dataclass(frozen=True)
class _Load:
    """Tasks accepted in the last hours, whether the last one ended long enough ago, and whether texts arrive."""

    tasks: int = 0
    rested: bool = True
    reached: bool = True


_FRESH = _Load()


@dataclass(frozen=True)
class _Seen:
    """When and by which policy people are looked at; `usual` are the chances of whoever has no record."""

    now: datetime
    policy: Policy
    night: bool
    lent: bool

    @cached_property
    def usual(self) -> tuple[float, float]:
        return chances(NO_RECORD, self.policy.willing, night=self.night, tired=False)

    def chances(self, row: Any, load: _Load) -> tuple[float, float]:
        """Near and far."""
        if not row.asked and not load.tasks:
            return self.usual
        record = as_record(row._mapping)  # noqa: SLF001
        return chances(record, self.policy.willing, night=self.night, tired=load.tasks > 0)


def _on_duty(circle: Circle) -> ColumnElement[bool]:
    busy = exists().where(Offer.volunteer_id == Volunteer.id, Offer.among(LIVE))
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


def _loads(work: Work, circle: Circle, policy: Policy) -> Mapping[UUID, _Load]:
    """Of those who had a task or an undelivered text lately.

    A phone that is off is always free, and would be asked first each time.
    """
    tasks_since = work.now - timedelta(hours=policy.fair.load_hours)
    unreached_since = work.now - timedelta(seconds=policy.fair.unreached_for_s)
    accepted = Offer.accepted_at > tasks_since
    unreached = and_(Offer.among({OfferState.UNDELIVERABLE}), Offer.ended_at > unreached_since)
    rows = work.session.execute(
        select(
            Offer.volunteer_id,
            func.count().filter(accepted).label("tasks"),
            func.max(Offer.ended_at).filter(accepted).label("ended"),
            func.bool_or(unreached).label("unreached"),
        )
        .join(Volunteer, Volunteer.id == Offer.volunteer_id)
        .where(circle.condition, or_(accepted, unreached))
        .group_by(Offer.volunteer_id)
    )
    rest = timedelta(seconds=policy.fair.rest_s)
    return {
        row.volunteer_id: _Load(row.tasks, row.ended is None or work.now - row.ended >= rest, not row.unreached)
        for row in rows
    }


def _candidate(row: Any, load: _Load, seen: _Seen) -> Candidate:
    place = whereabouts(row, seen.now, seen.policy.travel)
    near, far = seen.chances(row, load)
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
        station=row.name if seen.lent else None,
    )
