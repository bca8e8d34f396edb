"""Where a backup is restored to: the database of a service that does not run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bluevest.embedded import EmbeddedPostgres
from bluevest.embedded.folder import PASSABLE, make_folder
from bluevest.environment import keys_file_needed
from bluevest.service import KEYS_FILE, data_directory, sole_use
from dispatcher.settings import Settings, load_settings


@contextmanager
def stopped_service(data: Path | None) -> Iterator[Settings]:
    """The settings with which `bluevest up` or the parts will start afterwards; its PostgreSQL runs inside the block.

    As for `up`, DATABASE_URL replaces the PostgreSQL in the data folder, and the keys lie in that folder unless the
    environment says otherwise. Raises OneLineError when a service runs with the folder or PostgreSQL does not start.
    """
    directory = data_directory(data)
    if os.environ.get("DATABASE_URL"):
        _name_keys(directory, always=data is not None)
        yield load_settings()
        return
    make_folder(directory, PASSABLE)
    _name_keys(directory, always=True)
    with sole_use(directory), EmbeddedPostgres(directory).running() as url:
        os.environ["DATABASE_URL"] = url
        yield load_settings()


def _name_keys(directory: Path, *, always: bool) -> None:
    """Say where the keys lie, when nothing else does."""
    place = directory / KEYS_FILE
    if keys_file_needed(os.environ) and (always or place.exists()):
        os.environ["BLUEVEST_KEYS_FILE"] = str(place)
