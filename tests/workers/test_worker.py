"""What a worker runs: names of one table and nothing else, whatever Redis holds."""

import os
import pickle
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Callback, Queue, SimpleWorker
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty

from dispatcher.errors import BadInput
from dispatcher.jobs import Job
from dispatcher.lifecycle import OfferState
from dispatcher.model import Offer
from simulator.handset import Exchange
from tests.tracking.world import World
from workers import worker as worker_module
from workers.shop import Shop
from workers.wakeups import QUEUES, RqWaker, wake_key
from workers.worker import TableJob, run_named, run_worker

Work = Callable[[str], None]


@pytest.fixture
def work(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """Run a real worker on a queue until the queue is empty; signals and timers stay with the tests."""
    forever = SimpleWorker.work

    def until_empty(self: SimpleWorker, **settings: Any) -> bool:
        return forever(self, burst=True, **settings)

    monkeypatch.setattr(SimpleWorker, "work", until_empty)
    monkeypatch.setattr(SimpleWorker, "_install_signal_handlers", lambda _self: None)
    monkeypatch.setattr(SimpleWorker, "death_penalty_class", TimerDeathPenalty)
    monkeypatch.setattr(worker_module, "start_heartbeat", lambda _database, _part: None)
    yield lambda queue: run_worker(shop, queue)
    worker_module._OpenShop.shop = None


def put(redis: Redis, name: str, *args: object, **options: Any) -> RqJob:
    """A job as anybody could put it there who can write to Redis."""
    return Queue(QUEUES[Job.SEND], connection=redis, serializer=JSONSerializer).enqueue_call(
        name, args=args, failure_ttl=60, **options
    )


def fate(redis: Redis, job: RqJob) -> str:
    return str(RqJob.fetch(job.id, connection=redis, serializer=JSONSerializer).get_status().value)


def test_an_order_goes_from_wake_up_to_text(
    world: World, shop: Shop, redis: Redis, work: Work, exchange: Exchange
) -> None:
    person, case = world.person(), world.case()
    shop.waker.wake(Job.PLAN, str(world.station.id))
    work("dispatch")
    offer = world.live(person)
    assert offer.case_id == case.id
    assert not redis.exists(wake_key(Job.PLAN, str(world.station.id)))

    shop.waker.wake(Job.SEND)
    work("messages")
    exchange.phone(person.phone).expect_sms(offer.code)
    assert world.of(offer).state == OfferState.SENT


def test_a_job_may_run_twice(world: World, redis: Redis, work: Work, exchange: Exchange) -> None:
    person = world.person()
    world.case()
    for _ in range(2):
        redis.flushall()
        RqWaker(redis).wake(Job.PLAN, str(world.station.id))
        work("dispatch")
        RqWaker(redis).wake(Job.SEND)
        work("messages")
    assert len(exchange.texts(person.phone)) == 1


def test_a_name_that_is_not_in_the_table_is_refused(redis: Redis, work: Work, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    jobs = [put(redis, "os.system", f"touch {trace}"), put(redis, "workers.table.send", ""), put(redis, "")]
    work("messages")
    assert not trace.exists()
    assert [fate(redis, job) for job in jobs] == ["failed"] * len(jobs)


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module that must not be imported, for importing it is running it."""
    (tmp_path / "sprung_trap.py").write_text("def spring(*args, **kwargs):\n    return 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "sprung_trap"
    sys.modules.pop("sprung_trap", None)


def test_nothing_that_a_job_names_is_imported(redis: Redis, work: Work, trap: str, exchange: Exchange) -> None:
    named = put(redis, f"{trap}.spring")
    callback = Callback(f"{trap}.spring")
    good = put(redis, "send", "", on_success=callback, on_failure=callback, on_stopped=callback, result_ttl=60)
    bad = put(redis, "plan", "no station", on_success=callback, on_failure=callback, on_stopped=callback)
    work("messages")

    assert [fate(redis, job) for job in (named, good, bad)] == ["failed", "finished", "failed"]
    assert trap not in sys.modules


def test_the_trap_would_have_caught_a_plain_worker(redis: Redis, trap: str) -> None:
    job = put(redis, f"{trap}.spring")
    with pytest.raises(BadInput, match="no such job"):
        _ = TableJob.fetch(job.id, connection=redis, serializer=JSONSerializer).func
    assert trap not in sys.modules
    assert RqJob.fetch(job.id, connection=redis, serializer=JSONSerializer).func() == 1
    assert trap in sys.modules


class Bomb:
    """What runs a command when it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (self.command,)


def test_a_pickle_is_never_opened(redis: Redis, work: Work, tmp_path: Path, exchange: Exchange) -> None:
    trace = tmp_path / "trace"
    job = put(redis, "send", "")
    redis.hset(f"rq:job:{job.id}", "data", zlib.compress(pickle.dumps(("send", None, [Bomb(f"touch {trace}")], {}))))
    good = put(redis, "send", "", result_ttl=60)
    work("messages")
    assert not trace.exists()
    assert fate(redis, good) == "finished"


def test_a_failed_job_is_followed_by_the_next(world: World, redis: Redis, work: Work, exchange: Exchange) -> None:
    put(redis, "plan", "no station")
    person, case = world.person(), world.case()
    offer = world.ask(case, person)
    assert isinstance(offer, Offer)
    good = put(redis, "send", "", result_ttl=60)
    work("messages")
    assert fate(redis, good) == "finished"


def test_a_queue_that_is_none_is_named(shop: Shop) -> None:
    with pytest.raises(BadInput, match="no such queue: texts; there are dispatch, feedback, messages"):
        run_worker(shop, "texts")


def test_jobs_run_in_a_worker_process_only() -> None:
    with pytest.raises(RuntimeError, match="worker process"):
        run_named(Job.SEND)("")
