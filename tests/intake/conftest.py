import pytest

from dispatcher.db import Database
from tests.intake.world import Town, build_town


@pytest.fixture
def town(database: Database) -> Town:
    return build_town(database)
