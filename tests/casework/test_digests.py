"""A digest alarm says how many cases it speaks of, and each of them counts once."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from dispatcher.casework import acknowledge_alarm, raise_alarm
from dispatcher.casework.alarms import alarm_view
from dispatcher.db import Database
from dispatcher.model import Alarm, AlarmKind, Case, Level
from dispatcher.settings import Settings
from dispatcher.work import Work
from tests import builders
from tests.conftest import FixedClock, RecordingWaker
from tests.tracking.world import World


@pytest.fixture
def world(database: Database, settings: Settings, clock: FixedClock, waker: RecordingWaker) -> World:
    return World(database, settings, clock, waker, database.transact(builders.station))


def ring(world: World, case: Case) -> dict[str, Any]:
    def act(work: Work) -> dict[str, Any]:
        alarm = raise_alarm(work, AlarmKind.NOBODY_LEFT, world.station.id, work.session.get_one(Case, case.id))
        return alarm_view(work.session, alarm)

    return world.database.transact(act)


def test_a_case_that_nobody_is_left_for_again_and_again_counts_once(world: World) -> None:
    first, second, third = world.case(), world.case(), world.case()
    rung = [ring(world, case) for case in (first, second, third, second, third, first, second)]
    assert [one["cases"] for one in rung] == [1, 2, 3, 3, 3, 3, 3]
    assert len({one["id"] for one in rung}) == 1


def test_asking_somebody_in_vain_adds_nothing_to_it(world: World) -> None:
    world.case(level=Level.EXTREME)
    world.case(level=Level.LOW)
    world.plan()
    person = world.person()
    for _ in range(2):
        assert world.plan() == 1
        assert world.text(person, f"2{world.live(person).code}") == "done"
    world.plan()
    assert world.kinds().count("case.escalated") == 4
    [digest] = world.database.read(lambda session: session.scalars(select(Alarm)).all())
    assert digest.cases == 2


def test_after_the_acknowledgement_it_rings_anew(world: World) -> None:
    first, second = world.case(), world.case()
    ring(world, first)
    rung = ring(world, second)
    officer = world.database.transact(lambda work: builders.officer(work, world.station))

    def act(work: Work) -> None:
        acknowledge_alarm(work, work.session.get_one(Alarm, UUID(rung["id"])), officer)

    world.database.transact(act)
    again = ring(world, second)
    assert (again["cases"], again["id"] == rung["id"]) == (1, False)


def test_a_case_that_an_older_alarm_rings_for_is_not_added_to_a_newer_one(world: World) -> None:
    first, second, third = world.case(), world.case(), world.case()
    old = [ring(world, case) for case in (first, second)][-1]
    world.clock.forward(seconds=61)
    new = ring(world, third)
    assert new["id"] != old["id"]
    assert [ring(world, case)["id"] for case in (first, second)] == [old["id"]] * 2
    assert ring(world, third)["cases"] == 1
