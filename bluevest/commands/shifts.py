"""`bluevest shifts import`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bluevest.commands.context import DataDir, opened, operator

if TYPE_CHECKING:
    from dispatcher.roster import Sheet
    from dispatcher.roster.shift_import import PlanReport
    from dispatcher.work import Work

shifts = typer.Typer(help="Who is on duty when.")


@shifts.command("import")
def import_shifts_file(
    file: Annotated[Path, typer.Argument(help="csv or xlsx; columns: phone, days, from, until; first, last.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    data: DataDir = None,
) -> None:
    """Put the shifts of a file in the place of the plans of the people that it names, all or none.

    A row is a shift, a person may have several. `days`: mon-fri, 周一至周五, sat;sun, daily, 每天, a date like
    2026-04-29, or none for who shall have no plan any more. `from` and `until`: 20:00 until 04:00 ends on the next day.
    `first` and `last`: dates, may be empty. Duty follows at once; what is said by hand holds until the next boundary.
    """
    from dispatcher.roster.reading import read_sheet
    from dispatcher.roster.shift_import import compare_shifts
    from dispatcher.roster.shift_rows import SHIFTS

    with opened(data) as service:
        found = read_sheet(file, SHIFTS)
        if dry_run:
            report = service.database.read(lambda session: compare_shifts(session, found.rows))
        else:
            report = service.database.transact(lambda work: _import(work, found, file.name))
    for line in _told(found, report, dry_run=dry_run):
        typer.echo(line)


def _import(work: "Work", found: "Sheet", name: str) -> "PlanReport":
    from dispatcher.roster.shift_import import import_shifts

    report = import_shifts(work, found.rows)
    work.audit("shifts.imported", actor=operator(), subject=name, changed=len(report.changes))
    return report


def _told(found: "Sheet", report: "PlanReport", *, dry_run: bool) -> list[str]:
    """Notes on the file, with `--dry-run` a line a person, and the figures."""
    notes = [f"note: {note}" for note in found.notes]
    changes = [str(change) for change in report.changes] if dry_run else []
    would = " would be" if dry_run else ""
    return [*notes, *changes, f"{len(report.changes)} plans{would} changed, {report.unchanged} unchanged"]


def register(app: typer.Typer) -> None:
    """Put the commands into the command line."""
    app.add_typer(shifts, name="shifts")
