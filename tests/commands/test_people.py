"""Rosters and officers from the command line."""

from pathlib import Path

from sqlalchemy import func, select

from dispatcher.access.passwords import verify_password
from dispatcher.db import Database
from dispatcher.model import AuditEntry, Officer, Role, Volunteer
from tests.commands.conftest import Shell, refusal
from tests.roster.files import csv_text, saved, xlsx_bytes

PASSWORD = "four words are long enough"


def people(database: Database) -> int:
    return database.read(lambda session: session.scalar(select(func.count()).select_from(Volunteer)) or 0)


def test_a_station_gets_its_people_from_a_spreadsheet(shell: Shell, database: Database, tmp_path: Path) -> None:
    shell.ok("demo-places")
    row = ["王一", 13800000001, "440306-LT", "桃源社区", None, 113.8712, 22.5741, "gcj02", "蓝马甲", None, "粤语", "是"]
    file = saved(tmp_path, "花名册.xlsx", xlsx_bytes(row))

    assert shell.ok("roster", "import", str(file)) == "1 people added, 0 changed, 0 unchanged\n"
    assert shell.ok("roster", "import", str(file)) == "0 people added, 0 changed, 1 unchanged\n"

    wang = database.read(lambda session: session.scalars(select(Volunteer)).one())
    assert (wang.name, wang.phone, wang.on_duty) == ("王一", "+8613800000001", True)
    audit = database.read(lambda session: session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all())
    assert [entry.act for entry in audit] == ["places.seeded", "roster.imported", "roster.imported"]
    assert audit[1].actor.startswith("command:")
    assert audit[1].subject == "花名册.xlsx"


def test_every_bad_row_stands_in_the_one_line_and_nobody_is_imported(
    shell: Shell, database: Database, tmp_path: Path
) -> None:
    shell.ok("demo-places")
    rows = ["王一,13800000001,440306-LT", "=cmd(),12,440306-LT", "李二,13800000002,nowhere"]
    file = saved(tmp_path, "r.csv", csv_text(*rows, header="name,phone,station"))

    assert refusal(shell.child("roster", "import", str(file))) == (
        "row 3, name: a formula, or a text that begins like one (=): write its result; "
        "row 3, phone: not a phone number; row 4, station: there is no station 'nowhere'"
    )
    assert people(database) == 0


def test_what_was_passed_over_is_said(shell: Shell, tmp_path: Path) -> None:
    shell.ok("demo-places")
    text = csv_text("王一,13800000001,440306-LT,41", header="name,phone,station,age")
    file = saved(tmp_path, "r.csv", text.encode("gb18030"))
    assert shell.ok("roster", "import", str(file)).splitlines() == [
        "note: the file is not UTF-8, it was read as GB18030",
        "note: columns passed over: age",
        "1 people added, 0 changed, 0 unchanged",
    ]


def test_a_file_that_is_none_gets_one_line(shell: Shell, tmp_path: Path) -> None:
    assert "No such file" in shell.refused("roster", "import", "missing.csv")
    assert "must name the columns" in shell.refused("roster", "import", str(saved(tmp_path, "x.csv", "1,2\n")))


def test_an_officer_is_added_with_a_password_from_stdin(shell: Shell, database: Database) -> None:
    shell.ok("demo-places")
    add = ("officer", "add", "liu", "--station", "440306-LT", "--role", "duty", "--password-stdin")

    done = shell.child(*add, stdin=f"{PASSWORD}\nsecond line\n")
    assert (done.code, done.err) == (0, "")

    liu = database.read(lambda session: session.scalars(select(Officer)).one())
    assert (liu.name, liu.role) == ("liu", Role.DUTY)
    assert verify_password(PASSWORD, liu.password_hash)
    assert "already" in shell.refused(*add, stdin=f"{PASSWORD}\n")


def test_officers_that_cannot_be(shell: Shell, database: Database) -> None:
    shell.ok("demo-places")
    for arguments, stdin, message in (
        (("--station", "440306-LT", "--role", "duty", "--password-stdin"), b"too short\n", "password"),
        (("--station", "440306-LT", "--role", "duty", "--password-stdin"), b"\xff" * 20, "not UTF-8"),
        (("--station", "440306-LT", "--role", "king", "--password-stdin"), PASSWORD, "--role: must be one of duty"),
        (("--station", "nowhere", "--role", "duty", "--password-stdin"), PASSWORD, "nowhere"),
        (("--station", "440306-LT", "--role", "duty"), PASSWORD, "--password-stdin"),
        (("--role", "duty", "--password-stdin"), PASSWORD, "--station"),
    ):
        assert message in shell.refused("officer", "add", "liu", *arguments, stdin=stdin)
    assert database.read(lambda session: session.scalars(select(Officer)).all()) == []
