"""Keeping the records of what people answered, from which the plan learns who would go."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert

from dispatcher.lifecycle import ASKED, OfferState
from dispatcher.model import Offer, Place, Volunteer, VolunteerRecord
from dispatcher.policy import Policy, read_policy
from dispatcher.work import Work

COUNTED = timedelta(days=90)
AT_ONCE = 200
_NEVER_ANSWERED = frozenset({OfferState.STOOD_DOWN, OfferState.UNDELIVERABLE, OfferState.RECALLED})
"""Offers that ended before the person could answer say nothing about them, unless they had accepted."""


def reckon(work: Work, zone: ZoneInfo, *, many: int = AT_ONCE) -> int:
    """Count anew for those whose record is the oldest, `many` at a time; how many they were. May run twice."""
    oldest = work.session.execute(
        select(Volunteer.id, Volunteer.station_id)
        .outerjoin(VolunteerRecord, VolunteerRecord.volunteer_id == Volunteer.id)
        .where(Volunteer.active)
        .order_by(VolunteerRecord.reckoned_at.asc().nulls_first(), Volunteer.id)
        .limit(many)
    ).all()
    stations = {row.station_id for row in oldest}
    for station_id in sorted(stations):
        policy = read_policy(work.session.get_one(Place, station_id).policy)
        _count(work, [row.id for row in oldest if row.station_id == station_id], policy, zone)
    return len(oldest)


def _count(work: Work, ids: list[object], policy: Policy, zone: ZoneInfo) -> None:
    """One statement for all of them, in the order of ids, so that two who count the same never wait in a circle."""
    counts = {f"{kind}{what}": count for kind, what, count in _tallies(policy, zone)}
    counted = and_(
        Offer.volunteer_id == Volunteer.id,
        Offer.asked_at > work.now - COUNTED,
        Offer.state.not_in(ASKED),
        or_(Offer.state.not_in(_NEVER_ANSWERED), Offer.accepted_at.is_not(None)),
    )
    found = (
        select(Volunteer.id, *counts.values(), literal(work.now, VolunteerRecord.reckoned_at.type))
        .outerjoin(Offer, counted)
        .where(Volunteer.id.in_(ids))
        .group_by(Volunteer.id)
        .order_by(Volunteer.id)
    )
    write = insert(VolunteerRecord).from_select(["volunteer_id", *counts, "reckoned_at"], found)
    changed = {name: write.excluded[name] for name in (*counts, "reckoned_at")}
    work.session.execute(write.on_conflict_do_update(index_elements=["volunteer_id"], set_=changed))


def _tallies(policy: Policy, zone: ZoneInfo) -> list[tuple[str, str, ColumnElement[int]]]:
    """Asked and taken: of all, at night, of far ones, and soon after a task."""
    hour = func.extract("hour", func.timezone(zone.key, Offer.asked_at))
    travel = policy.travel
    night = or_(hour >= travel.night_from, hour < travel.night_until)
    kinds = {
        "": Offer.id.is_not(None),
        "night_": night,
        "far_": Offer.metres > policy.willing.far_m,
        "tired_": Offer.tired,
    }
    return [
        (
            kind,
            what,
            func.count(case((and_(holds, Offer.accepted_at.is_not(None)) if what == "taken" else holds, Offer.id))),
        )
        for kind, holds in kinds.items()
        for what in ("asked", "taken")
    ]
