"""The table of jobs: the only names that can be run, one thin function each; each may run twice, or twice at once."""

from collections.abc import Callable, Mapping
from functools import partial
from uuid import UUID

from dispatcher.jobs import Job
from dispatcher.matching.planner import plan_station
from workers.shop import Shop


def plan(shop: Shop, key: str) -> None:
    """Plan the station named by its id."""
    shop.database.transact(partial(plan_station, station_id=UUID(key), settings=shop.settings))


def send(shop: Shop, _key: str) -> None:
    """Send every text that is due."""
    shop.sender.send_due()


def deliver(shop: Shop, _key: str) -> None:
    """Deliver all feedback that is due."""
    shop.deliverer.deliver_due()


TABLE: Mapping[Job, Callable[[Shop, str], None]] = {Job.PLAN: plan, Job.SEND: send, Job.DELIVER: deliver}
