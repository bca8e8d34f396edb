import pytest

from dispatcher.db import Database
from tests import builders
from tests.conftest import FixedClock
from tests.freezes.desk import Desk


@pytest.fixture
def desk(database: Database, clock: FixedClock) -> Desk:
    return Desk(database, clock, database.transact(builders.station))
