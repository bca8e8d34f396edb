from collections.abc import Iterator

import pytest

from dispatcher.db import Database
from dispatcher.settings import Settings
from simulator.handset import Exchange
from tests import builders
from tests.conftest import FixedClock, RecordingWaker
from tests.messaging.line import Line, hook_for
from tests.tracking.world import World


@pytest.fixture
def world(database: Database, settings: Settings, clock: FixedClock, waker: RecordingWaker) -> World:
    return World(database, settings, clock, waker, database.transact(builders.station))


@pytest.fixture
def line(world: World) -> Iterator[Line]:
    with hook_for(world) as hook, Exchange() as exchange:
        made = Line(world, exchange, hook)
        yield made
        made.close()
