"""Scope by place, in SQL: an officer sees what belongs to their place and those below it; nothing else exists."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from dispatcher.access.viewer import Viewer
from dispatcher.errors import NotFound
from dispatcher.model import Alarm, AuditEntry, Case, InboundText, Officer, Place, PlaceKind, Volunteer
from dispatcher.places.tree import below
from dispatcher.work import Work


def visible_places(viewer: Viewer) -> Select[UUID]:
    """The ids of the officer's place and all below it."""
    return select(Place.id).where(below(viewer.place))


def visible_cases(viewer: Viewer) -> ColumnElement[bool]:
    """Cases of stations in scope."""
    return Case.station_id.in_(visible_places(viewer))


def visible_volunteers(viewer: Viewer) -> ColumnElement[bool]:
    """People on the rosters of stations in scope."""
    return Volunteer.station_id.in_(visible_places(viewer))


def visible_alarms(viewer: Viewer) -> ColumnElement[bool]:
    """Alarms of stations in scope."""
    return Alarm.station_id.in_(visible_places(viewer))


def visible_texts(viewer: Viewer) -> ColumnElement[bool]:
    """Texts that reached a station in scope; those of strangers belong to no station, and any desk may answer."""
    return or_(InboundText.station_id.is_(None), InboundText.station_id.in_(visible_places(viewer)))


def visible_audit(viewer: Viewer) -> ColumnElement[bool]:
    """Acts of officers in scope; acts of the system and of unknown people are seen from the top of the tree."""
    officers = select(Officer.id).where(Officer.place_id.in_(visible_places(viewer)))
    mine = AuditEntry.officer_id.in_(officers)
    return or_(mine, AuditEntry.officer_id.is_(None)) if viewer.place.parent_id is None else mine


def station(session: Session, viewer: Viewer, code: str) -> Place:
    """The place in scope with this code, a station or a place above stations.

    Raises NotFound when there is none, or it lies outside.
    """
    found = session.scalar(select(Place).where(Place.code == code, below(viewer.place)))
    if found is None:
        raise NotFound("there is no such station", field="station")
    return found


def desk(session: Session, viewer: Viewer, code: str | None) -> Place:
    """The station whose feed is meant: the one with the code, else the officer's own or the first below it.

    Raises NotFound when there is none, or it lies outside.
    """
    stations = select(Place).where(Place.kind == PlaceKind.STATION, below(viewer.place)).order_by(Place.path).limit(1)
    if code is not None:
        stations = stations.where(Place.code == code)
    found = session.scalar(stations)
    if found is None:
        raise NotFound("there is no such station", field="station")
    return found


def places_of(session: Session, viewer: Viewer, code: str | None) -> Select[UUID]:
    """The ids of the place with the code and all below it, or of everything in scope without one.

    Raises NotFound when the code lies outside.
    """
    if code is None:
        return visible_places(viewer)
    return select(Place.id).where(below(station(session, viewer, code)))


def lock_case(work: Work, viewer: Viewer, case_id: UUID) -> Case:
    """The case in scope, locked until the end of the unit of work.

    Raises NotFound.
    """
    wanted = select(Case).where(Case.id == case_id, visible_cases(viewer))
    found = work.session.scalar(wanted.with_for_update(key_share=True))
    if found is None:
        raise NotFound("there is no such case")
    return found


def get_case(session: Session, viewer: Viewer, case_id: UUID) -> Case:
    """The case in scope. Raises NotFound."""
    found = session.scalar(select(Case).where(Case.id == case_id, visible_cases(viewer)))
    if found is None:
        raise NotFound("there is no such case")
    return found


def get_volunteer(session: Session, viewer: Viewer, volunteer_id: UUID) -> Volunteer:
    """The person in scope. Raises NotFound."""
    wanted = select(Volunteer).where(Volunteer.id == volunteer_id, Volunteer.active, visible_volunteers(viewer))
    found = session.scalar(wanted)
    if found is None:
        raise NotFound("there is no such person", field="volunteer")
    return found


def lock_volunteer(work: Work, viewer: Viewer, volunteer_id: UUID) -> Volunteer:
    """The person in scope, locked. Raises NotFound."""
    found = work.session.scalar(
        select(Volunteer)
        .where(Volunteer.id == volunteer_id, Volunteer.active, visible_volunteers(viewer))
        .with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound("there is no such person")
    return found


def lock_alarm(work: Work, viewer: Viewer, alarm_id: UUID) -> Alarm:
    """The alarm in scope, locked. Raises NotFound."""
    found = work.session.scalar(select(Alarm).where(Alarm.id == alarm_id, visible_alarms(viewer)).with_for_update())
    if found is None:
        raise NotFound("there is no such alarm")
    return found


def lock_text(work: Work, viewer: Viewer, text_id: UUID) -> InboundText:
    """The text in scope, locked. Raises NotFound."""
    found = work.session.scalar(
        select(InboundText)
        .where(InboundText.id == text_id, InboundText.in_inbox, visible_texts(viewer))
        .with_for_update()
    )
    if found is None:
        raise NotFound("there is no such text")
    return found
