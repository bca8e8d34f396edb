"""Commands run as people run them: child processes with an environment of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dispatcher.db import Database
from dispatcher.installation import claim
from dispatcher.protection.keys import KeyRing, use_keys
from dispatcher.settings import Settings

_NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@dataclass
class Shell:
    """Runs `bluevest` with an environment that names one service."""

    folder: Path
    environment: dict[str, str]

    def run(
        self, *arguments: str, stdin: str | bytes = b"", **environment: str | None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command; an environment variable given as None is taken away."""
        wanted = {**self.environment, **environment}
        done = subprocess.run(
            [sys.executable, "-m", "bluevest", *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            check=False,
            cwd=self.folder,
            env={name: value for name, value in wanted.items() if value is not None},
            timeout=120,
        )
        return subprocess.CompletedProcess(arguments, done.returncode, done.stdout.decode(), done.stderr.decode())

    def ok(self, *arguments: str, stdin: str = "", **environment: str | None) -> str:
        """Run a command that succeeds without a word on stderr; gives its stdout."""
        done = self.run(*arguments, stdin=stdin, **environment)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    def refused(self, *arguments: str, stdin: str | bytes = b"", **environment: str | None) -> str:
        """Run a command that ends with 2, nothing on stdout and one line on stderr; gives that line."""
        done = self.run(*arguments, stdin=stdin, **environment)
        assert (done.returncode, done.stdout) == (2, ""), done
        assert done.stderr.endswith("\n")
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr.removeprefix("bluevest: ").rstrip("\n")


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
def shell(ring: KeyRing, settings: Settings, tmp_path: Path) -> Shell:
    """A shell whose DATABASE_URL names a service that was set up."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("BLUEVEST_", "TWILIO_"))}
    return Shell(folder, {**ours, "DATABASE_URL": settings.database_url, "REDIS_URL": _NOBODY_LISTENS})
