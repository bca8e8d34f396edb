"""`bluevest backup` and `bluevest restore`."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bluevest.commands.context import DataDir, connected, one_line_refusals, operator

_MB = 1_000_000


def backup(
    file: Annotated[Path, typer.Argument(help="the file to make; it must not be there yet")], data: DataDir = None
) -> None:
    """Write the whole database into one file while the service runs.

    The file is readable by its owner alone. Personal data in it are encrypted; the keys are not in it: keep a copy of
    the key file elsewhere, for without it nobody can read the backup, and with both anybody can.
    """
    from bluevest.backup.dump import make_backup

    with connected(data) as service:
        service.database.transact(lambda work: work.audit("database.backup", actor=operator(), file=file.name))
        with _bar("backing up") as progress:
            size = make_backup(service.settings.libpq_url, file, progress)
    typer.echo(f"{file}: {size / _MB:.1f} MB, read back and found whole; the keys are not in it")


def restore(
    file: Annotated[Path, typer.Argument(help="a file that `bluevest backup` made")],
    keys: Annotated[
        Path | None, typer.Option(help="A copy of the key file, put in place when the target has none.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Data folder for `bluevest up`; DATABASE_URL replaces its PostgreSQL.")
    ] = None,
) -> None:
    """Fill an empty database from a backup; no part of the service may be running with it.

    All of it or nothing: whatever goes wrong, the database stays as it was. Every officer signs in anew, every console
    starts from a snapshot, and texts that were on their way when the backup was made are not sent again.
    """
    from bluevest.backup.restore import restore_backup
    from bluevest.backup.target import stopped_service
    from dispatcher.protection.logs import configure_logging

    configure_logging("command", logging.CRITICAL)  # a command's stderr is for its one line
    with stopped_service(data) as settings, one_line_refusals(), _bar("restoring") as progress:
        done = restore_backup(settings, file, keys, actor=operator(), progress=progress)
    settled = done.settled
    typer.echo(
        f"{file} is restored, as of {done.content.made_at}: {settled.texts} texts on their way are not sent again, "
        f"{settled.offers} offers ended, {settled.tasks} late tasks left to the officer, "
        f"{settled.sessions} sign-ins ended"
    )


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int], None]]:
    """A line on stderr with the bytes done, where that is a terminal."""
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, SpinnerColumn, TextColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), DownloadColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done: bar.update(task, completed=done)


def register(app: typer.Typer) -> None:
    """Put the commands into the command line."""
    for command in (backup, restore):
        app.command()(command)
