"""`bluevest policy show` and `bluevest policy set`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from bluevest.commands.context import DataDir, connected, operator
from dispatcher.errors import BadInput

if TYPE_CHECKING:
    from dispatcher.work import Work

_MOST_CHARACTERS = 1024 * 1024

policy = typer.Typer(help="Whom a station asks, how many at once, and how long its clocks run.")
Station = Annotated[str, typer.Argument(help="The station's code.")]


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


@policy.command("set")
def set_policy(
    station: Station,
    file: Annotated[Path | None, typer.Argument(help="JSON; stdin when left out.")] = None,
    data: DataDir = None,
) -> None:
    """Put a station's own values in the place of its earlier ones; `{}` goes back to the defaults."""
    with connected(data) as service:
        overrides = _read(file)
        service.database.transact(lambda work: _set(work, station, overrides))
    typer.echo(f"{station}: {len(overrides)} groups of values set" if overrides else f"{station}: defaults")


def _set(work: "Work", code: str, overrides: dict[str, Any]) -> None:
    from dispatcher.jobs import Job
    from dispatcher.places import find_station
    from dispatcher.policy import read_policy

    read_policy(overrides)
    station = find_station(work.session, code)
    before = station.policy
    station.policy = overrides or None
    work.audit("policy.set", actor=operator(), subject=code, before=before, after=station.policy)
    work.wake(Job.PLAN, station.id)


def _read(file: Path | None) -> dict[str, Any]:
    where = str(file) if file else "stdin"
    try:
        with file.open("rb") if file else sys.stdin.buffer as opened_file:
            found = json.loads(opened_file.read(_MOST_CHARACTERS), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{where}: not JSON: {error}") from None
    if not isinstance(found, dict):
        raise BadInput(f"{where}: must be a JSON object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def register(app: typer.Typer) -> None:
    """Put the commands into the command line."""
    app.add_typer(policy, name="policy")
