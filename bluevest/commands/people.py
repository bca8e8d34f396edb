"""`bluevest roster import` and `bluevest officer add`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bluevest.commands.context import DataDir, opened, operator
from dispatcher.errors import BadInput

if TYPE_CHECKING:
    from dispatcher.model import Role
    from dispatcher.roster import ImportReport, Sheet
    from dispatcher.work import Work

_LONGEST_LINE = 8192

roster = typer.Typer(help="The people who can be asked to go to a door.")
officer = typer.Typer(help="The people who sign in at the console.")


@roster.command("import")
def import_roster_file(
    file: Annotated[Path, typer.Argument(help="csv or xlsx; needed columns: name, phone, station.")],
    data: DataDir = None,
) -> None:
    """Put the people of a file onto their stations' rosters, all or none.

    May be empty or missing: community, grid, lon, lat, crs, kind (vest, grid_worker, auxiliary, police, guard), team,
    skills (`;` between), on_duty. A known phone brings that person up to date; a missing column changes nothing.
    """
    from dispatcher.roster import read_roster

    with opened(data) as service:
        found = read_roster(file)
        report = service.database.transact(lambda work: _import(work, found, file.name))
    for note in found.notes:
        typer.echo(f"note: {note}")
    typer.echo(f"{report.added} people added, {report.changed} changed, {report.unchanged} unchanged")


def _import(work: "Work", found: "Sheet", name: str) -> "ImportReport":
    from dispatcher.roster import import_roster

    report = import_roster(work, found.rows)
    work.audit("roster.imported", actor=operator(), subject=name, added=report.added, changed=report.changed)
    return report


@officer.command("add")
def add_officer_of(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    station: Annotated[str, typer.Option(help="Code of the station, or of a place above stations.")],
    role: Annotated[str, typer.Option(help="duty, chief, admin, auditor or centre: what the officer may do.")],
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read it from stdin's first line.")] = False,
    data: DataDir = None,
) -> None:
    """Add an officer, who sees the place given and everything below it; the password has 15 characters or more."""
    from dispatcher.access.officers import add_officer

    if not password_stdin:
        raise BadInput("the password comes from stdin's first line: add --password-stdin", field="password")
    known_role = _role(role)
    with opened(data) as service:
        password = _first_line()
        service.database.transact(lambda work: add_officer(work, name, station, known_role, password))
    typer.echo(f"{name} may sign in")


def _role(text: str) -> "Role":
    from dispatcher.model import Role

    if text not in set(Role):
        raise BadInput(f"--role: must be one of {', '.join(Role)}", field="role")
    return Role(text)


def _first_line() -> str:
    line = sys.stdin.buffer.readline(_LONGEST_LINE)
    try:
        return line.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadInput("the password is not UTF-8 text", field="password") from None


def register(app: typer.Typer) -> None:
    """Put the commands into the command line."""
    app.add_typer(roster, name="roster")
    app.add_typer(officer, name="officer")
