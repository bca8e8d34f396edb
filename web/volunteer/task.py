"""What the holder of a link may see and do: before acceptance, during the task, and after the end (contract: Links)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatcher.geo.coordinates import Point, distance_m
from dispatcher.levels import LevelLook
from dispatcher.lifecycle import ASKED, OFFER_MOVES, CaseState, OfferState, allowed
from dispatcher.matching.willingness import as_record, chances
from dispatcher.model import Case, Flag, Level, Offer, Place, Volunteer, VolunteerRecord
from dispatcher.policy import read_looks, read_policy
from dispatcher.protection.columns import blind_index

AFTER_END = timedelta(hours=24)
AFTER_ASKING = timedelta(hours=48)
_ROUNDED_TO_M = 50


class Stage(StrEnum):
    """How far the task of a link has come."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    OVER = "over"


@dataclass(frozen=True)
class Summary:
    """What somebody needs to know before they say yes: nothing that tells who it is."""

    level: Level
    looks: Mapping[Level, LevelLook]
    fraud_type: str
    community: str | None
    community_en: str | None
    metres: int | None
    minutes: int | None
    late: bool


@dataclass(frozen=True)
class Resident:
    """Whom to go to; for who has taken the task, while they have it."""

    name: str | None
    phone: str | None
    address: str | None
    point: Point | None
    arrived: bool


@dataclass(frozen=True)
class Sender:
    """Who sent the volunteer, and the code by which the resident can have that confirmed."""

    station: str
    station_en: str
    phone: str | None
    kind: str
    check_code: str | None


@dataclass(frozen=True)
class OwnRecord:
    """What the plan knows of the person's answers, for their eyes only; `percent` is the chance it reckons with."""

    asked: int
    taken: int
    percent: int


@dataclass(frozen=True)
class TaskPage:
    """The page of one link at one moment. An ended task shows nothing of its case."""

    stage: Stage
    language: str
    summary: Summary | None = None
    resident: Resident | None = None
    sender: Sender | None = None
    own: OwnRecord | None = None


def find_offer(session: Session, token: str) -> Offer | None:
    """The offer that a link belongs to; None for a link that is none."""
    return session.scalar(select(Offer).where(Offer.token_index == blind_index("token", token)))


def link_expired(offer: Offer, now: datetime) -> bool:
    """A link is good while its task lives; else 48 hours from the asking or 24 from the end, whichever is sooner."""
    if offer.state == OfferState.ACCEPTED:
        return False
    ended = offer.ended_at is not None and now >= offer.ended_at + AFTER_END
    return ended or now >= offer.asked_at + AFTER_ASKING


def read_page(session: Session, token: str, now: datetime) -> TaskPage | None:
    """The page behind a link; None when there is no such link."""
    offer = find_offer(session, token)
    if offer is None:
        return None
    person = session.get_one(Volunteer, offer.volunteer_id)
    case = session.get_one(Case, offer.case_id)
    stage = Stage.OVER if link_expired(offer, now) else _stage(session, offer, case)
    if stage is Stage.OVER:
        return TaskPage(stage, person.language, own=_own(session, person))
    summary = _summary(session, offer, case, person)
    if stage is Stage.ASKED:
        return TaskPage(stage, person.language, summary, own=_own(session, person))
    return TaskPage(stage, person.language, summary, _resident(offer, case), _sender(session, offer, case, person))


def _own(session: Session, person: Volunteer) -> OwnRecord | None:
    """None before anything was counted."""
    row = session.get(VolunteerRecord, person.id)
    if row is None or not row.asked:
        return None
    policy = read_policy(session.get_one(Place, person.station_id).policy)
    columns = {name: getattr(row, name) for name in VolunteerRecord.__table__.columns.keys()}  # noqa: SIM118  # not a dict
    chance, _ = chances(as_record(columns), policy.willing, night=False, tired=False)
    return OwnRecord(row.asked, row.taken, round(100 * chance))


def _stage(session: Session, offer: Offer, case: Case) -> Stage:
    if offer.state == OfferState.ACCEPTED:
        return Stage.ACCEPTED
    if offer.state in ASKED:
        return Stage.ASKED
    # A late acceptance is welcome while the case wants somebody (contract: States), so the page offers it.
    late = allowed(OFFER_MOVES, offer.state, OfferState.ACCEPTED) and case.state != CaseState.CLOSED
    return Stage.ASKED if late and _wants_somebody(session, case) else Stage.OVER


def _wants_somebody(session: Session, case: Case) -> bool:
    if Flag.DISSUADED_REPORTED in case.flags:
        return False
    on_it = select(func.count()).where(Offer.case_id == case.id, Offer.state == OfferState.ACCEPTED)
    return session.scalars(on_it).one() < case.wanted


def _summary(session: Session, offer: Offer, case: Case, person: Volunteer) -> Summary:
    community = session.get(Place, case.community_id) if case.community_id else None
    return Summary(
        level=case.level,
        looks=read_looks(session.get_one(Place, case.station_id).policy),
        fraud_type=case.fraud_type or "",
        community=community.name if community else None,
        community_en=(community.name_en or community.name) if community else None,
        metres=_metres(case, person),
        minutes=max(1, round(offer.eta_s / 60)) if offer.eta_s is not None else None,
        late=offer.state not in ASKED and offer.state != OfferState.ACCEPTED,
    )


def _resident(offer: Offer, case: Case) -> Resident:
    return Resident(
        name=case.resident_name,
        phone=case.resident_phone,
        address=case.resident_address,
        point=Point(case.lon, case.lat) if case.lon is not None and case.lat is not None else None,
        arrived=offer.arrived_at is not None,
    )


def _sender(session: Session, offer: Offer, case: Case, person: Volunteer) -> Sender:
    station = session.get_one(Place, case.station_id)
    return Sender(
        station=station.name,
        station_en=station.name_en or station.name,
        phone=station.phone,
        kind=person.kind.value,
        check_code=offer.check_code,
    )


def _metres(case: Case, person: Volunteer) -> int | None:
    """From the person to the door, coarse: before acceptance it must not say which door."""
    lon, lat = (person.page_lon, person.page_lat) if person.page_at else (person.base_lon, person.base_lat)
    if lon is None or lat is None or case.lon is None or case.lat is None:
        return None
    metres = distance_m(Point(lon, lat), Point(case.lon, case.lat))
    return max(_ROUNDED_TO_M, round(metres / _ROUNDED_TO_M) * _ROUNDED_TO_M)
