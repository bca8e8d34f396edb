"""Rows into people: all of a file or nothing, and every bad row named."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from dispatcher.casework import set_duty
from dispatcher.errors import BadInput
from dispatcher.jobs import Job
from dispatcher.model import Place, PositionSource, Volunteer, VolunteerKind
from dispatcher.places.lookup import StationPlaces, station_places
from dispatcher.protection.columns import blind_index
from dispatcher.roster.faults import RowFault, RowsError
from dispatcher.roster.person import Person, Where, read_person
from dispatcher.roster.row import Row
from dispatcher.work import Work


@dataclass(frozen=True)
class ImportReport:
    """How many people an import added, changed, and found as they were."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class _Placed:
    """A person with the station found and the model's values ready to be written."""

    person: Person
    index: bytes
    station: Place
    values: Mapping[str, Any]


def import_roster(work: Work, rows: Sequence[Row]) -> ImportReport:
    """Put the people of a file onto their stations' rosters; a known phone is a known person, brought up to date.

    A column the file does not have leaves a known person as they are. Who stands on another station's roster is a
    fault: moving people is an officer's decision; who was taken off there may be put on here.
    Raises RowsError naming every bad row; nothing is changed then.
    """
    people, faults = _understood(rows)
    faults += _twice(people)
    places = station_places(work.session, {person.station for person in people})
    placed = [found for found in (_placed(person, places, faults) for person in people) if found]
    known = _known(work, [found.index for found in placed])
    faults += _elsewhere(work, placed, known)
    if faults:
        raise RowsError(faults)
    touched = {one.index: _add(work, one) for one in placed if one.index not in known}
    for one in placed:
        if one.index in known and _update(known[one.index], one):
            touched[one.index] = known[one.index]
    work.session.flush()  # all people in few statements; telling about them one by one comes after
    switched = {one.index for one in placed if one.index in known and _switch(work, known[one.index], one)}
    for index, volunteer in touched.items():
        if index not in switched:
            _tell(work, volunteer)
    added = len(placed) - len(known)
    changed = len(touched.keys() | switched) - added
    return ImportReport(added, changed, len(placed) - added - changed)


def _understood(rows: Sequence[Row]) -> tuple[list[Person], list[RowFault]]:
    people: list[Person] = []
    faults: list[RowFault] = []
    for row in rows:
        found = read_person(row)
        if isinstance(found, Person):
            people.append(found)
        else:
            faults += found
    return people, faults


def _twice(people: Sequence[Person]) -> list[RowFault]:
    first: dict[str, int] = {}
    return [
        RowFault(person.row, "phone", f"stands in row {first[person.phone]} too")
        for person in people
        if first.setdefault(person.phone, person.row) != person.row
    ]


def _placed(person: Person, places: Mapping[str, StationPlaces], faults: list[RowFault]) -> _Placed | None:
    """The person on the ground, or None with a fault added."""
    inside = places.get(person.station)
    if inside is None:
        faults.append(RowFault(person.row, "station", f"there is no station {person.station!r}"))
        return None
    values = {"name": person.name, "active": True, **person.given}
    if person.where:
        try:
            values |= _ground(person.where, inside)
        except BadInput as error:
            faults.append(RowFault(person.row, error.field or "station", error.message))
    return _Placed(person, blind_index("phone", person.phone), inside.station, values)


def _ground(where: Where, inside: StationPlaces) -> dict[str, Any]:
    """Community, grid and base; without a position of their own, people are thought to be in the middle of their place.

    Raises BadInput for a place that is not there.
    """
    community = inside.community(where.community) if where.community else None
    grid = inside.grid(where.grid, community) if where.grid else None
    if grid and not community:
        community = inside.parent(grid)
    lon, lat, source = None, None, None
    if where.base:
        lon, lat, source = where.base.lon, where.base.lat, PositionSource.BASE
    else:
        middle = next((place for place in (grid, community) if place and place.lon is not None), None)
        if middle:
            lon, lat, source = middle.lon, middle.lat, PositionSource.GRID
    return {
        "community_id": community.id if community else None,
        "grid_id": grid.id if grid else None,
        "base_lon": lon,
        "base_lat": lat,
        "base_source": source,
    }


def _known(work: Work, indexes: Collection[bytes]) -> dict[bytes, Volunteer]:
    """The people with these phones, locked: a text that puts one of them off duty waits its turn."""
    found = work.session.scalars(
        select(Volunteer)
        .where(Volunteer.phone_index.in_(indexes))
        .order_by(Volunteer.id)
        .with_for_update(key_share=True)
    )
    return {volunteer.phone_index: volunteer for volunteer in found}


def _elsewhere(work: Work, placed: Sequence[_Placed], known: Mapping[bytes, Volunteer]) -> list[RowFault]:
    """Who may not be taken over: active on the roster of another station."""
    faults = []
    for one in placed:
        volunteer = known.get(one.index)
        if volunteer and volunteer.active and volunteer.station_id != one.station.id:
            station = work.session.get_one(Place, volunteer.station_id)
            message = f"is on the roster of {station.code} {station.name} already"
            faults.append(RowFault(one.person.row, "phone", message))
    return faults


def _add(work: Work, one: _Placed) -> Volunteer:
    defaults = {"kind": VolunteerKind.VEST, "skills": [], "on_duty": False}
    volunteer = Volunteer(
        station_id=one.station.id,
        phone=one.person.phone,
        phone_index=one.index,
        added_at=work.now,
        **(defaults | dict(one.values)),
    )
    if volunteer.on_duty:
        volunteer.duty_changed_at = volunteer.duty_said_at = work.now
    work.session.add(volunteer)
    return volunteer


def _update(volunteer: Volunteer, one: _Placed) -> bool:
    """Bring a known person up to date but for their duty; False when there was nothing to do."""
    wanted = {**one.values, "station_id": one.station.id, "on_duty": volunteer.on_duty}
    differing = {name: value for name, value in wanted.items() if getattr(volunteer, name) != value}
    for name, value in differing.items():
        setattr(volunteer, name, value)
    return bool(differing)


def _switch(work: Work, volunteer: Volunteer, one: _Placed) -> bool:
    """Put a known person on or off duty, and tell; False when they are already: then the file has said nothing new."""
    wanted = one.values.get("on_duty", volunteer.on_duty)
    return bool(wanted != volunteer.on_duty) and set_duty(work, volunteer, on_duty=wanted)


def _tell(work: Work, volunteer: Volunteer) -> None:
    """Consoles see the person as they are now; who is on duty may be the one a waiting case needs."""
    work.emit("volunteer.changed", volunteer.station_id, volunteer=volunteer)
    if volunteer.on_duty:
        work.wake(Job.PLAN, volunteer.station_id)
