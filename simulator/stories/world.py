"""Where a running demonstration's doors are, and a stage on them."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from simulator.centre import Centre
from simulator.handset import Exchange
from simulator.officer import Officer
from simulator.stories.stage import Stage


@dataclass(frozen=True)
class World:
    """Addresses and credentials: the centre's source with its secret, and the officers as name → password."""

    service_url: str
    exchange_url: str
    source: str
    secret: str = field(repr=False)
    station: str
    officers: Mapping[str, str] = field(repr=False)


@contextmanager
def open_stage(world: World, stop: threading.Event | None = None) -> Iterator[Stage]:
    """A stage on these doors; officers sign in when they first act."""
    with ExitStack() as doors:
        officers = [doors.enter_context(Officer(world.service_url, *one)) for one in world.officers.items()]
        centre = doors.enter_context(Centre(world.service_url, world.source, world.secret))
        exchange = doors.enter_context(Exchange.attach(world.exchange_url))
        yield Stage(centre, exchange, officers, station=world.station, stop=stop)
