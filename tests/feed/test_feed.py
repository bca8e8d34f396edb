import threading
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from dispatcher.errors import NotFound
from dispatcher.feed import events_after, frame, prune, resume, snapshot
from dispatcher.ids import new_id
from dispatcher.lifecycle import CaseState
from dispatcher.model import Case, Event, FeedCounter, Level
from dispatcher.work import Work
from tests.access.world import CITY, LT, XX, World
from tests.conftest import FixedClock
from tests.feed.console import Console


def snap(world: World, station: str = LT) -> dict[str, Any]:
    station_id = world.place(station).id
    return world.database.read(lambda session: snapshot(session, station_id))


def again(world: World, epoch: str, seq: int) -> list[dict[str, Any]]:
    station_id = world.place(LT).id
    return world.database.read(lambda session: resume(session, station_id, epoch, seq))


def test_a_snapshot_holds_open_cases_and_people_of_one_station(world: World) -> None:
    case, person = world.case(), world.volunteer()
    world.accept(case, person)
    world.case(state=CaseState.CLOSED)
    world.case(XX)
    neighbour = world.volunteer(XX)
    other = world.case(wanted=2)
    world.accept(other, neighbour)

    found = snap(world)

    assert (found["type"], UUID(found["epoch"]).version, found["seq"]) == ("snapshot", 7, 6)
    assert [c["id"] for c in found["cases"]] == [str(case.id), str(other.id)]
    assert found["cases"][0]["resident"]["name"] == "王**"
    assert {v["id"]: v["task"] for v in found["volunteers"]} == {
        str(person.id): str(case.id),
        str(neighbour.id): str(other.id),
    }


def test_an_event_has_the_shape_of_the_contract(world: World) -> None:
    case, person = world.case(), world.volunteer()
    world.accept(case, person)
    station_id = world.place(LT).id

    last = frame(world.database.read(lambda session: events_after(session, station_id, 2, 10))[-1])

    assert {key: last[key] for key in ("type", "seq", "kind", "at", "case_id")} == {
        "type": "event",
        "seq": 3,
        "kind": "offer.accepted",
        "at": "2026-04-29T08:00:00.000Z",
        "case_id": str(case.id),
    }
    assert last["case"]["state"] == "accepted"
    assert last["data"]["volunteer"]["task"] == str(case.id)


def test_resume_continues_where_the_console_stood(world: World) -> None:
    world.case()
    start = snap(world)
    world.case()
    world.case()

    assert [f["seq"] for f in again(world, start["epoch"], start["seq"])] == [2, 3]
    assert again(world, start["epoch"], 3) == []


@pytest.mark.parametrize("seq", [-1, -(2**70), 4, 2**70])
def test_an_impossible_number_gets_a_snapshot(world: World, seq: int) -> None:
    for _ in range(3):
        world.case()
    frames = again(world, snap(world)["epoch"], seq)
    assert [f["type"] for f in frames] == ["snapshot"]


def test_another_epoch_or_removed_events_get_a_snapshot(world: World, clock: FixedClock) -> None:
    world.case()
    epoch = snap(world)["epoch"]
    assert [f["type"] for f in again(world, str(new_id()), 0)] == ["snapshot"]
    assert [f["type"] for f in again(world, "no epoch at all", 0)] == ["snapshot"]

    clock.forward(days=8)
    world.case()
    assert world.database.transact(lambda work: prune(work, 7)) == 1
    assert [f["type"] for f in again(world, epoch, 0)] == ["snapshot"]
    assert [f["seq"] for f in again(world, epoch, 1)] == [2]


def test_a_place_that_is_no_station_has_no_feed(world: World) -> None:
    with pytest.raises(NotFound):
        snap(world, CITY)


def test_many_transactions_at_once_leave_no_gap_and_a_console_ends_equal_to_the_database(world: World) -> None:
    """Six officers change six cases of two stations; consoles start in the middle, at any moment."""
    cases = [world.case(LT if n % 3 else XX) for n in range(6)]
    over = threading.Event()
    consoles = [Console() for _ in range(3)]
    writers = [threading.Thread(target=_change, args=(world, cases, n)) for n in range(6)]
    watchers = [threading.Thread(target=_watch, args=(world, console, over)) for console in consoles]
    for thread in [*writers, *watchers]:
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    for thread in watchers:
        thread.join()

    for station in (LT, XX):
        assert _numbers(world, station) == list(range(1, len(_numbers(world, station)) + 1))
    truth = {c["id"]: c for c in snap(world)["cases"]}
    assert truth
    for console in consoles:
        assert console.cases == truth
        assert console.faults == []


def _change(world: World, cases: list[Case], number: int) -> None:
    for step in range(15):
        wanted = sorted({cases[(number + step) % 6].id, cases[(number * step) % 6].id})
        world.database.transact(lambda work, ids=wanted, n=number, s=step: _touch(work, ids, n, s))


def _watch(world: World, console: Console, over: threading.Event) -> None:
    station_id = world.place(LT).id
    while not console.done:
        console.done = over.wait(0.02)
        for message in world.database.read(lambda session: console.next_frames(session, station_id)):
            console.take(message)


def _numbers(world: World, station: str) -> list[int]:
    query = select(Event.seq).where(Event.station_id == world.place(station).id).order_by(Event.seq)
    return list(world.database.read(lambda session: session.scalars(query).all()))


def _touch(work: Work, ids: list[UUID], number: int, step: int) -> None:
    found = work.session.scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.id).with_for_update()).all()
    for case in found:
        case.level = list(Level)[(number + step) % 4]
        case.alert_count += 1
        work.emit_case("case.updated", case, step=step)


@settings(max_examples=10)
@given(steps=st.lists(st.sampled_from(["open", "close", "raise", "look", "prune", "restore"]), min_size=1, max_size=14))
def test_whatever_happens_in_between_a_console_that_comes_back_is_right(world: World, steps: list[str]) -> None:
    console = Console()
    database = world.database
    station_id = world.place(LT).id
    for step in steps:
        if step == "open":
            world.case()
        elif step == "close":
            database.transact(lambda work: _first(work, state=CaseState.CLOSED))
        elif step == "raise":
            database.transact(lambda work: _first(work, alert_count=7))
        elif step == "prune":
            database.transact(lambda work: prune(work, -1))
        elif step == "restore":
            database.transact(lambda work: work.session.execute(update(FeedCounter).values(epoch=new_id())))
        else:
            for message in database.read(lambda session: console.next_frames(session, station_id)):
                console.take(message)

    for message in database.read(lambda session: console.next_frames(session, station_id)):
        console.take(message)
    assert console.faults == []
    assert console.cases == {c["id"]: c for c in snap(world)["cases"]}


def _first(work: Work, **values: Any) -> None:
    case = work.session.scalar(select(Case).where(Case.state != CaseState.CLOSED).limit(1).with_for_update())
    if case:
        for name, value in values.items():
            setattr(case, name, value)
        work.emit_case("case.updated", case)
