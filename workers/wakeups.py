"""Wake-ups through RQ and nudges through Redis pub/sub; losing one loses nothing, the timekeeper finds the rows.

The Redis queue says "station 12 has work". It never holds an order: those wait in PostgreSQL.
"""

import queue
import threading
import time
from collections.abc import Mapping

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from dispatcher.jobs import Job, Waker

log = structlog.get_logger(__name__)

QUEUES: Mapping[Job, str] = {Job.PLAN: "dispatch", Job.SEND: "messages", Job.DELIVER: "feedback"}
FEED_CHANNEL = "bluevest:feed"
COALESCE_MS = 3000
REST_S = 1.0
JOB_TTL_S = 600


def connect(redis_url: str, *, timeout_s: float = 2.0) -> Redis:
    """A client that gives up soon and never repeats a command: a repeated `rpush` would be a doubled entry."""
    return Redis.from_url(
        redis_url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=Retry(NoBackoff(), 0)
    )


def wake_key(job: Job, key: str) -> str:
    """The mark that a wake-up is on its way: whoever starts the job removes it before looking at the database."""
    return f"bluevest:wake:{job}:{key}"


class RqWaker:
    """Wakes workers at once. After a failure Redis is left alone for a second, so that nobody waits for it twice."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._queues = {job: Queue(name, connection=redis, serializer=JSONSerializer) for job, name in QUEUES.items()}
        self._rest_until = 0.0

    def wake(self, job: Job, key: str = "") -> bool:
        """Enqueue the job unless it waits already; False when Redis is away."""
        if time.monotonic() < self._rest_until:
            return False
        try:
            if self._redis.set(wake_key(job, key), 1, nx=True, px=COALESCE_MS):
                self._queues[job].enqueue_call(
                    job.value, args=(key,), timeout=JOB_TTL_S, ttl=JOB_TTL_S, result_ttl=0, failure_ttl=60
                )
        except RedisError as error:
            self._rest(error)
            return False
        return True

    def nudge(self, station_id: str) -> None:
        """Tell the hubs; they look by themselves when they are not told."""
        if time.monotonic() < self._rest_until:
            return
        try:
            self._redis.publish(FEED_CHANNEL, station_id)
        except RedisError as error:
            self._rest(error)

    def _rest(self, error: RedisError) -> None:
        self._rest_until = time.monotonic() + REST_S
        log.warning("redis_away", error=type(error).__name__)


class BackgroundWaker:
    """Hands wake-ups to a thread, so that a request never waits for Redis; what a full queue drops the sweep finds."""

    def __init__(self, waker: Waker, most: int = 10_000) -> None:
        self._waker = waker
        self._waiting: queue.Queue[tuple[Job | None, str]] = queue.Queue(most)
        threading.Thread(target=self._run, name="wake", daemon=True).start()

    def wake(self, job: Job, key: str = "") -> bool:
        """Pass it on; False when too many wait."""
        return self._put(job, key)

    def nudge(self, station_id: str) -> None:
        """Pass it on."""
        self._put(None, station_id)

    def _put(self, job: Job | None, key: str) -> bool:
        try:
            self._waiting.put_nowait((job, key))
        except queue.Full:
            return False
        return True

    def _run(self) -> None:
        while True:
            batch = {self._waiting.get(): None}
            while not self._waiting.empty():
                batch[self._waiting.get()] = None
            for job, key in batch:
                if job is None:
                    self._waker.nudge(key)
                else:
                    self._waker.wake(job, key)
