"""`bluevest check` and `bluevest keys rotate`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from bluevest.commands.context import DataDir, OpenService, connected, fitting_keys, opened, operator
from bluevest.errors import OneLineError, one_line

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

keys = typer.Typer(help="The keys that personal data are encrypted with.")


@keys.command("rotate")
def rotate_keys(
    finish: Annotated[bool, typer.Option("--finish", help="Add no key, only write anew what is left.")] = False,
    data: DataDir = None,
) -> None:
    """Add a key, and write every encrypted value anew with it.

    The service may go on running: on this machine its processes notice that the key file was replaced. Parts on other
    machines cannot read what is written with the new key until they have the new file: stop them first, hand it to
    them, start them again. Keys in BLUEVEST_KEYS cannot be rotated here. Old keys stay on the ring: backups need them.
    """
    from dispatcher.model import Base
    from dispatcher.protection.keys import current_keys
    from dispatcher.protection.rotation import count_stale

    with opened(data) as service:
        ring = current_keys()
        new = ring.current if finish else ring.add_key()
        service.database.transact(lambda work: work.audit("keys.rotated", actor=operator(), key=new, finish=finish))
        done = _rewrite(service)
        left = count_stale(service.database.engine, Base.metadata, ring)
    rest = f", {left} left that were in use: run this again with --finish" if left else ""
    typer.echo(f"key {new} is in use; {done} values written anew{rest}")


def _rewrite(service: OpenService) -> int:
    """Write old values anew, with a bar on stderr where that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    from dispatcher.model import Base
    from dispatcher.protection.keys import current_keys
    from dispatcher.protection.rotation import count_stale, rotate

    engine, ring = service.database.engine, current_keys()
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("values", total=count_stale(engine, Base.metadata, ring))
        return rotate(engine, Base.metadata, ring, progress=lambda _, done: bar.update(task, completed=done))


def check(data: DataDir = None) -> None:
    """Look whether settings, schema, keys and stores fit together; the first problem ends it with exit code 2."""
    with connected(data) as service:
        typer.echo("ok  settings")
        for name, look in _LOOKS:
            typer.echo(f"ok  {name}: {look(service)}")


def _schema(service: OpenService) -> str:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from dispatcher import migrations

    with service.database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    newest = ScriptDirectory.from_config(migrations.config()).get_current_head()
    if current != newest:
        raise OneLineError(f"the schema is at {current or 'nothing'}, newest is {newest}: run `bluevest migrate`")
    return str(current)


def _keys(service: OpenService) -> str:
    from dispatcher.installation import verify

    ring = fitting_keys(service.settings, service.database)
    service.database.read(lambda session: verify(session, ring))
    return f"{ring.current} is in use"


def _redis(service: OpenService) -> str:
    from redis.exceptions import RedisError

    from workers.wakeups import connect

    try:
        with connect(service.settings.redis_url) as redis:
            redis.ping()
    except (RedisError, ValueError) as error:
        raise OneLineError(f"Redis cannot be reached: {one_line(error)}") from None
    return "reached"


def _rows(service: OpenService) -> str:
    return service.database.read(_counted)


def _counted(session: "Session") -> str:
    from sqlalchemy import func, select

    from dispatcher.model import Officer, Place, PlaceKind, Source, Volunteer

    counts = (
        ("stations", select(func.count()).select_from(Place).where(Place.kind == PlaceKind.STATION)),
        ("people on rosters", select(func.count()).select_from(Volunteer).where(Volunteer.active)),
        ("officers", select(func.count()).select_from(Officer).where(Officer.active)),
        ("sources", select(func.count()).select_from(Source)),
    )
    return ", ".join(f"{session.scalar(count)} {name}" for name, count in counts)


_LOOKS: tuple[tuple[str, Callable[[OpenService], str]], ...] = (
    ("schema", _schema),
    ("keys", _keys),
    ("redis", _redis),
    ("rows", _rows),
)


def register(app: typer.Typer) -> None:
    """Put the commands into the command line."""
    app.command()(check)
    app.add_typer(keys, name="keys")
