"""Wake-ups through a real Valkey: few, by name, and nobody waits for them."""

import threading
import time
from collections.abc import Callable

import pytest
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from dispatcher.jobs import Job
from workers.wakeups import FEED_CHANNEL, QUEUES, BackgroundWaker, RqWaker, connect, wake_key

NOBODY = "redis://127.0.0.1:1/0"


def waiting(redis: Redis, job: Job) -> list[tuple[str | None, list[str]]]:
    """Names and arguments of the jobs in the queue."""
    queue = Queue(QUEUES[job], connection=redis, serializer=JSONSerializer)
    return [(waits.func_name, list(waits.args)) for waits in queue.get_jobs()]


def test_a_hundred_wakings_are_one_job(redis: Redis) -> None:
    waker = RqWaker(redis)
    assert all(waker.wake(Job.PLAN, "12") for _ in range(100))
    assert waiting(redis, Job.PLAN) == [("plan", ["12"])]


def test_each_station_and_each_job_has_its_own(redis: Redis) -> None:
    waker = RqWaker(redis)
    for job, key in [(Job.PLAN, "12"), (Job.PLAN, "13"), (Job.SEND, ""), (Job.PLAN, "12")]:
        assert waker.wake(job, key)
    assert waiting(redis, Job.PLAN) == [("plan", ["12"]), ("plan", ["13"])]
    assert waiting(redis, Job.SEND) == [("send", [""])]


def test_a_job_that_has_begun_is_woken_again_for_what_came_later(redis: Redis) -> None:
    waker = RqWaker(redis)
    waker.wake(Job.SEND)
    redis.delete(wake_key(Job.SEND, ""))
    waker.wake(Job.SEND)
    assert len(waiting(redis, Job.SEND)) == 2


def test_a_mark_without_a_job_does_not_last(redis: Redis) -> None:
    RqWaker(redis).wake(Job.SEND)
    assert 0 < redis.pttl(wake_key(Job.SEND, "")) <= 3000


def test_a_nudge_names_the_station_to_whoever_listens(redis: Redis) -> None:
    with redis.pubsub() as ear:  # type: ignore[no-untyped-call]
        ear.subscribe(FEED_CHANNEL)
        assert ear.get_message(timeout=10)["type"] == "subscribe"
        RqWaker(redis).nudge("station-12")
        assert ear.get_message(timeout=10)["data"] == b"station-12"


def test_redis_away_is_said_and_then_left_alone_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    away = connect(NOBODY)
    tries: list[str] = []
    waker = RqWaker(away)

    def refuse(command: str, *_args: object, **_options: object) -> None:
        tries.append(command)
        raise RedisError("refused")

    monkeypatch.setattr(away, "execute_command", refuse)

    assert not waker.wake(Job.PLAN, "12")
    assert not waker.wake(Job.PLAN, "13")
    waker.nudge("station-12")
    assert tries == ["SET"]


def test_redis_that_is_back_is_used_again(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    waker = RqWaker(redis)
    waker._rest_until = time.monotonic() + 3600
    assert not waker.wake(Job.SEND)
    waker._rest_until = 0
    assert waker.wake(Job.SEND)


class Stuck:
    """A waker that does not come back until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.began = threading.Event()
        self.woken: list[tuple[Job, str]] = []
        self.nudged: list[str] = []

    def wake(self, job: Job, key: str = "") -> bool:
        self.began.set()
        assert self.go.wait(20)
        self.woken.append((job, key))
        return True

    def nudge(self, station_id: str) -> None:
        self.nudged.append(station_id)


def test_a_request_never_waits_for_redis_and_a_full_queue_drops() -> None:
    stuck = Stuck()
    waker = BackgroundWaker(stuck, most=3)
    assert waker.wake(Job.PLAN, "first")
    assert stuck.began.wait(20)
    passed_on = [waker.wake(Job.PLAN, str(n)) for n in range(5)]
    waker.nudge("dropped, and nobody is held up")

    assert passed_on == [True, True, True, False, False]
    assert stuck.woken == []
    stuck.go.set()
    wait_for(lambda: len(stuck.woken) == 4)
    assert [key for _, key in stuck.woken] == ["first", "0", "1", "2"]


def test_the_same_wake_up_waiting_twice_is_passed_on_once() -> None:
    stuck = Stuck()
    waker = BackgroundWaker(stuck)
    waker.wake(Job.PLAN, "first")
    assert stuck.began.wait(20)
    for _ in range(50):
        waker.wake(Job.SEND)
        waker.nudge("12")
    stuck.go.set()
    wait_for(lambda: len(stuck.nudged) == 1 and len(stuck.woken) == 2)
    waker.wake(Job.PLAN, "last")
    wait_for(lambda: len(stuck.woken) == 3)
    assert stuck.woken == [(Job.PLAN, "first"), (Job.SEND, ""), (Job.PLAN, "last")]
    assert stuck.nudged == ["12"]


def wait_for(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < give_up, "it never came about"
        time.sleep(0.01)
