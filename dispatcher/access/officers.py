"""Officers: who may sign in."""

import unicodedata

from sqlalchemy import select

from dispatcher.access.passwords import hash_password
from dispatcher.errors import BadInput, Conflict
from dispatcher.model import Officer, Place, PlaceKind, Role
from dispatcher.work import Work

_LONGEST_NAME = 64
_DESKS = frozenset({PlaceKind.CITY, PlaceKind.DISTRICT, PlaceKind.STREET, PlaceKind.STATION})


def normal_name(name: str) -> str:
    """The one form a name is kept and compared in: NFC, without blanks around it."""
    return unicodedata.normalize("NFC", name).strip()


def add_officer(work: Work, name: str, place_code: str, role: Role, password: str) -> Officer:
    """Add an officer who sees the place and everything below it. An act of the system's owner, audited.

    Raises BadInput for a name, place or password that cannot be, Conflict when the name is taken.
    """
    name = normal_name(name)
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise BadInput(f"an officer's name has 1 to {_LONGEST_NAME} printable characters", field="name")
    place = work.session.scalar(select(Place).where(Place.code == place_code))
    if place is None:
        raise BadInput(f"there is no place with the code {place_code}", field="station")
    if place.kind not in _DESKS:
        raise BadInput("an officer belongs to a station, or to a place above one", field="station")
    if work.session.scalar(select(Officer.id).where(Officer.name == name)):
        raise Conflict(f"there is an officer called {name} already", field="name")
    officer = Officer(name=name, place_id=place.id, role=role, password_hash=hash_password(password), added_at=work.now)
    work.session.add(officer)
    work.session.flush()
    work.audit("officer.added", subject=officer.id, name=name, role=role.value, place=place.code)
    return officer
