from collections.abc import Iterator

import pytest

from dispatcher.db import Database
from dispatcher.settings import SecondFactor, Settings
from tests.access.world import World
from tests.web.live import Live, live
from tests.web.stops import Desk
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


@pytest.fixture
def zhang(world: World, desk: Live) -> Iterator[Desk]:
    """An officer who has a case in front of them."""
    world.officer("zhang")
    with desk.sign_in("zhang") as client:
        yield Desk(client, world.case(), world)
