"""The timekeeper: clocks that run out, and whatever nobody was woken for, with Redis or without."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from dispatcher.jobs import Job
from dispatcher.lifecycle import FreezeState, OfferState
from dispatcher.model import AlarmKind, Case, Volunteer
from dispatcher.roster.row import Row
from dispatcher.roster.shift_import import import_shifts
from simulator.handset import Exchange
from tests.freezes.desk import Desk
from tests.messaging.line import until
from tests.tracking.world import World
from workers import timekeeper
from workers.shop import Shop
from workers.table import TABLE
from workers.timekeeper import Aside, run_timekeeper, tick
from workers.wakeups import QUEUES, RqWaker, connect

NOBODY = "redis://127.0.0.1:1/0"


def waiting(redis: Redis, job: Job) -> int:
    return len(Queue(QUEUES[job], connection=redis, serializer=JSONSerializer))


def work_off(shop: Shop, redis: Redis) -> None:
    """What the workers would do with all that waits for them."""
    for job, name in QUEUES.items():
        queue = Queue(name, connection=redis, serializer=JSONSerializer)
        for waits in queue.get_jobs():
            TABLE[job](shop, *waits.args)
        queue.empty()  # type: ignore[no-untyped-call]


def test_a_tick_with_nothing_to_do_wakes_nobody(world: World, shop: Shop, redis: Redis) -> None:
    world.person()
    tick(shop)
    assert redis.dbsize() == 0


def test_redis_may_be_emptied_at_any_moment(world: World, shop: Shop, redis: Redis, exchange: Exchange) -> None:
    person, case = world.person(), world.case()
    shop.waker.wake(Job.PLAN, str(world.station.id))
    redis.flushall()
    world.clock.forward(seconds=2)
    tick(shop)
    assert waiting(redis, Job.PLAN) == 1
    work_off(shop, redis)
    offer = world.live(person)
    assert offer.case_id == case.id

    redis.flushall()
    world.clock.forward(seconds=2)
    tick(shop)
    assert waiting(redis, Job.SEND) == 1
    work_off(shop, redis)
    exchange.phone(person.phone).expect_sms(offer.code)
    exchange.expect_nothing_else(0)


def test_without_redis_the_timekeeper_does_the_work_itself(world: World, shop: Shop, exchange: Exchange) -> None:
    away = connect(NOBODY)
    alone = Shop(shop.settings, shop.database, away, RqWaker(away))
    first, second = world.person(), world.person()
    case = world.case()
    world.clock.forward(seconds=2)
    tick(alone)
    world.clock.forward(seconds=2)
    tick(alone)
    asked = [person for person in (first, second) if exchange.texts(person.phone)]
    assert len(asked) == 1
    offer = world.live(asked[0])
    exchange.phone(asked[0].phone).expect_sms(offer.code)

    world.clock.forward(seconds=61)
    tick(alone)
    world.clock.forward(seconds=2)
    tick(alone)
    assert world.of(offer).state == OfferState.EXPIRED
    (other,) = {first.phone, second.phone} - {asked[0].phone}
    exchange.phone(other).expect_sms()
    assert case.id == offer.case_id
    exchange.expect_nothing_else(0)


def test_a_clock_that_ran_out_is_seen_by_the_next_tick(world: World, shop: Shop, redis: Redis) -> None:
    offer = world.ask(world.case(), world.person())
    world.clock.forward(seconds=59)
    tick(shop)
    assert world.of(offer).state == OfferState.SENT
    world.clock.forward(seconds=1)
    tick(shop)
    assert world.of(offer).state == OfferState.EXPIRED
    assert (Job.PLAN, str(world.station.id)) in world.waker.woken


def test_a_stop_is_warned_of_and_lapses_with_the_tick_also_in_a_closed_case(
    world: World, shop: Shop, redis: Redis
) -> None:
    desk = Desk(world.database, world.clock, world.station)
    case = world.case()
    freeze = desk.stopped(case, desk.officer())
    world.close(case)
    for hours, state, alarms in (
        (41, FreezeState.STOPPED, []),
        (1, FreezeState.STOPPED, [AlarmKind.FREEZE_ENDING]),
        (6, FreezeState.LAPSED, [AlarmKind.FREEZE_ENDING, AlarmKind.FREEZE_LAPSED]),
    ):
        world.clock.forward(hours=hours)
        tick(shop)
        tick(shop)
        assert (desk.one(freeze).state, desk.alarms()) == (state, alarms)


def test_a_case_that_is_always_in_somebodys_hands_has_its_clocks_too(world: World, shop: Shop, redis: Redis) -> None:
    """It comes after all others of the tick, and is waited for as soon as it is found busy."""
    held, other = world.case(), world.case()
    offers = [world.ask(case, world.person()) for case in (held, other)]
    world.clock.forward(seconds=60)
    with ThreadPoolExecutor(1) as pool:
        with world.database.engine.begin() as holder:
            holder.execute(select(Case).where(Case.id == held.id).with_for_update(key_share=True))
            ticking = pool.submit(tick, shop)
            until(lambda: world.of(offers[1]).state == OfferState.EXPIRED and _waits_for_a_lock(world))
            assert world.of(offers[0]).state == OfferState.SENT
        ticking.result()
    assert world.of(offers[0]).state == OfferState.EXPIRED


def _waits_for_a_lock(world: World) -> bool:
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return world.database.read(lambda session: int(session.scalars(text(waits)).one())) > 0


def test_a_database_that_is_away_is_tried_again_at_the_next_tick(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, ticks = threading.Event(), list[int]()

    def ticking(_shop: Shop, _run: object) -> None:
        ticks.append(1)
        if len(ticks) == 1:
            raise OperationalError("away", None, Exception("away"))
        stop.set()

    monkeypatch.setattr(timekeeper, "tick", ticking)
    monkeypatch.setattr(timekeeper, "TICK_S", 0)
    monkeypatch.setattr(timekeeper, "start_heartbeat", lambda _database, _part: None)
    run_timekeeper(shop, stop)
    assert len(ticks) == 2


def test_a_case_that_cannot_be_read_stops_no_other_clock(world: World, shop: Shop, redis: Redis) -> None:
    spoilt, whole = world.case(), world.case()
    offers = [world.ask(case, world.person()) for case in (spoilt, whole)]
    with world.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE cases SET resident_name = 'xx' WHERE id = %s", (spoilt.id,))
    world.clock.forward(seconds=60)
    tick(shop)
    assert world.of(offers[0]).state == OfferState.SENT
    assert world.of(offers[1]).state == OfferState.EXPIRED


def _on_patrol(world: World, person: Volunteer) -> None:
    """20:00 to 04:00 at the station, which is 12:00 to 20:00 UTC."""
    row = Row(2, {"phone": person.phone, "days": "daily", "from": "20:00", "until": "04:00"})
    world.database.transact(lambda work: import_shifts(work, [row]))


def test_a_shift_begins_and_ends_in_the_stations_zone(world: World, shop: Shop, redis: Redis) -> None:
    person = world.person(on_duty=False)
    _on_patrol(world, person)
    tick(shop)
    assert waiting(redis, Job.PLAN) == 0
    case = world.case()
    world.clock.forward(hours=4)
    tick(shop)
    assert world.of(person).on_duty
    work_off(shop, redis)
    assert world.live(person).case_id == case.id
    world.clock.forward(hours=8)
    tick(shop)
    assert not world.of(person).on_duty


def test_a_person_who_cannot_be_read_keeps_nobody_from_their_shift(world: World, shop: Shop, redis: Redis) -> None:
    spoilt, whole = world.person(on_duty=False), world.person(on_duty=False)
    for person in (spoilt, whole):
        _on_patrol(world, person)
    world.clock.forward(hours=4)
    with world.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE volunteers SET name = 'xx' WHERE id = %s", (spoilt.id,))
    tick(shop)
    assert world.of(whole).on_duty
    on_duty = select(Volunteer.id).where(Volunteer.on_duty)
    assert world.database.read(lambda session: session.scalars(on_duty).all()) == [whole.id]


def test_without_redis_one_station_that_takes_long_keeps_no_other_from_its_plan(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes while a job of the kind is under way is done right after it, and not left out tick after tick."""
    begun, go, both = threading.Event(), threading.Event(), threading.Event()
    planned: list[str] = []

    def plan(_shop: Shop, key: str) -> None:
        planned.append(key)
        begun.set()
        assert go.wait(30)
        if len(planned) > 1:
            both.set()

    monkeypatch.setitem(TABLE, Job.PLAN, plan)
    aside = Aside(shop)
    aside.run(Job.PLAN, "first")
    assert begun.wait(30)
    for _ in range(3):
        aside.run(Job.PLAN, "second")
    go.set()
    assert both.wait(30)
    assert planned == ["first", "second"]
