import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
import redis
from sqlalchemy import delete, update
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from dispatcher.db import Database
from dispatcher.feed import snapshot
from dispatcher.ids import new_id
from dispatcher.model import Case, Event, FeedCounter, Level, Role
from dispatcher.settings import SecondFactor, Settings
from tests.access.world import CITY, LT, XX, World
from tests.conftest import FixedClock
from tests.feed.console import Console
from tests.web.live import COOKIE, Live, hear, live, say
from web.app import Surface, create_app
from web.live import socket as console_socket
from web.live.hub import Hub
from web.live.nudges import CHANNEL
from web.services import Services


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
def optional(settings: Settings) -> Settings:
    return settings.model_copy(update={"second_factor": SecondFactor.OPTIONAL})


@pytest.fixture
def server(optional: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """Looks again every tenth of a second, so that tests need not wait."""
    monkeypatch.setattr(console_socket, "LOOK_AGAIN_S", 0.1)
    monkeypatch.setattr(console_socket, "FIRST_FRAME_S", 1.0)
    app = create_app(Services(optional, database), Surface.CONSOLE, redis_url=None)
    app.state.hub = Hub(database, None, look_every_s=0.05)
    with live(app) as running:
        yield running


@pytest.fixture
def officer(world: World, server: Live) -> Iterator[httpx.Client]:
    world.officer("zhang")
    with server.sign_in("zhang") as client:
        yield client


@contextmanager
def opened(
    server: Live, officer: httpx.Client, station: str | None = None
) -> Iterator[tuple[ClientConnection, dict[str, Any]]]:
    with server.watch(officer, station) as connection:
        say(connection, {"type": "start"})
        yield connection, hear(connection)


def refusal(server: Live, client: httpx.Client | None, station: str | None = None, **options: Any) -> tuple[int, Any]:
    with pytest.raises(InvalidStatus) as refused, server.watch(client, station, **options):
        pass
    response = refused.value.response
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, json.loads(response.body or b"{}")


def closing(connection: ClientConnection) -> tuple[int, str]:
    """How the server closes."""
    try:
        while True:
            connection.recv(timeout=30)
    except ConnectionClosed as closed:
        return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")


def test_a_console_gets_a_snapshot_and_then_every_change(world: World, server: Live, officer: httpx.Client) -> None:
    case, person = world.case(), world.volunteer()
    with opened(server, officer) as (connection, first):
        assert (first["type"], first["seq"]) == ("snapshot", 2)
        assert [c["id"] for c in first["cases"]] == [str(case.id)]

        world.accept(case, person)
        event = hear(connection)
        assert (event["type"], event["seq"], event["kind"]) == ("event", 3, "offer.accepted")
        assert event["case"]["state"] == "accepted"
        assert event["data"]["volunteer"]["task"] == str(case.id)


def test_nobody_is_refused_after_the_upgrade(world: World, server: Live, officer: httpx.Client) -> None:
    """401 without a session, 403 outside the scope, from another site, or for a role that does not watch."""
    assert refusal(server, None)[0] == 401
    assert refusal(server, None, headers={"Cookie": f"{COOKIE}=made-up"})[0] == 401
    assert refusal(server, officer, XX)[0] == 403
    assert refusal(server, officer, CITY)[0] == 403
    assert refusal(server, officer, "nowhere")[0] == 403
    assert refusal(server, officer, origin="http://evil.example")[0] == 403
    assert refusal(server, officer, origin="null")[0] == 403
    world.officer("admin", Role.ADMIN)
    with server.sign_in("admin") as admin:
        assert refusal(server, admin)[0] == 403


def test_the_own_pages_may_open_it(server: Live, officer: httpx.Client) -> None:
    for origin in (server.url, "http://127.0.0.1:8000"):
        with server.watch(officer, origin=origin) as connection:
            say(connection, {"type": "start"})
            assert hear(connection)["type"] == "snapshot"


def test_without_the_second_factor_the_socket_stays_shut(world: World, settings: Settings, database: Database) -> None:
    world.officer("zhang")
    with live(create_app(Services(settings, database), Surface.ALL, None)) as strict, strict.sign_in("zhang") as half:
        status, body = refusal(strict, half)
        assert status == 403
        assert "enrol" in body["detail"]


def test_two_officers_see_their_own_station_and_never_the_other(world: World, server: Live) -> None:
    world.officer("liu", place=LT)
    world.officer("xi", place=XX)
    with (
        server.sign_in("liu") as liu,
        server.sign_in("xi") as xi,
        opened(server, liu) as (at_lt, _),
        opened(server, xi) as (at_xx, _),
    ):
        mine, theirs = world.case(LT), world.case(XX)
        assert hear(at_lt)["case_id"] == str(mine.id)
        assert hear(at_xx)["case_id"] == str(theirs.id)
        for connection in (at_lt, at_xx):
            with pytest.raises(TimeoutError):
                connection.recv(timeout=0.3)


def test_the_chief_of_the_city_watches_any_station(world: World, server: Live) -> None:
    world.officer("chief", Role.CHIEF, CITY)
    theirs = world.case(XX)
    with server.sign_in("chief") as chief, opened(server, chief, XX) as (_, first):
        assert [c["id"] for c in first["cases"]] == [str(theirs.id)]


def test_a_console_that_was_away_gets_what_it_missed(world: World, server: Live, officer: httpx.Client) -> None:
    with opened(server, officer) as (_, first):
        pass
    for _ in range(3):
        world.case()

    with server.watch(officer) as back:
        say(back, {"type": "resume", "epoch": first["epoch"], "seq": first["seq"]})
        assert [hear(back)["seq"] for _ in range(3)] == [1, 2, 3]
        world.case()
        assert hear(back)["seq"] == 4


def test_a_number_that_cannot_be_gets_a_snapshot(world: World, server: Live, officer: httpx.Client) -> None:
    world.case()
    with opened(server, officer) as (_, first):
        epoch, seq = first["epoch"], first["seq"]
    for wrong in ({"seq": 99}, {"seq": -1}, {"epoch": "other"}, {"epoch": ""}, {"seq": 10**30}):
        with server.watch(officer) as back:
            say(back, {"type": "resume", "epoch": epoch, "seq": 1, **wrong})
            assert (hear(back)["type"], seq) == ("snapshot", seq)
            world.case()
            seq += 1
            assert hear(back)["seq"] == seq


NO_FIRST_FRAMES: list[str | bytes] = [
    "",
    "hello",
    "[]",
    "{}",
    '{"type":"stop"}',
    '{"type":"resume"}',
    '{"type":"resume","epoch":1,"seq":1}',
    '{"type":"resume","epoch":"x","seq":"1"}',
    '{"type":"resume","epoch":"x","seq":NaN}',
    b"\x00\x01",
    "x" * 5000,
    "[" * 4000,
]


def test_a_first_frame_nobody_understands_ends_it_with_a_reason(server: Live, officer: httpx.Client) -> None:
    for frame in NO_FIRST_FRAMES:
        with server.watch(officer) as connection:
            connection.send(frame)
            code, reason = closing(connection)
        assert (code, bool(reason)) == (1008, True), frame


def test_who_says_nothing_is_not_waited_for(server: Live, officer: httpx.Client) -> None:
    with server.watch(officer) as connection:
        assert closing(connection) == (1008, "no start or resume came")


def test_pings_are_answered_and_other_words_are_not_taken(server: Live, officer: httpx.Client) -> None:
    with opened(server, officer) as (connection, _):
        assert connection.ping().wait(10)
        say(connection, {"type": "ping"})
        assert hear(connection) == {"type": "pong"}
        say(connection, {"type": "start"})
        assert closing(connection)[0] == 1008


def test_signing_out_closes_the_socket(server: Live, officer: httpx.Client) -> None:
    with opened(server, officer) as (connection, _):
        assert officer.delete("/api/session").status_code == 204
        assert closing(connection)[0] == 4401


def test_an_expired_session_closes_the_socket(
    server: Live, officer: httpx.Client, clock: FixedClock, optional: Settings
) -> None:
    with opened(server, officer) as (connection, _):
        clock.forward(hours=optional.session_hours)
        assert closing(connection)[0] == 4401


def test_an_open_socket_holds_no_database_connection(
    world: World, server: Live, officer: httpx.Client, database: Database
) -> None:
    with ExitStack() as stack:
        connections = [stack.enter_context(opened(server, officer))[0] for _ in range(25)]
        world.case()
        assert {hear(connection)["seq"] for connection in connections} == {1}
        assert server.app.state.metrics.sockets._value.get() == 25


def test_a_restored_backup_sends_every_console_back_to_a_snapshot(
    world: World, server: Live, officer: httpx.Client, database: Database
) -> None:
    world.case()
    with opened(server, officer) as (connection, first):
        database.transact(lambda work: work.session.execute(update(FeedCounter).values(epoch=new_id(), seq=0)))
        assert closing(connection)[0] == 1012
    with server.watch(officer) as back:
        say(back, {"type": "resume", "epoch": first["epoch"], "seq": first["seq"]})
        assert hear(back)["epoch"] != first["epoch"]


def test_events_that_vanished_before_they_were_read_break_the_line_instead_of_leaving_a_gap(
    world: World, server: Live, officer: httpx.Client, database: Database
) -> None:
    with opened(server, officer) as (connection, _):

        def grow_and_lose(work: Any) -> None:
            station_id = world.place(LT).id
            work.session.execute(update(FeedCounter).where(FeedCounter.station_id == station_id).values(seq=5))
            work.session.execute(delete(Event))

        database.transact(grow_and_lose)
        assert closing(connection)[0] == 1012


def test_a_slow_reader_is_closed_and_the_others_go_on(world: World, optional: Settings, database: Database) -> None:
    """The slow one reads nothing; its queue of 20 fills up behind what the network holds."""
    world.officer("zhang")
    case = world.case()
    app = create_app(Services(optional, database), Surface.CONSOLE, None)
    app.state.hub = Hub(database, None, look_every_s=0.05, queue_frames=20)
    with (
        live(app) as server,
        server.sign_in("zhang") as client,
        server.watch(client, max_queue=1) as slow,
        server.watch(client) as quick,
    ):
        say(slow, {"type": "start"})
        say(quick, {"type": "start"})
        assert hear(quick)["seq"] == 1
        count = 1
        while not app.state.metrics.slow._value.get():
            database.transact(lambda work: _shout(work, case))
            assert [hear(quick)["seq"] for _ in range(10)] == list(range(count + 1, count + 11))
            count += 10
            assert count < 5000
        database.transact(lambda work: _shout(work, case))
        assert hear(quick)["seq"] == count + 1
        assert closing(slow)[0] == 1013


def _shout(work: Any, case: Case) -> None:
    for _ in range(10):
        work.emit_case("case.updated", work.session.get_one(Case, case.id), noise="x" * 20_000)


def test_consoles_that_start_in_the_middle_of_a_storm_end_equal_to_the_database(
    world: World, server: Live, officer: httpx.Client, database: Database
) -> None:
    """No gap, no double, whenever they came: the last frame leaves each with what the database holds."""
    cases = [world.case() for _ in range(5)]
    consoles = [Console() for _ in range(4)]
    finished = threading.Event()
    writers = [threading.Thread(target=_storm, args=(database, cases, number)) for number in range(4)]
    watchers = [threading.Thread(target=_follow, args=(server, officer, c, world, finished)) for c in consoles]
    for pair in zip(writers, watchers, strict=True):
        for thread in pair:
            thread.start()
    for thread in writers:
        thread.join()
    finished.set()
    for thread in watchers:
        thread.join()

    station_id = world.place(LT).id
    truth = {c["id"]: c for c in database.read(lambda s: snapshot(s, station_id))["cases"]}
    for console in consoles:
        assert console.faults == []
        assert console.cases == truth


def _storm(database: Database, cases: list[Case], number: int) -> None:
    for step in range(40):
        database.transact(lambda work, n=number, s=step: _touch(work, cases[(n + s) % 5], n + s))


def _follow(server: Live, officer: httpx.Client, console: Console, world: World, finished: threading.Event) -> None:
    station_id = world.place(LT).id
    with server.watch(officer) as connection:
        say(connection, {"type": "start"})
        while not console.done:
            try:
                console.take(json.loads(connection.recv(timeout=0.1)))
            except TimeoutError:
                last = world.database.read(lambda s: s.get_one(FeedCounter, station_id).seq)
                console.done = finished.is_set() and console.seq == last


def _touch(work: Any, case: Case, number: int) -> None:
    found = work.session.get_one(Case, case.id, with_for_update=True)
    found.level = list(Level)[number % 4]
    found.alert_count += 1
    work.emit_case("case.updated", found)


def test_a_nudge_through_redis_wakes_the_reader_and_its_absence_only_slows_it(
    world: World, optional: Settings, database: Database, redis_url: str
) -> None:
    world.officer("zhang")
    app = create_app(Services(optional, database), Surface.CONSOLE, redis_url)
    app.state.hub = Hub(database, redis_url, look_every_s=600)
    with (
        live(app) as server,
        server.sign_in("zhang") as client,
        redis.from_url(redis_url) as store,
        opened(server, client) as (connection, _),
    ):
        world.case()
        with pytest.raises(TimeoutError):
            connection.recv(timeout=0.3)
        store.publish(CHANNEL, "not a station")
        store.publish(CHANNEL, str(world.place(LT).id))
        assert hear(connection)["seq"] == 1

    away = create_app(Services(optional, database), Surface.CONSOLE, "redis://127.0.0.1:1/0")
    with live(away) as server, server.sign_in("zhang") as client, opened(server, client) as (connection, _):
        world.case()
        assert hear(connection)["seq"] == 2


def test_a_database_that_is_away_for_a_moment_loses_nothing(
    world: World, optional: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.officer("zhang")
    app = create_app(Services(optional, database), Surface.CONSOLE, None)
    app.state.hub = Hub(database, None, look_every_s=0.05)
    with live(app) as server, server.sign_in("zhang") as client, opened(server, client) as (connection, _):
        failures = threading.Semaphore(3)
        read = database.read

        def sometimes(look: Any) -> Any:
            if threading.current_thread().name.startswith("feed") and failures.acquire(blocking=False):
                raise OSError("away")
            return read(look)

        monkeypatch.setattr(database, "read", sometimes)
        for _ in range(3):
            world.case()
        assert [hear(connection)["seq"] for _ in range(3)] == [1, 2, 3]
