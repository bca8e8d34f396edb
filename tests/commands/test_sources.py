"""Sources from the command line: the secret stands alone on stdout."""

import base64
import re

from sqlalchemy import select

from dispatcher.db import Database
from dispatcher.model import Source
from tests.commands.conftest import Shell

SECRET = re.compile(r"whsec_([A-Za-z0-9+/=]+)\n")


def test_a_source_is_added_and_its_secret_printed_alone(shell: Shell, database: Database) -> None:
    shell.ok("demo-places")
    add = ("source", "add", "centre", "--feedback", "https://centre.example/f", "--station", "440306-LT")
    done = shell.child(*add)
    assert (done.code, done.err) == (0, "")
    found = SECRET.fullmatch(done.out)
    assert found
    assert len(base64.b64decode(found[1])) >= 24
    source = database.read(lambda session: session.scalars(select(Source)).one())
    assert (source.name, source.feedback_url) == ("centre", "https://centre.example/f")
    assert source.secrets[0]["secret"] == done.out.strip()
    assert source.desk_id


def test_a_rotated_secret_leaves_the_old_one_good_for_a_while(shell: Shell, database: Database) -> None:
    old = shell.ok("source", "add", "centre")
    new = shell.ok("source", "rotate", "centre")
    assert SECRET.fullmatch(new)
    source = database.read(lambda session: session.scalars(select(Source)).one())
    assert [entry["secret"] for entry in source.secrets] == [new.strip(), old.strip()]
    assert source.secrets[1]["until"]


def test_sources_that_cannot_be(shell: Shell) -> None:
    shell.ok("source", "add", "centre")
    for arguments, message in (
        (("add", "centre"), "already"),
        (("add", "a/b"), "name"),
        (("add", "other", "--feedback", "ftp://x"), "http"),
        (("add", "other", "--station", "nowhere"), "nowhere"),
        (("rotate", "nobody"), "nobody"),
        (("rotate", "centre", "--overlap-hours", "-1"), "overlap"),
    ):
        assert message in shell.refused("source", *arguments)
