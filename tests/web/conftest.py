from collections.abc import Iterator

import pytest

from dispatcher.db import Database
from dispatcher.settings import SecondFactor, Settings
from tests.access.world import World
from tests.web.live import Live, live
from web.app import Surface, create_app
from web.services import Services


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
def optional(settings: Settings) -> Settings:
    """As the demo runs: a second factor may be missing."""
    return settings.model_copy(update={"second_factor": SecondFactor.OPTIONAL})


@pytest.fixture
def desk(optional: Settings, database: Database) -> Iterator[Live]:
    with live(create_app(Services(optional, database), Surface.ALL, redis_url=None)) as running:
        yield running
