"""Shift plans from the command line."""

from pathlib import Path

from sqlalchemy import func, select

from dispatcher.db import Database
from dispatcher.model import AuditEntry, Shift
from tests.commands.conftest import Shell, refusal
from tests.roster.files import csv_text, saved

HEADER = "phone,days,from,until,first,last"


def roster(shell: Shell, folder: Path) -> None:
    shell.ok("demo-places")
    people = csv_text("王一,13800000001,440306-LT", "李二,13800000002,440306-LT", header="name,phone,station")
    shell.ok("roster", "import", str(saved(folder, "roster.csv", people)))


def shifts(database: Database) -> int:
    return database.read(lambda session: session.scalar(select(func.count()).select_from(Shift)) or 0)


def test_a_plan_is_looked_at_then_brought_in_then_brought_in_again(
    shell: Shell, database: Database, tmp_path: Path
) -> None:
    roster(shell, tmp_path)
    rows = ("13800000001,周一至周五,20:00,04:00,,", "13800000002,2026-04-29,20:00,04:00,,")
    file = str(saved(tmp_path, "排班.csv", csv_text(*rows, header=HEADER)))

    assert shell.ok("shifts", "import", file, "--dry-run").splitlines() == [
        "138****0001: no shifts → mon-fri 20:00-04:00",
        "138****0002: no shifts → 2026-04-29 20:00-04:00",
        "2 plans would be changed, 0 unchanged",
    ]
    assert shifts(database) == 0

    assert shell.ok("shifts", "import", file) == "2 plans changed, 0 unchanged\n"
    assert shell.ok("shifts", "import", file) == "0 plans changed, 2 unchanged\n"
    assert shifts(database) == 2
    audit = database.read(lambda session: session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all())
    assert [(entry.act, entry.details) for entry in audit[2:]] == [
        ("shifts.imported", {"changed": 2}),
        ("shifts.imported", {"changed": 0}),
    ]
    assert audit[2].actor.startswith("command:")
    assert audit[2].subject == "排班.csv"


def test_every_mistake_stands_in_the_one_line_and_nothing_is_imported(
    shell: Shell, database: Database, tmp_path: Path
) -> None:
    roster(shell, tmp_path)
    rows = ("13800000001,mon,20:00,04:00,,", "13800000001,monday?,8,04:00,,", "13800000009,mon,20:00,04:00,,")
    file = str(saved(tmp_path, "plan.csv", csv_text(*rows, header=HEADER)))
    line = (
        "row 3, days: 'monday?' is no day: write mon-fri, 周一至周五, sat;sun, daily, 每天, a date like 2026-04-29, or none; "
        "row 3, from: '8' is not a time like 20:00; row 4, phone: nobody on a roster has this number"
    )
    assert refusal(shell.child("shifts", "import", file)) == line
    assert shell.refused("shifts", "import", file, "--dry-run") == line
    assert shifts(database) == 0


def test_a_file_that_is_none_gets_one_line(shell: Shell, tmp_path: Path) -> None:
    assert "No such file" in shell.refused("shifts", "import", "missing.csv")
    assert "must name the columns" in shell.refused("shifts", "import", str(saved(tmp_path, "x.csv", "1,2\n")))


def test_what_was_passed_over_is_said(shell: Shell, tmp_path: Path) -> None:
    roster(shell, tmp_path)
    file = saved(tmp_path, "p.csv", csv_text("王一,13800000001,每天,8:00,24:00", header="name,phone,days,from,until"))
    assert shell.ok("shifts", "import", str(file)).splitlines() == [
        "note: columns passed over: name",
        "1 plans changed, 0 unchanged",
    ]
