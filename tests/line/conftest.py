"""One service a test: with places, volunteers on duty, a duty officer and a centre."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.handset import Exchange
from tests.line.service import RunningService, data_folder, foreign_provider


@pytest.fixture
def provider() -> Iterator[Exchange]:
    with foreign_provider() as exchange:
        yield exchange


@pytest.fixture
def data() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


@pytest.fixture
def service(data: Path, provider: Exchange) -> Iterator[RunningService]:
    """Running, with places; everything else is the story's."""
    with RunningService(data, provider) as running:
        running.command("demo-places")
        yield running
