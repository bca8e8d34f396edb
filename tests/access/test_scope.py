from uuid import UUID

import pytest
from sqlalchemy import select

from dispatcher.access import roles, scope
from dispatcher.access.roles import PERMISSIONS, Permission
from dispatcher.access.viewer import Viewer
from dispatcher.errors import NotAllowed, NotFound
from dispatcher.ids import new_id
from dispatcher.model import Case, Officer, Place, PlaceKind, Role
from tests.access.world import CITY, LT, XX, World


def viewer(world: World, officer: Officer, place: str, *, full: bool = True) -> Viewer:
    return Viewer(officer, world.place(place), new_id(), full)


def test_a_station_sees_its_own_cases_and_the_city_sees_all(world: World) -> None:
    mine, theirs = world.case(LT), world.case(XX)
    at_station = viewer(world, world.officer("zhang"), LT)
    at_city = viewer(world, world.officer("chief", Role.CHIEF, CITY), CITY)

    def seen(who: Viewer) -> set[UUID]:
        return world.database.read(lambda s: set(s.scalars(select(Case.id).where(scope.visible_cases(who)))))

    assert seen(at_station) == {mine.id}
    assert seen(at_city) == {mine.id, theirs.id}
    with pytest.raises(NotFound):
        world.database.transact(lambda work: scope.lock_case(work, at_station, theirs.id))


def test_a_code_that_begins_alike_is_not_below(world: World) -> None:
    """440306-LT is no part of 440306-L, and a percent sign in a code matches nothing but itself."""
    who = viewer(world, world.officer("zhang"), LT)
    alike = Place(id=new_id(), code="440306-LT2", kind=PlaceKind.STATION, name="x", path=f"{CITY}/440306-LT2/")
    world.database.transact(lambda work: work.session.add(alike))

    codes = select(Place.code).where(Place.id.in_(scope.visible_places(who)))
    assert set(world.database.read(lambda s: s.scalars(codes).all())) == {LT, "LT-TY"}


def test_the_desk_is_ones_own_station_or_the_first_below(world: World) -> None:
    at_station = viewer(world, world.officer("zhang"), LT)
    at_city = viewer(world, world.officer("chief", Role.CHIEF, CITY), CITY)

    def desk(who: Viewer, code: str | None) -> str:
        return world.database.read(lambda s: scope.desk(s, who, code)).code

    assert desk(at_station, None) == LT
    assert desk(at_city, None) == LT
    assert desk(at_city, XX) == XX
    for code in (XX, "nowhere", CITY, "LT-TY"):
        with pytest.raises(NotFound):
            desk(at_station, code)


def test_the_table_of_roles_keeps_its_promises() -> None:
    """Duty and chief act; the admin sees nobody's case; auditor and centre only read."""
    acting = {Permission.ACT, Permission.UNMASK}
    for role, permissions in PERMISSIONS.items():
        assert bool(permissions & acting) == (role in {Role.DUTY, Role.CHIEF})
    assert Permission.SEE_CASES not in PERMISSIONS[Role.ADMIN]
    assert Permission.SET_DUTY not in PERMISSIONS[Role.AUDITOR]
    assert PERMISSIONS[Role.CENTRE] == {Permission.SEE_CASES, Permission.SEE_PLACES}
    assert set(PERMISSIONS) == set(Role)
    with pytest.raises(NotAllowed, match="may not unmask"):
        roles.check(Role.AUDITOR, Permission.UNMASK)


def test_without_the_second_factor_nothing_is_allowed(world: World) -> None:
    half = viewer(world, world.officer("zhang", Role.CHIEF), LT, full=False)
    assert not any(half.may(permission) for permission in Permission)
    with pytest.raises(NotAllowed, match="enrol"):
        half.check(Permission.SEE_CASES)
