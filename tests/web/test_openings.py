"""What a console begins with is shared among those of one station, and never older than the number it names."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from dispatcher.db import Database
from dispatcher.ids import new_id
from dispatcher.model import FeedCounter, Role
from tests.access.world import CITY, LT, XX, World
from tests.web.live import Live, hear, say
from web.live import opening as openings
from web.live import reader as readers
from web.live.frames import Frame
from web.live.hub import Hub
from web.live.opening import Recent, SharedSnapshot
from web.live.reader import Reader
from web.live.subscription import Broken, Subscription


class Readings:
    """A database that answers when it is told to."""

    def __init__(self) -> None:
        self.seq = 0
        self.begun: list[asyncio.Future[None]] = []

    async def read(self) -> Frame:
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.begun.append(answer)
        seq = self.seq
        await answer
        return Frame(seq, b"")

    async def finish(self, number: int, error: Exception | None = None) -> None:
        """Let the reading with this number end, and everybody go on."""
        await turns()
        if error:
            self.begun[number].set_exception(error)
        else:
            self.begun[number].set_result(None)
        await turns()


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def played(play: Callable[[Readings, SharedSnapshot], Awaitable[None]]) -> None:
    async def run() -> None:
        readings = Readings()
        await play(readings, SharedSnapshot(readings.read))

    asyncio.run(run())


def test_a_thousand_who_ask_at_once_cost_one_reading() -> None:
    async def play(readings: Readings, shared: SharedSnapshot) -> None:
        asked = [asyncio.create_task(shared.get(0)) for _ in range(1000)]
        await readings.finish(0)
        assert len({id(frame) for frame in await asyncio.gather(*asked)}) == 1
        assert await shared.get(0)
        assert len(readings.begun) == 1

    played(play)


def test_who_asks_after_an_event_gets_no_snapshot_from_before_it() -> None:
    """One reading more serves all of them, whether they came while the first was under way or after it."""

    async def play(readings: Readings, shared: SharedSnapshot) -> None:
        early = asyncio.create_task(shared.get(0))
        await turns()
        readings.seq = 1
        late = [asyncio.create_task(shared.get(1)) for _ in range(10)]
        await readings.finish(0)
        assert (await early).seq == 0
        late += [asyncio.create_task(shared.get(1)) for _ in range(10)]
        await readings.finish(1)
        assert {frame.seq for frame in await asyncio.gather(*late)} == {1}
        assert len(readings.begun) == 2

    played(play)


def test_a_snapshot_is_forgotten_after_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openings, "SHARED_S", 0.02)

    async def play(readings: Readings, shared: SharedSnapshot) -> None:
        first = asyncio.create_task(shared.get(0))
        await readings.finish(0)
        await first
        await asyncio.sleep(0.1)
        again = asyncio.create_task(shared.get(0))
        await readings.finish(1)
        await again

    played(play)


def test_what_is_under_way_when_the_feed_begins_anew_is_for_nobody_who_comes_later() -> None:
    async def play(readings: Readings, shared: SharedSnapshot) -> None:
        readings.seq = 100
        before = asyncio.create_task(shared.get(100))
        await turns()
        readings.seq = 5
        shared.drop()
        after = asyncio.create_task(shared.get(5))
        await readings.finish(1)
        assert (await after).seq == 5
        await readings.finish(0)
        assert (await before).seq == 100
        assert (await shared.get(5)).seq == 5
        assert len(readings.begun) == 2

    played(play)


def test_a_database_that_shows_less_than_there_was_is_believed_at_the_second_look() -> None:
    async def play(readings: Readings, shared: SharedSnapshot) -> None:
        asked = asyncio.create_task(shared.get(7))
        await readings.finish(0)
        assert (await asked).seq == 0

    played(play)


def test_a_failure_is_everybodys_who_waits_and_nobodys_who_comes_later() -> None:
    async def play(readings: Readings, shared: SharedSnapshot) -> None:
        asked = [asyncio.create_task(shared.get(0)) for _ in range(3)]
        await readings.finish(0, OSError("away"))
        assert [type(one) for one in await asyncio.gather(*asked, return_exceptions=True)] == [OSError] * 3
        again = asyncio.create_task(shared.get(0))
        await readings.finish(1)
        assert (await again).seq == 0

    played(play)


@pytest.mark.parametrize("leaver", [0, 1])
def test_who_leaves_while_it_is_read_takes_it_from_nobody(leaver: int) -> None:
    async def play(readings: Readings, shared: SharedSnapshot) -> None:
        asked = [asyncio.create_task(shared.get(0)) for _ in range(2)]
        leaves, stays = asked[leaver], asked[1 - leaver]
        await turns()
        leaves.cancel()
        await readings.finish(0)
        assert (await stays).seq == 0
        assert leaves.cancelled()
        assert len(readings.begun) == 1

    played(play)


@given(
    acts=st.lists(st.tuples(st.sampled_from(["add", "forget"]), st.integers(0, 5)), max_size=30),
    count=st.integers(-3, 12),
)
def test_recent_events_are_the_last_ones_or_none(acts: list[tuple[str, int]], count: int) -> None:
    recent, last, first = Recent(8), 0, 1
    times: dict[int, int] = {}
    for at, (act, number) in enumerate(acts):
        if act == "add":
            recent.add([Frame(seq, b"") for seq in range(last + 1, last + 1 + number)], at)
            times |= dict.fromkeys(range(last + 1, last + 1 + number), at)
            last += number
        else:
            recent.forget(at - number)
            first = max([first, *(seq + 1 for seq, then in times.items() if then < at - number)])
    first = max(first, last - 7)
    found = recent.newest(count)
    if 0 <= count <= last - first + 1:
        assert found is not None
        assert [frame.seq for frame in found] == list(range(last - count + 1, last + 1))
    else:
        assert found is None


class Snapshots:
    """Counts them, and can hold one up after it was read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stations: list[Any] = []
        self.read = threading.Event()
        self.go = threading.Event()
        self.go.set()
        self._snapshot = readers.snapshot
        monkeypatch.setattr(readers, "snapshot", self._noting)

    def _noting(self, session: Session, station_id: Any) -> dict[str, Any]:
        found = self._snapshot(session, station_id)
        self.stations.append(station_id)
        self.read.set()
        assert self.go.wait(30)
        return found


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
def snapshots(monkeypatch: pytest.MonkeyPatch) -> Snapshots:
    return Snapshots(monkeypatch)


@asynccontextmanager
async def hub_of(database: Database, **options: Any) -> AsyncIterator[Hub]:
    hub = Hub(database, None, **{"look_every_s": 0.01} | options)
    await hub.start()
    try:
        yield hub
    finally:
        await hub.stop()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110  # what it waits for sets no event
            await asyncio.sleep(0.005)


def test_whoever_may_watch_a_station_shares_its_snapshot_and_no_other_stations(
    world: World, desk: Live, snapshots: Snapshots
) -> None:
    """An officer of the station and the chief of the city are shown the same; the neighbour, her own."""
    world.officer("zhang")
    world.officer("xi", place=XX)
    world.officer("chief", Role.CHIEF, CITY)
    mine, theirs = world.case(LT), world.case(XX)
    with desk.sign_in("zhang") as zhang, desk.sign_in("xi") as xi, desk.sign_in("chief") as chief:
        shown = []
        with (
            desk.watch(zhang) as one,
            desk.watch(xi) as two,
            desk.watch(chief, LT) as three,
            desk.watch(chief, XX) as four,
        ):
            for connection in (one, two, three, four):
                say(connection, {"type": "start"})
            shown = [hear(connection) for connection in (one, two, three, four)]
    assert shown[0] == shown[2]
    assert shown[1] == shown[3]
    assert [[case["id"] for case in one["cases"]] for one in shown[:2]] == [[str(mine.id)], [str(theirs.id)]]
    assert len(snapshots.stations) <= 4
    assert set(snapshots.stations) == {world.place(LT).id, world.place(XX).id}


def test_a_burst_of_consoles_costs_one_snapshot_and_none_misses_what_comes_meanwhile(
    world: World, database: Database, snapshots: Snapshots
) -> None:
    world.case()
    station_id = world.place(LT).id

    async def console(hub: Hub, last: int) -> list[int]:
        async with hub.watch(station_id) as (reader, subscription):
            opening = await reader.start()
            got = [frame.seq for frame in opening.frames]
            subscription.begin(opening.reached, None)
            while got[-1] < last:
                got.append((await subscription.next()).seq)
            return got

    async def play() -> None:
        async with hub_of(database) as hub:
            snapshots.go.clear()
            early = [asyncio.create_task(console(hub, 3)) for _ in range(50)]
            await until(snapshots.read.is_set)
            await asyncio.to_thread(world.case)
            await until(lambda: hub._readers[station_id]._last == 2)
            late = [asyncio.create_task(console(hub, 3)) for _ in range(50)]
            await asyncio.sleep(0.02)
            snapshots.go.set()
            await until(lambda: len(snapshots.stations) == 2)
            await asyncio.to_thread(world.case)
            assert {tuple(got) for got in await asyncio.gather(*early)} == {(1, 2, 3)}
            assert {tuple(got) for got in await asyncio.gather(*late)} == {(2, 3)}
            assert len(snapshots.stations) == 2

    asyncio.run(play())


def test_a_line_that_fails_is_ended_and_keeps_nothing_from_the_others(world: World, database: Database) -> None:
    station_id = world.place(LT).id

    def fail(_: bytes) -> bool:
        raise RuntimeError

    async def play() -> None:
        async with hub_of(database) as hub, hub.watch(station_id) as (_, bad), AsyncExitStack() as stack:
            others = [(await stack.enter_async_context(hub.watch(station_id)))[1] for _ in range(5)]
            bad.begin(0, fail)
            for other in others:
                other.begin(0, None)
            waiting = [asyncio.create_task(one.next()) for one in (bad, *others)]
            await turns()
            await asyncio.to_thread(world.case)
            failed, *got = await asyncio.gather(*waiting, return_exceptions=True)
            assert isinstance(failed, Broken)
            assert [frame.seq for frame in got if isinstance(frame, Frame)] == [1] * 5

    asyncio.run(play())


async def _resumed(reader: Reader, seq: int, epoch: str | None = None) -> list[int]:
    opening = await reader.resume(str(reader._epoch) if epoch is None else epoch, seq)
    assert opening.reached == (opening.frames[-1].seq if opening.frames else seq)
    return [frame.seq for frame in opening.frames]


def test_what_was_missed_comes_from_memory_and_from_the_database_where_that_is_too_short(
    world: World, database: Database, snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    resume = readers.resume

    def noting(session: Session, station_id: Any, epoch: str, seq: int) -> list[dict[str, Any]]:
        asked.append(seq)
        return resume(session, station_id, epoch, seq)

    monkeypatch.setattr(readers, "resume", noting)
    world.case()
    world.case()
    station_id = world.place(LT).id

    async def play() -> None:
        async with hub_of(database) as hub, hub.watch(station_id) as (reader, _):
            await asyncio.to_thread(world.case)
            await asyncio.to_thread(world.case)
            await until(lambda: reader._last == 4)
            assert [await _resumed(reader, seq) for seq in (2, 3, 4)] == [[3, 4], [4], []]
            assert (asked, snapshots.stations) == ([], [])
            assert [await _resumed(reader, seq) for seq in (0, 1)] == [[1, 2, 3, 4], [2, 3, 4]]
            assert (asked, snapshots.stations) == ([0, 1], [])
            # a hub that is behind another one asks the database; a number that cannot be gets a snapshot from there
            assert [await _resumed(reader, seq) for seq in (5, -1, -(10**30), 10**30)] == [[4]] * 4
            assert asked == [0, 1, 5, -1, 10**30]
            assert [await _resumed(reader, 4, epoch) for epoch in ("other", "", str(new_id()))] == [[4]] * 3
            assert len(snapshots.stations) == 1

    asyncio.run(play())


def test_memory_keeps_no_event_for_longer_than_it_should(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "RECENT_S", 0.05)
    station_id = world.place(LT).id

    async def play() -> None:
        async with hub_of(database) as hub, hub.watch(station_id) as (reader, _):
            await asyncio.to_thread(world.case)
            await until(lambda: reader._last == 1)
            await until(lambda: reader._recent.newest(1) is None)
            assert await _resumed(reader, 0) == [1]

    asyncio.run(play())


@pytest.mark.parametrize("new_epoch", [True, False])
def test_a_restored_backup_drops_what_was_shared_also_what_was_under_way(
    world: World, database: Database, snapshots: Snapshots, new_epoch: bool
) -> None:
    """Without a new epoch, as somebody may forget it: the numbers went back, and that is enough."""
    for _ in range(3):
        world.case()
    station_id = world.place(LT).id
    values = {"seq": 1} | ({"epoch": new_id()} if new_epoch else {})

    async def play() -> None:
        async with hub_of(database) as hub, hub.watch(station_id) as (reader, before):
            await asyncio.to_thread(world.case)
            await until(lambda: reader._last == 4)
            old = str(reader._epoch)
            snapshots.go.clear()
            held_up = asyncio.create_task(reader.start())
            await until(snapshots.read.is_set)
            await asyncio.to_thread(
                database.transact, lambda work: work.session.execute(update(FeedCounter).values(**values))
            )
            with pytest.raises(Broken):
                await before.ended()
            assert reader._recent.newest(1) is None
            async with hub.watch(station_id) as (same, after):
                assert same is reader
                openings = [asyncio.create_task(same.start()), asyncio.create_task(same.resume(old, 4))]
                await asyncio.sleep(0.02)
                snapshots.go.set()
                assert {opening.reached for opening in await asyncio.gather(*openings)} == {1}
                assert (await held_up).reached == 4
                assert (await same.start()).reached == 1
                assert (str(same._epoch) != old) == new_epoch
                after.begin(1, None)

    asyncio.run(play())


def test_a_station_is_followed_for_a_while_after_its_last_console_left(world: World, database: Database) -> None:
    station_id = world.place(LT).id

    async def visit(hub: Hub) -> Reader:
        async with hub.watch(station_id) as (reader, subscription):
            assert isinstance(subscription, Subscription)
            return reader

    async def play() -> None:
        async with hub_of(database, linger_s=0.2) as hub:
            first = await visit(hub)
            await asyncio.sleep(0.15)
            assert await visit(hub) is first
            await asyncio.sleep(0.15)  # since the last one left, not the first
            async with hub.watch(station_id) as (reader, _):
                assert reader is first
                await asyncio.sleep(0.3)
                assert hub._readers == {station_id: first}
            await until(lambda: not hub._readers)
            await until(first._task.done)
            assert await visit(hub) is not first

    asyncio.run(play())


def test_a_hub_that_stops_follows_nobody_any_more(world: World, database: Database) -> None:
    station_id = world.place(LT).id

    async def play() -> None:
        async with hub_of(database) as hub:
            async with hub.watch(station_id) as (reader, _):
                pass
            async with hub.watch(world.place(XX).id) as (other, subscription):
                await hub.stop()
                with pytest.raises(Broken):
                    await subscription.next()
            assert reader._task.done()
            assert other._task.done()
            assert (hub._readers, hub._leaving) == ({}, {})

    asyncio.run(play())
