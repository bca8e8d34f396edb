"""A backup is whole or not there; a restore is all or nothing, and does nothing twice."""

import itertools
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.orm import Session

from bluevest.backup import dump, restore
from bluevest.backup.programs import connection
from bluevest.errors import OneLineError
from dispatcher import migrations
from dispatcher.db import Database
from dispatcher.feed import snapshot
from dispatcher.lifecycle import MessageState, OfferState
from dispatcher.model import AuditEntry, FeedCounter, Message, Offer, OfficerSession
from dispatcher.protection.keys import KeyRing
from dispatcher.settings import Settings
from tests import builders
from tests.commands.conftest import Shell

_numbers = itertools.count()
NewDatabase = Callable[[], str]


@pytest.fixture
def new_database(admin: Engine) -> Iterator[NewDatabase]:
    """Makes databases with nothing in them, as on a new machine; gives the address."""
    made = []

    def make() -> str:
        made.append(f"fresh_{os.getpid()}_{next(_numbers)}")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {made[-1]}"))
        return admin.url.set(drivername="postgresql", database=made[-1]).render_as_string(hide_password=False)

    yield make
    for name in made:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


Machine = Callable[[str], dict[str, str]]


@pytest.fixture
def machine(settings: Settings) -> Machine:
    """The environment of a machine with this database, to which the keys have been brought."""
    return lambda url: {"DATABASE_URL": url, "BLUEVEST_KEYS_FILE": str(settings.keys_file)}


@pytest.fixture
def lived_in(shell: Shell, database: Database) -> Database:
    """A service with a case, a person asked whose text left, another whose text is being sent, and a sign-in."""

    def live(work: Any) -> None:
        place = builders.station(work, "440306-LT")
        case = builders.open_case(work, place)
        builders.ask(work, case, builders.volunteer(work, place))
        builders.ask(work, case, builders.volunteer(work, place), text=MessageState.SENDING)
        person = builders.officer(work, place)
        work.session.add(
            OfficerSession(
                officer_id=person.id,
                token_hash=b"-",
                full=True,
                started_at=work.now,
                seen_at=work.now,
                expires_at=work.now,
            )
        )

    database.transact(live)
    return database


@pytest.fixture
def file(shell: Shell, lived_in: Database, tmp_path: Path) -> Path:
    """A backup of it; nothing is connected to that database any more."""
    file = tmp_path / "night.backup"
    shell.ok("backup", str(file))
    return file


def looked_at(url: str) -> Engine:
    return create_engine(url.replace("postgresql:", "postgresql+psycopg:"))


def tables(url: str) -> list[str]:
    engine = looked_at(url)
    try:
        with engine.connect() as connection:
            return list(
                connection.scalars(
                    text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
                )
            )
    finally:
        engine.dispose()


def seen(session: Session) -> dict[str, Any]:
    return snapshot(session, session.scalars(select(FeedCounter.station_id)).one())


def test_a_backup_is_closed_to_others_and_beside_nothing(shell: Shell, lived_in: Database, tmp_path: Path) -> None:
    said = shell.ok("backup", str(tmp_path / "one.backup"))
    assert "read back and found whole; the keys are not in it" in said
    assert stat.S_IMODE((tmp_path / "one.backup").stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir() if "backup" in found.name] == ["one.backup"]
    content = (tmp_path / "one.backup").read_bytes()
    assert content[:5] == b"PGDMP"
    assert "王某丽".encode() not in content


def test_a_backup_is_never_written_over(shell: Shell, file: Path) -> None:
    before = file.read_bytes()
    assert "there already" in shell.refused("backup", str(file))
    assert file.read_bytes() == before


def test_a_backup_that_fails_leaves_nothing(
    shell: Shell, lived_in: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    assert "No such file" in shell.refused("backup", str(folder / "none" / "x"))
    monkeypatch.setattr(dump.Archive, "check", lambda _self: (_ for _ in ()).throw(OneLineError("found damaged")))
    assert shell.refused("backup", str(folder / "x")) == "found damaged"
    monkeypatch.setattr(dump, "program", lambda _name: "/bin/false")
    assert "cannot be backed up" in shell.refused("backup", str(folder / "x"))
    assert list(folder.iterdir()) == []


def test_no_password_is_on_a_command_line() -> None:
    place, env = connection("postgresql://bluevest:s3cret@db:5432/bluevest?sslmode=require")
    assert "s3cret" not in place
    assert "sslmode=require" in place
    assert env["PGPASSWORD"] == "s3cret"


def test_a_new_machine_shows_what_the_old_one_did(
    shell: Shell, lived_in: Database, file: Path, new_database: NewDatabase, machine: Machine, settings: Settings
) -> None:
    before = lived_in.read(seen)
    url = new_database()
    said = shell.ok("restore", str(file), **machine(url))
    assert (
        "1 texts on their way are not sent again, 1 offers ended, 0 late tasks left to the officer, 1 sign-ins ended"
        in said
    )
    engine = looked_at(url)
    after = Database(engine).read(seen)
    assert after["epoch"] != before["epoch"]
    assert after["volunteers"] == before["volunteers"]
    assert {offer["state"] for offer in before["cases"][0].pop("offers")} == {"sent", "queued"}
    assert {offer["state"] for offer in after["cases"][0].pop("offers")} == {"sent", "expired"}
    assert after["cases"] == before["cases"]
    engine.dispose()
    assert "ok  keys: 1 is in use" in shell.run("check", **machine(url)).out


def test_nothing_that_was_under_way_goes_on_by_itself(
    shell: Shell, file: Path, new_database: NewDatabase, machine: Machine
) -> None:
    url = new_database()
    shell.ok("restore", str(file), **machine(url))
    engine = looked_at(url)
    with Session(engine) as session:
        states = dict(session.execute(select(Message.state, func.max(Message.error)).group_by(Message.state)).all())
        assert states == {MessageState.SENT: None, MessageState.FAILED: "restored from a backup"}
        assert set(session.scalars(select(Offer.state))) == {OfferState.SENT, OfferState.EXPIRED}
        assert None not in session.scalars(select(OfficerSession.ended_at)).all()
        assert "database.restored" in session.scalars(select(AuditEntry.act)).all()
    engine.dispose()


def test_a_database_that_was_only_set_up_counts_as_empty(
    shell: Shell, file: Path, new_database: NewDatabase, machine: Machine
) -> None:
    url = new_database()
    shell.ok("migrate", **machine(url))
    shell.ok("restore", str(file), **machine(url))
    assert "the database is in use" in shell.refused("restore", str(file), **machine(url))


def test_what_is_there_is_never_removed(
    shell: Shell, lived_in: Database, file: Path, new_database: NewDatabase, machine: Machine, settings: Settings
) -> None:
    lived_in.engine.dispose()
    assert "the database is in use" in shell.refused("restore", str(file), **machine(settings.database_url))
    strange = new_database()
    engine = looked_at(strange)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE payroll (name text)"))
    engine.dispose()
    assert "another program (payroll)" in shell.refused("restore", str(file), **machine(strange))
    assert tables(strange) == ["payroll"]


def test_not_while_parts_run(shell: Shell, file: Path, new_database: NewDatabase, machine: Machine) -> None:
    url = new_database()
    shell.ok("migrate", **machine(url))
    running = create_engine(
        url.replace("postgresql:", "postgresql+psycopg:"), connect_args={"application_name": "bluevest"}
    )
    with running.connect():
        assert "stop web, workers and timekeeper first" in shell.refused("restore", str(file), **machine(url))
    running.dispose()


@pytest.mark.parametrize("kept", [0, 4, 3000, -100, -1])
def test_a_file_that_is_cut_off_changes_nothing(
    shell: Shell, file: Path, new_database: NewDatabase, machine: Machine, kept: int
) -> None:
    url = new_database()
    whole = file.read_bytes()
    assert len(whole) > 3000
    file.write_bytes(whole[:kept])
    assert shell.refused("restore", str(file), **machine(url))
    assert tables(url) == []


def test_other_files_change_nothing(
    shell: Shell, file: Path, new_database: NewDatabase, machine: Machine, tmp_path: Path
) -> None:
    url = new_database()
    (tmp_path / "letter").write_text("dear all")
    assert "no backup of this program" in shell.refused("restore", str(tmp_path / "letter"), **machine(url))
    assert "cannot be read" in shell.refused("restore", str(tmp_path / "nothing"), **machine(url))
    other = new_database()
    dump.make_backup(other, tmp_path / "other", lambda _: None)
    assert "another program" in shell.refused("restore", str(tmp_path / "other"), **machine(url))
    assert tables(url) == []


def test_a_restore_that_fails_half_way_changes_nothing(
    shell: Shell,
    file: Path,
    new_database: NewDatabase,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    settings: Settings,
) -> None:
    """The power goes, the disk is full, a row does not fit: there is no moment at which half of it is there."""
    url = new_database()
    assert settings.keys_file
    elsewhere = tmp_path / "new" / "keys.json"
    elsewhere.parent.mkdir()

    def fail(_work: Any) -> None:
        raise OneLineError("no")

    monkeypatch.setattr(restore, "settle", fail)
    asked = ("restore", str(file), "--keys", str(settings.keys_file))
    assert shell.refused(*asked, DATABASE_URL=url, BLUEVEST_KEYS_FILE=str(elsewhere)) == "no"
    assert tables(url) == []
    assert not elsewhere.exists()


def test_a_newer_schema_is_refused(
    shell: Shell, lived_in: Database, new_database: NewDatabase, machine: Machine, tmp_path: Path
) -> None:
    with lived_in.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    shell.ok("backup", str(tmp_path / "future"))
    url = new_database()
    assert "newer version of this program (schema 9999)" in shell.refused(
        "restore", str(tmp_path / "future"), **machine(url)
    )
    assert tables(url) == []


def test_the_keys_are_brought_along(
    shell: Shell, file: Path, new_database: NewDatabase, machine: Machine, tmp_path: Path, settings: Settings
) -> None:
    url, place = new_database(), tmp_path / "new" / "keys.json"
    place.parent.mkdir()
    assert settings.keys_file
    there = {"DATABASE_URL": url, "BLUEVEST_KEYS_FILE": str(place)}
    assert "--keys FILE" in shell.refused("restore", str(file), **there)

    shell.ok("restore", str(file), "--keys", str(settings.keys_file), **there)

    assert place.read_text() == settings.keys_file.read_text()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_other_keys_are_noticed_before_anything_happens(
    shell: Shell, file: Path, new_database: NewDatabase, machine: Machine, tmp_path: Path, settings: Settings
) -> None:
    url, others = new_database(), tmp_path / "others.json"
    KeyRing.create(others)
    assert "do not fit this backup" in shell.refused(
        "restore", str(file), DATABASE_URL=url, BLUEVEST_KEYS_FILE=str(others)
    )
    both = ("restore", str(file), "--keys", str(settings.keys_file))
    assert "there are other keys" in shell.refused(*both, DATABASE_URL=url, BLUEVEST_KEYS_FILE=str(others))
    assert tables(url) == []


def test_keys_from_before_a_rotation_are_noticed(
    shell: Shell, lived_in: Database, new_database: NewDatabase, machine: Machine, tmp_path: Path, settings: Settings
) -> None:
    """Their check value fits, and yet they cannot read what was written since."""
    assert settings.keys_file
    old = tmp_path / "old.json"
    old.write_text(settings.keys_file.read_text())
    shell.ok("keys", "rotate")
    shell.ok("backup", str(tmp_path / "rotated"))
    url = new_database()
    line = shell.refused("restore", str(tmp_path / "rotated"), DATABASE_URL=url, BLUEVEST_KEYS_FILE=str(old))
    assert "cannot read the backup" in line
    assert tables(url) == []
    shell.ok("restore", str(tmp_path / "rotated"), **machine(url))


def test_an_older_schema_is_brought_to_the_newest(
    shell: Shell, ring: KeyRing, settings: Settings, new_database: NewDatabase, machine: Machine, tmp_path: Path
) -> None:
    """A backup made by the first version there was."""
    from alembic import command

    first = new_database()
    engine = looked_at(first)
    with engine.begin() as connection:
        alembic = migrations.config()
        alembic.attributes["connection"] = connection
        command.upgrade(alembic, "0001")
        connection.execute(
            text("INSERT INTO installation (id, key_fingerprint) VALUES (1, :print)"), {"print": ring.fingerprint()}
        )
    engine.dispose()
    dump.make_backup(first, tmp_path / "first", lambda _: None)
    url = new_database()

    shell.ok("restore", str(tmp_path / "first"), **machine(url))

    assert (
        "0 officers" in shell.run("check", DATABASE_URL=url).out
        or "ok  schema" in shell.run("check", DATABASE_URL=url).out
    )
