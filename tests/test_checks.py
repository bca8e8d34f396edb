"""The resident's check: a code that means something as long as the task lives."""

import importlib

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dispatcher.checks import draw_code, find_visit, new_check_code, read_code
from dispatcher.db import Database
from dispatcher.errors import BadInput
from dispatcher.lifecycle import OfferState
from dispatcher.model import Offer
from dispatcher.settings import Settings
from tests import builders
from tests.conftest import FixedClock, RecordingWaker
from tests.tracking.world import World


@pytest.fixture
def world(database: Database, settings: Settings, clock: FixedClock, waker: RecordingWaker) -> World:
    return World(database, settings, clock, waker, database.transact(builders.station))


def gone(world: World) -> Offer:
    """Somebody is on the way."""
    person = world.person()
    offer = world.ask(world.case(), person)
    world.text(person, f"1{offer.code}")
    return world.of(offer)


@pytest.mark.parametrize(
    "typed", ["482913", "482 913", " 482-913 ", "４８２９１３", "482－913", "482\xa0913", "4 8 2 9 1 3"]
)
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert read_code(typed) == "482913"


@pytest.mark.parametrize(
    "typed", ["", "48291", "4829131", "082913", "48291a", "四八二九一三", "٤٨٢٩١٣", "482913\x00", "+48291"]
)
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_code(typed)
    assert refused.value.field == "code"


def test_codes_have_six_digits_and_do_not_repeat_themselves() -> None:
    drawn = [draw_code() for _ in range(2000)]
    assert all(read_code(code) == code for code in drawn)
    assert len(set(drawn)) > 1980


def test_a_code_that_somebody_has_is_drawn_again(world: World) -> None:
    taken = gone(world).check_code
    draws = iter([taken, taken, "555555" if taken != "555555" else "555556"])

    def look(session: Session) -> str:
        return new_check_code(session, lambda: str(next(draws)))

    assert world.database.read(look) != taken


def test_the_database_itself_lets_no_two_visitors_have_one_code(world: World) -> None:
    code = gone(world).check_code
    other = gone(world)
    with pytest.raises(IntegrityError, match="uq_offers_check_code"), world.database.engine.begin() as connection:
        connection.execute(text("UPDATE offers SET check_code = :c WHERE id = :i"), {"c": code, "i": other.id})


@pytest.mark.parametrize("end", ["4", "2", "closed"])
def test_a_code_means_nothing_once_the_task_is_over(world: World, end: str) -> None:
    person, case = world.person(), world.case()
    offer = world.ask(case, person)
    assert world.of(offer).check_code is None
    world.text(person, f"1{offer.code}")
    code = str(world.of(offer).check_code)

    found = world.database.read(lambda session: find_visit(session, code))
    assert found is not None
    assert (found.case.id, found.volunteer.id, found.station.id) == (case.id, person.id, world.station.id)

    if end == "closed":
        world.close(case)
    else:
        world.text(person, f"{end}{offer.code}")
    assert world.of(offer).state != OfferState.ACCEPTED
    assert world.database.read(lambda session: find_visit(session, code)) is None
    # It may be given to somebody else by now.
    assert world.database.read(lambda session: new_check_code(session, lambda: code)) == code


def test_an_update_gives_codes_to_those_who_are_at_a_door_already(world: World) -> None:
    under_way = [gone(world) for _ in range(3)]
    script = importlib.import_module("dispatcher.migrations.versions.0002_resident_check")
    with world.database.engine.begin() as connection:
        connection.execute(text("UPDATE offers SET check_code = NULL"))
        with Operations.context(MigrationContext.configure(connection)):
            script._give_codes_to_tasks_under_way()
    codes = [world.of(offer).check_code for offer in under_way]
    assert len(set(codes)) == 3
    assert all(read_code(str(code)) == code for code in codes)
    counted = select(func.count()).where(Offer.check_code.is_not(None))
    assert world.database.read(lambda session: session.scalars(counted).one()) == 3
