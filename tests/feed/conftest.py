import pytest

from dispatcher.db import Database
from tests.access.world import World


@pytest.fixture
def world(database: Database) -> World:
    return World(database)
