"""Looking after a service from the command line, and how commands find it."""

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from bluevest.service import Service, sole_use
from dispatcher.db import Database
from dispatcher.model import Base
from dispatcher.protection.keys import KeyRing
from dispatcher.protection.rotation import count_stale
from dispatcher.settings import Settings
from tests.commands.conftest import Shell, refusal


def test_a_sound_service_passes_every_check(shell: Shell, redis_url: str) -> None:
    shell.ok("demo-places")
    shell.ok("source", "add", "centre")
    lines = shell.ok("check", REDIS_URL=redis_url).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "ok  settings",
        "ok  schema",
        "ok  keys",
        "ok  redis",
        "ok  rows",
    ]
    assert lines[-1] == "ok  rows: 1 stations, 0 people on rosters, 0 officers, 1 sources"


def first_problem(shell: Shell, **environment: str | None) -> str:
    return refusal(shell.run("check", **environment))


def test_the_first_problem_is_named(shell: Shell, database: Database, tmp_path: Path) -> None:
    assert "Redis cannot be reached" in first_problem(shell)
    assert "REDIS_URL" in first_problem(shell, REDIS_URL="carrier-pigeon:")
    assert "the database cannot be reached" in first_problem(
        shell, DATABASE_URL="postgresql://nobody:x@127.0.0.1:1/nothing"
    )
    assert "BLUEVEST_PUBLIC_URL" in first_problem(shell, BLUEVEST_PUBLIC_URL="nowhere")
    KeyRing.create(tmp_path / "others.json")
    assert "do not fit this database" in first_problem(shell, BLUEVEST_KEYS_FILE=str(tmp_path / "others.json"))
    assert "no key file" in first_problem(shell, BLUEVEST_KEYS_FILE=str(tmp_path / "none.json"))
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert "the schema is at 0000" in first_problem(shell)


def test_a_database_that_was_never_set_up(shell: Shell, settings: Settings) -> None:
    bare = settings.database_url.rpartition("/")[0] + "/postgres"
    assert "run `bluevest migrate`" in first_problem(shell, DATABASE_URL=bare)
    assert "run `bluevest migrate`" in shell.refused("demo-places", DATABASE_URL=bare)


def test_commands_find_the_service_that_runs_with_a_data_folder(
    shell: Shell, settings: Settings, redis_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with sole_use(folder):
        Service(
            database_url=settings.database_url,
            redis_url=redis_url,
            port=8000,
            public_url="http://127.0.0.1:8000",
            twilio_base_url=None,
            simulator_url=None,
            keys_file=str(settings.keys_file),
            pid=os.getpid(),
        ).save(folder)
        shell.ok("demo-places", "--data", str(folder), DATABASE_URL=None, REDIS_URL=None)
        assert "1 stations" in shell.ok("check", DATABASE_URL=None, REDIS_URL=None, BLUEVEST_DATA=str(folder))
    assert "no service runs with" in shell.refused("demo-places", "--data", str(folder), DATABASE_URL=None)
    assert "no service runs with" in shell.refused("demo-places", DATABASE_URL=None)


def test_keys_are_rotated_and_old_values_written_anew(shell: Shell, database: Database, ring: KeyRing) -> None:
    for name in ("one", "two", "three"):
        shell.ok("source", "add", name)

    assert shell.ok("keys", "rotate") == "key 2 is in use; 3 values written anew\n"

    assert ring.current == 2
    assert count_stale(database.engine, Base.metadata, ring) == 0
    assert shell.ok("keys", "rotate", "--finish") == "key 2 is in use; 0 values written anew\n"
    assert shell.ok("source", "rotate", "one").startswith("whsec_")


def test_keys_from_the_environment_are_rotated_where_they_are_kept(shell: Shell, settings: Settings) -> None:
    assert settings.keys_file
    line = shell.refused("keys", "rotate", BLUEVEST_KEYS=settings.keys_file.read_text())
    assert "have no file" in line


@pytest.mark.parametrize("arguments", [("roster",), ("area", "import"), ("nonsense",), ("source", "add")])
def test_a_command_line_that_is_incomplete_gets_one_line(shell: Shell, arguments: tuple[str, ...]) -> None:
    assert refusal(shell.run(*arguments))


def test_so_it_is_in_a_process_of_its_own(shell: Shell, redis_url: str) -> None:
    assert "0 stations" in shell.child("check", REDIS_URL=redis_url).out
    assert "Redis cannot be reached" in refusal(shell.child("check"))
    assert refusal(shell.child("nonsense"))
