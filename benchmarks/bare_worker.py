"""RQ and nothing else: `python -m benchmarks.bare_worker REDIS_URL` works on the queue `bench`.

A job says by the monotonic clock when it began; an empty one says nothing.
"""

import logging
import sys
import time
from functools import cache

from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

QUEUE, STARTED = "bench", "bench:started"


def started(number: int, redis_url: str) -> None:
    """The job that is timed."""
    at = time.monotonic()
    _redis(redis_url).rpush(STARTED, f"{number} {at!r}")


@cache
def _redis(redis_url: str) -> Redis:
    return Redis.from_url(redis_url)


def empty(_number: int) -> None:
    """A job that does nothing."""


def bare_queue(redis_url: str) -> Queue:
    """Where such jobs are put."""
    return Queue(QUEUE, connection=Redis.from_url(redis_url), serializer=JSONSerializer)


def main() -> None:
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    queue = bare_queue(sys.argv[1])
    SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer).work(logging_level="WARNING")


if __name__ == "__main__":
    main()
