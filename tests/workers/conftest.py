from collections.abc import Iterator

import pytest
from redis import Redis

from dispatcher.db import Database
from dispatcher.settings import Settings
from simulator.handset import Exchange
from tests import builders
from tests.conftest import FixedClock, RecordingWaker
from tests.tracking.world import World
from workers.shop import Shop
from workers.wakeups import RqWaker, connect


@pytest.fixture
def world(database: Database, settings: Settings, clock: FixedClock, waker: RecordingWaker) -> World:
    return World(database, settings, clock, waker, database.transact(builders.station))


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """An empty store of wake-ups."""
    client = connect(redis_url, timeout_s=10)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with Exchange() as running:
        yield running


@pytest.fixture
def shop(world: World, redis: Redis, redis_url: str, exchange: Exchange) -> Iterator[Shop]:
    """What a worker process has: nothing leaves it but through the exchange."""
    exchange.fault(never_report=True)
    settings = world.settings.model_copy(
        update={
            "redis_url": redis_url,
            "twilio_base_url": exchange.url,
            "twilio_account_sid": exchange.account_sid,
            "twilio_auth_token": exchange.auth_token,
            "twilio_from": exchange.number,
        }
    )
    made = Shop(settings, world.database, redis, RqWaker(redis))
    yield made
    made.deliverer.close()
