import pytest

from dispatcher.db import Database
from dispatcher.settings import Settings
from tests import builders
from tests.conftest import FixedClock, RecordingWaker
from tests.freezes.desk import Desk
from tests.tracking.world import World


@pytest.fixture
def desk(database: Database, clock: FixedClock) -> Desk:
    return Desk(database, clock, database.transact(builders.station))


@pytest.fixture
def world(desk: Desk, settings: Settings, waker: RecordingWaker) -> World:
    """The same station, as the stories of replies see it."""
    return World(desk.database, settings, desk.clock, waker, desk.station)
