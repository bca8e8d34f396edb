"""`bluevest policy show`, `check` and `set`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bluevest.commands.context import DataDir, connected, operator

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from dispatcher.work import Work

policy = typer.Typer(help="Whom a station asks, how many at once, how long its clocks run, what its levels are called.")
Station = Annotated[str, typer.Argument(help="The station's code.")]
PolicyFile = Annotated[Path | None, typer.Argument(help="YAML or JSON; stdin when left out.")]


@policy.command("show")
def show_policy(
    station: Station,
    own: Annotated[bool, typer.Option("--own", help="Only the station's own values.")] = False,
    data: DataDir = None,
) -> None:
    """Print the policy that holds at a station as JSON: the defaults with its own values laid over them."""
    from dispatcher.places import find_station
    from dispatcher.policy import read_policy

    with connected(data) as service:
        overrides = service.database.read(lambda session: find_station(session, station).policy)
        shown = (overrides or {}) if own else read_policy(overrides).model_dump(mode="json")
    typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))


@policy.command("check")
def check_policy(station: Station, file: PolicyFile = None, data: DataDir = None) -> None:
    """Say what a file would change at a station, a line a value, and change nothing."""
    with connected(data) as service:
        overrides = _read(file)
        told = service.database.read(lambda session: _changes(session, station, overrides))
    typer.echo("\n".join(told) or f"{station}: nothing would change")


@policy.command("set")
def set_policy(station: Station, file: PolicyFile = None, data: DataDir = None) -> None:
    """Put a station's own values in the place of its earlier ones; `{}` goes back to the defaults."""
    with connected(data) as service:
        overrides = _read(file)
        told = service.database.transact(lambda work: _set(work, station, overrides))
    typer.echo("\n".join(told) or f"{station}: nothing has changed")


def _changes(session: "Session", code: str, overrides: dict[str, Any]) -> list[str]:
    from dispatcher.places import find_station
    from dispatcher.policy import read_policy
    from dispatcher.policy_file import changes

    return changes(read_policy(find_station(session, code).policy), read_policy(overrides))


def _set(work: "Work", code: str, overrides: dict[str, Any]) -> list[str]:
    from dispatcher.jobs import Job
    from dispatcher.places import find_station

    told = _changes(work.session, code, overrides)
    station = find_station(work.session, code)
    before = station.policy
    station.policy = overrides or None
    work.audit("policy.set", actor=operator(), subject=code, before=before, after=station.policy)
    work.wake(Job.PLAN, station.id)
    return told


def _read(file: Path | None) -> dict[str, Any]:
    """Every mistake goes to stderr as `FILE: line N: …`, and the command ends with code 2."""
    from dispatcher.policy_file import MOST_CHARACTERS, Mistakes, read_policy_file

    with file.open("rb") if file else sys.stdin.buffer as opened_file:
        content = opened_file.read(MOST_CHARACTERS + 1)
    try:
        return read_policy_file(content)
    except Mistakes as wrong:
        for mistake in wrong.found:
            typer.echo(f"{file or 'stdin'}: {mistake}", err=True)
        raise typer.Exit(2) from None


def register(app: typer.Typer) -> None:
    """Put the commands into the command line."""
    app.add_typer(policy, name="policy")
