"""A unit of work: events are numbered last, without a gap, and never older than their number."""

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from dispatcher.casework import close_case, lock_case, reopen_case, set_duty
from dispatcher.db import Database
from dispatcher.jobs import Job
from dispatcher.lifecycle import CaseState, Disposition
from dispatcher.model import Case, Event, Place, Volunteer
from dispatcher.work import Work
from tests import builders
from tests.conftest import RecordingWaker


def without_phone(work: Work, station: Place) -> Case:
    case = builders.open_case(work, station)
    case.resident_phone = case.resident_phone_index = None
    return case


def test_nothing_is_told_when_nothing_was_committed(database: Database, waker: RecordingWaker) -> None:
    station = database.transact(lambda work: builders.station(work, "440306-LT"))
    before = list(waker.woken), list(waker.nudged)

    def fail(work: Work) -> None:
        work.wake(Job.SEND)
        work.emit("case.opened", station.id)
        raise RuntimeError("given up")

    try:
        database.transact(fail)
    except RuntimeError:
        pass
    else:
        raise AssertionError("the failure was swallowed")
    assert (waker.woken, waker.nudged) == before
    assert database.read(lambda session: session.scalars(select(Event)).all()) == []


def test_many_at_once_leave_no_gap_and_the_last_event_shows_the_last_state(database: Database) -> None:
    station = database.transact(lambda work: builders.station(work, "440306-LT"))
    person = database.transact(lambda work: builders.volunteer(work, station, on_duty=False))
    start = threading.Barrier(8)

    def turn(number: int) -> None:
        if number < 8:
            start.wait()

        def act(work: Work) -> None:
            found = work.session.get_one(Volunteer, person.id, with_for_update=True)
            set_duty(work, found, on_duty=not found.on_duty)

        database.transact(act)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(turn, range(64)))
    events = database.read(lambda session: session.scalars(select(Event).order_by(Event.seq)).all())
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    last = database.read(lambda session: session.get_one(Volunteer, person.id).on_duty)
    changes = [event for event in events if event.kind == "volunteer.changed"]
    assert changes[-1].data["volunteer"]["on_duty"] == last


def test_a_resident_without_a_phone_does_not_bar_another_from_being_reopened(database: Database) -> None:
    station = database.transact(lambda work: builders.station(work, "440306-LT"))
    first, _ = (database.transact(lambda work: without_phone(work, station)) for _ in range(2))
    database.transact(lambda work: close_case(work, lock_case(work, first.id), Disposition.NOT_MATCHING, by="officer"))
    database.transact(lambda work: reopen_case(work, lock_case(work, first.id), by="officer"))
    assert database.read(lambda session: session.get_one(Case, first.id).state) == CaseState.DISPATCHING
