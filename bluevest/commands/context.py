"""What commands share: the keys of a process, a running service opened, and refusals in one line.

Imported by every command, so the parts it needs are imported when it opens something, not before.
"""

import getpass
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bluevest.errors import OneLineError, one_line
from dispatcher.errors import BadInput

if TYPE_CHECKING:
    from dispatcher.db import Database
    from dispatcher.protection.keys import KeyRing
    from dispatcher.settings import Settings

DataDir = Annotated[
    Path | None,
    typer.Option("--data", help="Data folder of the running service; else DATABASE_URL, BLUEVEST_DATA, var/bluevest."),
]


_NOT_THERE = frozenset({"42P01", "42703"})
"""SQLSTATE: undefined table, undefined column."""


@dataclass(frozen=True)
class OpenService:
    """A running service as a command sees it."""

    settings: "Settings"
    database: "Database"


def open_keys(settings: "Settings") -> "KeyRing":
    """Set this process's keys: BLUEVEST_KEYS, else BLUEVEST_KEYS_FILE, else the file the database remembers.

    Raises OneLineError when there are none, they cannot be used, or the database was written with others.
    """
    from dispatcher.db import Database, make_engine

    with one_line_refusals():
        engine = make_engine(settings, pool_size=1)
        try:
            return fitting_keys(settings, Database(engine))
        finally:
            engine.dispose()


def fitting_keys(settings: "Settings", database: "Database") -> "KeyRing":
    """The same with a database at hand; one that no keys were used on yet takes any."""
    from dispatcher.installation import is_fresh, remembered_keys_file, verify
    from dispatcher.protection.keys import KeyRing, use_keys

    if settings.keys:
        ring = KeyRing.from_json(settings.keys)
    else:
        file = settings.keys_file or database.read(remembered_keys_file)
        if file is None:
            raise OneLineError("no keys: set BLUEVEST_KEYS_FILE or BLUEVEST_KEYS")
        ring = KeyRing.load(file)
    if not database.read(is_fresh):
        database.read(lambda session: verify(session, ring))
    use_keys(ring)
    return ring


@contextmanager
def connected(data: Path | None) -> Iterator[OpenService]:
    """The running service that DATABASE_URL or `--data` names; its keys have not been looked at yet.

    Raises OneLineError for whatever goes wrong with its parts, inside too.
    """
    from bluevest.service import resolve
    from dispatcher.db import Database, make_engine
    from dispatcher.protection.logs import configure_logging
    from dispatcher.settings import load_settings
    from workers.wakeups import RqWaker, connect

    configure_logging("command", logging.CRITICAL)  # a command's stderr is for its one line
    resolve(data).apply()
    settings = load_settings()
    try:
        redis = connect(settings.redis_url)
    except ValueError as error:
        raise BadInput(f"setting REDIS_URL: {one_line(error)}", field="REDIS_URL") from None
    with redis, one_line_refusals():
        engine = make_engine(settings, pool_size=2)
        try:
            yield OpenService(settings, Database(engine, waker=RqWaker(redis)))
        finally:
            engine.dispose()


@contextmanager
def opened(data: Path | None) -> Iterator[OpenService]:
    """The same with its keys set, which personal data need."""
    with connected(data) as service:
        fitting_keys(service.settings, service.database)
        yield service


def operator() -> str:
    """Who runs this command, for the audit: the name of their account on this machine."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.geteuid())
    return f"command:{name}"


@contextmanager
def one_line_refusals() -> Iterator[None]:
    """Say what the keys and the database refuse in a line for people, as OneLineError."""
    from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

    from dispatcher.protection.errors import ProtectionError

    try:
        yield
    except ProtectionError as error:
        raise OneLineError(one_line(error)) from error
    except ArgumentError as error:
        raise OneLineError("setting DATABASE_URL: must be postgresql://user:password@host:port/name") from error
    except OperationalError as error:
        raise OneLineError(f"the database cannot be reached: {_said(error)}") from error
    except DBAPIError as error:
        missing = getattr(error.orig, "sqlstate", None) in _NOT_THERE
        what = "the database is not set up, run `bluevest migrate`" if missing else "the database refused"
        raise OneLineError(f"{what}: {_said(error)}") from error


def _said(error: BaseException) -> str:
    """What PostgreSQL said, its first line: the others point into statements."""
    text = str(getattr(error, "orig", None) or error)
    return one_line(ValueError(text.strip().partition("\n")[0]))
