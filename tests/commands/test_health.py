"""The health check of one container: of the part that runs in it, and of no other."""

from pathlib import Path

import pytest
from sqlalchemy import text

from dispatcher import parts
from dispatcher.db import Database
from dispatcher.parts import PARTS
from tests.commands.conftest import Shell
from workers.heartbeat import beat


def test_a_part_is_well_while_it_beats(shell: Shell, database: Database) -> None:
    for part in PARTS:
        assert "not written a heartbeat" in shell.refused("health", *part.split())
        database.transact(lambda work, part=part: beat(work, part))
        assert shell.ok("health", *part.split()) == "ok\n"


def test_a_part_that_fell_silent_is_not(shell: Shell, database: Database) -> None:
    database.transact(lambda work: beat(work, "timekeeper"))
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE heartbeats SET at = at - interval '20 seconds'"))
    assert "20 s old" in shell.refused("health", "timekeeper")


def test_the_sibling_on_another_machine_speaks_for_itself_alone(
    shell: Shell, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(parts.socket, "gethostname", lambda: "elsewhere")
        database.transact(lambda work: beat(work, "worker messages"))
    assert "on this machine" in shell.refused("health", "worker", "messages")


def test_machines_long_gone_are_forgotten(database: Database) -> None:
    database.transact(lambda work: beat(work, "timekeeper"))
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE heartbeats SET at = at - interval '2 days'"))
    database.transact(lambda work: beat(work, "worker feedback"))
    with database.engine.connect() as connection:
        left = connection.scalars(text("SELECT part FROM heartbeats ORDER BY part")).all()
    assert [name.partition("@")[0] for name in left] == ["worker feedback"] * 2


def test_what_cannot_be_asked_is_not_well(shell: Shell, tmp_path: Path) -> None:
    away = {"DATABASE_URL": "postgresql://nobody:x@127.0.0.1:1/nothing"}
    assert "the database cannot be asked" in shell.refused("health", "timekeeper", **away)
    assert "nothing on port 1 answers" in shell.refused("health", "web", "--port", "1")
    assert "no such part: nobody" in shell.refused("health", "nobody")
