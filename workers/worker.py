"""A worker process: RQ's SimpleWorker on one queue, running nothing that is not in the table."""

import logging
from collections.abc import Callable
from typing import Any

from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer

from dispatcher.errors import BadInput
from dispatcher.jobs import Job
from workers.heartbeat import start_heartbeat
from workers.shop import Shop
from workers.table import TABLE
from workers.wakeups import QUEUES, connect, wake_key

WORKER_TTL_S = 30
BLOCK_S = 40.0


class TableJob(RqJob):
    """A job by a name of the table; no callable, here or in callbacks, is ever imported from what Redis holds."""

    @property
    def func(self) -> Callable[..., Any]:
        """The job's function.

        Raises BadInput for a name that is not in the table.
        """
        try:
            return run_named(Job(self.func_name or ""))
        except ValueError:
            raise BadInput(f"no such job: {self.func_name!r}") from None

    success_callback = None
    failure_callback = None
    stopped_callback = None


class _OpenShop:
    """RQ hands a job nothing of ours, so the process keeps its shop here."""

    shop: Shop | None = None


def run_named(job: Job) -> Callable[[str], None]:
    """The table's function with the mark of its wake-up removed first, so that later changes wake it again."""

    def run(key: str) -> None:
        shop = _OpenShop.shop
        if shop is None:
            raise RuntimeError("jobs run in a worker process only")
        shop.redis.delete(wake_key(job, key))
        TABLE[job](shop, key)

    return run


def run_worker(shop: Shop, queue: str) -> None:
    """Work on one queue until SIGTERM.

    Raises BadInput for a queue that is none; RedisError when Redis went away, so that the supervisor starts it again.
    """
    if queue not in QUEUES.values():
        raise BadInput(f"no such queue: {queue}; there are {', '.join(sorted(QUEUES.values()))}", field="queue")
    _OpenShop.shop = shop
    start_heartbeat(shop.database, f"worker {queue}")
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    redis = connect(shop.settings.redis_url, timeout_s=BLOCK_S)
    worker = SimpleWorker(
        [Queue(queue, connection=redis, serializer=JSONSerializer, job_class=TableJob)],
        connection=redis,
        serializer=JSONSerializer,
        job_class=TableJob,
        worker_ttl=WORKER_TTL_S,
        maintenance_interval=60,
        log_job_description=False,
    )
    try:
        worker.work(logging_level="WARNING")
    except RedisError as error:
        raise SystemExit(f"redis is away: {type(error).__name__}") from None
