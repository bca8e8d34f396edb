"""Colleagues: officers to whom a case may be handed over, because they may act and the case is in their scope."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from dispatcher.access import scope
from dispatcher.access.officers import normal_name
from dispatcher.access.roles import PERMISSIONS, Permission
from dispatcher.access.viewer import Viewer
from dispatcher.errors import BadInput
from dispatcher.model import Case, Officer, OfficerSession, Place
from dispatcher.places.tree import below

SEEN_LATELY = timedelta(minutes=15)
"""Whoever did nothing for longer is not counted as sitting at the desk."""

_MAY_ACT = [role for role, permissions in PERMISSIONS.items() if Permission.ACT in permissions]


@dataclass(frozen=True)
class Colleague:
    """One officer, their place, and whether they have a live session that was seen a moment ago."""

    officer: Officer
    place: Place
    signed_in: bool


def list_colleagues(session: Session, viewer: Viewer, code: str | None, now: datetime) -> list[Colleague]:
    """Who may take over cases of the place with the code (the viewer's own place without one), by name.

    Also those of a place above: what lies below it is in their scope. Raises NotFound for a place outside the scope.
    """
    place = scope.station(session, viewer, code) if code is not None else viewer.place
    live = exists().where(
        OfficerSession.officer_id == Officer.id,
        OfficerSession.full,
        OfficerSession.ended_at.is_(None),
        OfficerSession.expires_at > now,
        OfficerSession.seen_at > now - SEEN_LATELY,
    )
    found = session.execute(
        select(Officer, Place, live)
        .join(Place, Place.id == Officer.place_id)
        .where(_acting(), Officer.id != viewer.officer.id, or_(_above(place), below(place)))
        .order_by(Officer.name)
    )
    return [Colleague(officer, home, signed_in) for officer, home, signed_in in found]


def get_colleague(session: Session, name: str, cases: Collection[Case]) -> Officer:
    """The officer who may take over all of these cases.

    Raises BadInput when there is none of that name who may act, or one of the cases lies outside their scope: the
    two look alike on purpose.
    """
    stations = session.scalars(select(Place).where(Place.id.in_({case.station_id for case in cases}))).all()
    found = session.scalar(
        select(Officer)
        .join(Place, Place.id == Officer.place_id)
        .where(_acting(), Officer.name == normal_name(name), *(_above(station) for station in stations))
    )
    if found is None:
        raise BadInput("there is no colleague of that name who could take this over", field="to")
    return found


def _acting() -> ColumnElement[bool]:
    return Officer.active & Officer.role.in_(_MAY_ACT)


def _above(place: Place) -> ColumnElement[bool]:
    """True for the place itself and every place it lies below."""
    codes = place.path.removesuffix("/").split("/")
    return Place.path.in_(["/".join(codes[:depth]) + "/" for depth in range(1, len(codes) + 1)])
