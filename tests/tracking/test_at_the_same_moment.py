"""Two things at one moment: whoever comes second sees what the first one did, and nobody waits in a circle."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, text

from dispatcher.casework import raise_alarm
from dispatcher.db import Database
from dispatcher.geo.coordinates import Crs
from dispatcher.model import Alarm, AlarmKind, Case, Offer
from dispatcher.tracking.positions import share_position
from dispatcher.tracking.replies import act_on, take_text
from dispatcher.work import Work
from tests.tracking.world import World

Act = Callable[[Work], Any]

LONGEST_S = 30


def at_once(database: Database, first: Act, second: Act) -> list[int]:
    """`first` has done its work and not committed yet when `second` begins; how often each was run."""
    done, commit = threading.Event(), threading.Event()
    runs = [0, 0]

    def before(work: Work) -> None:
        runs[0] += 1
        first(work)
        done.set()
        assert commit.wait(LONGEST_S)

    def after(work: Work) -> None:
        runs[1] += 1
        second(work)

    with ThreadPoolExecutor(2) as pool:
        early = pool.submit(database.transact, before)
        assert done.wait(LONGEST_S)
        late = pool.submit(database.transact, after)
        _wait_until_it_waits(database, late)
        commit.set()
        early.result(LONGEST_S)
        late.result(LONGEST_S)
    return runs


def _wait_until_it_waits(database: Database, late: "Future[Any]") -> None:
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not late.done() and not connection.scalar(waits):
            time.sleep(0.01)


def alarms(world: World) -> list[Alarm]:
    found = select(Alarm).where(Alarm.station_id == world.station.id).order_by(Alarm.raised_at, Alarm.id)
    return world.database.read(lambda session: list(session.scalars(found)))


def misses(world: World, case: Case) -> Act:
    return lambda work: raise_alarm(
        work, AlarmKind.DEADLINE_MISSED, world.station.id, work.session.get_one(Case, case.id)
    )


def test_two_cases_that_ring_at_once_share_one_alarm(world: World) -> None:
    first, second = world.case(), world.case()
    at_once(world.database, misses(world, first), misses(world, second))
    assert [alarm.cases for alarm in alarms(world)] == [2]


def test_no_case_is_lost_from_a_digest_that_two_add_to(world: World) -> None:
    ringing, first, second = world.case(), world.case(), world.case()
    world.database.transact(misses(world, ringing))
    at_once(world.database, misses(world, first), misses(world, second))
    assert [alarm.cases for alarm in alarms(world)] == [3]


def test_a_case_never_slips_into_an_alarm_that_is_being_acknowledged(world: World) -> None:
    ringing, case = world.case(), world.case()
    alarm = world.database.transact(misses(world, ringing))

    def acknowledge(work: Work) -> None:
        work.session.get_one(Alarm, alarm.id, with_for_update=True).acknowledged_at = work.now
        work.session.flush()

    at_once(world.database, acknowledge, misses(world, case))
    still = [alarm.cases for alarm in alarms(world) if alarm.acknowledged_at is None]
    assert still == [1]


@pytest.mark.parametrize("digits", ["88", "89"])
def test_two_texts_about_duty_from_one_phone_do_not_wait_in_a_circle(world: World, digits: str) -> None:
    person = world.person(on_duty=False)
    started = threading.Barrier(2)
    runs = []

    def send(digit: str) -> str:
        def act(work: Work) -> str:
            runs.append(digit)
            return take_text(work, f"SM-{digits}-{digit}-{threading.get_ident()}", person.phone, digit)

        started.wait(LONGEST_S)
        return world.database.transact(act)

    for _ in range(10):
        runs.clear()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(send, digits))
        assert len(runs) == 2, "one of them had to begin again"


def test_no_position_is_kept_of_somebody_whose_task_is_ending(world: World) -> None:
    person, case = world.person(), world.case()
    offer = world.ask(case, person)
    world.text(person, f"1{offer.code}")
    taken: list[bool] = []

    def share(work: Work) -> None:
        mine = work.session.get_one(Offer, offer.id)
        taken.append(share_position(work, mine, 113.88, 22.58, Crs.WGS84))

    def release(work: Work) -> None:
        act_on(work, offer.id, 2)
        work.session.flush()

    at_once(world.database, release, share)
    assert taken[-1] is False
    assert world.of(person).page_at is None
