"""Commands run as people run them, with an environment of their own: in this process, or really as a child."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
from structlog.testing import capture_logs

from bluevest.cli import main
from dispatcher.db import Database
from dispatcher.installation import claim
from dispatcher.protection.keys import KeyRing, use_keys
from dispatcher.settings import Settings

_NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


@dataclass
class Shell:
    """Runs `bluevest` with an environment that names one service."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str, stdin: str | bytes = b"", **environment: str | None) -> Done:
        """Run a command in this process; an environment variable given as None is taken away."""
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        out, err = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, self._wanted(environment), clear=True),
            mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw))),
            mock.patch("dispatcher.protection.logs.configure_logging"),
            capture_logs(),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            code = main(arguments)
        return Done(code, out.getvalue(), err.getvalue())

    def child(self, *arguments: str, stdin: str = "", **environment: str | None) -> Done:
        """Run a command in a process of its own, as a person would."""
        done = subprocess.run(
            [sys.executable, "-m", "bluevest", *arguments],
            input=stdin.encode(),
            capture_output=True,
            check=False,
            cwd=self.folder,
            env=self._wanted(environment),
            timeout=120,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def ok(self, *arguments: str, stdin: str = "", **environment: str | None) -> str:
        """Run a command that succeeds without a word on stderr; gives its stdout."""
        done = self.run(*arguments, stdin=stdin, **environment)
        assert (done.code, done.err) == (0, "")
        return done.out

    def refused(self, *arguments: str, stdin: str | bytes = b"", **environment: str | None) -> str:
        """Run a command that ends with 2, nothing on stdout and one line on stderr; gives that line."""
        done = self.run(*arguments, stdin=stdin, **environment)
        assert done.out == ""
        return refusal(done)

    def _wanted(self, environment: dict[str, str | None]) -> dict[str, str]:
        return {name: value for name, value in {**self.environment, **environment}.items() if value is not None}


def refusal(done: Done) -> str:
    """The one line of a command that was refused."""
    assert done.code == 2
    assert done.err.endswith("\n")
    assert done.err.count("\n") == 1, done.err
    return done.err.removeprefix("bluevest: ").rstrip("\n")


@pytest.fixture
def ring(database: Database, settings: Settings, keys: KeyRing) -> Iterator[KeyRing]:
    """The keys of a service that was set up, in their file and in use here too."""
    assert settings.keys_file
    made = KeyRing.create(settings.keys_file)
    database.transact(lambda work: claim(work, made, settings.keys_file))
    use_keys(made)
    yield made
    use_keys(keys)


@pytest.fixture
def shell(ring: KeyRing, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell whose DATABASE_URL names a service that was set up."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("BLUEVEST_", "TWILIO_"))}
    return Shell(folder, {**ours, "DATABASE_URL": settings.database_url, "REDIS_URL": _NOBODY_LISTENS})
