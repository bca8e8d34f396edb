"""DIR/service.json: how other commands find the service that runs with a data folder."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

from bluevest.embedded.folder import write_private
from bluevest.errors import OneLineError, StartError

DEFAULT_DIRECTORY = Path("var/bluevest")
KEYS_FILE = "keys.json"
_FILE = "service.json"
_LOCK = "lock"


@dataclass(frozen=True)
class Service:
    """A running service; `pid` is its top process. The addresses contain passwords: the file has mode 0600."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    port: int
    public_url: str
    twilio_base_url: str | None
    simulator_url: str | None
    keys_file: str | None
    pid: int

    def save(self, directory: Path) -> None:
        """Write DIR/service.json."""
        write_private(directory / _FILE, json.dumps(asdict(self), indent=1) + "\n")


@dataclass(frozen=True)
class ServiceEnv:
    """The environment variables with which a command works on the running service."""

    variables: Mapping[str, str] = field(repr=False)

    def apply(self) -> None:
        """Put them into this process's environment: the stores of the service found, whatever else was set."""
        os.environ.update(self.variables)


def data_directory(data: Path | None) -> Path:
    """DIR: `--data`, else BLUEVEST_DATA, else `var/bluevest` below the current folder; absolute."""
    chosen = data or Path(os.environ.get("BLUEVEST_DATA") or DEFAULT_DIRECTORY)
    return chosen.expanduser().absolute()


def resolve(data: Path | None) -> ServiceEnv:
    """The variables for a command that works on a running service (contract: Commands).

    A folder named by `--data` wins when a service runs with it, then a DATABASE_URL in the environment, then the
    service that runs with the default folder.
    Raises OneLineError when there is none of them.
    """
    directory = data_directory(data)
    named = data is not None and (directory / _FILE).exists() and _locked(directory)
    if os.environ.get("DATABASE_URL") and not named:
        keys = directory / KEYS_FILE
        return ServiceEnv({"BLUEVEST_KEYS_FILE": str(keys)} if _keys_needed() and keys.exists() else {})
    service = _running(directory)
    variables = {
        "DATABASE_URL": service.database_url,
        "REDIS_URL": service.redis_url,
        "BLUEVEST_DATA": str(directory),
        "BLUEVEST_PUBLIC_URL": service.public_url,
    }
    if service.keys_file and (named or _keys_needed()):
        variables["BLUEVEST_KEYS_FILE"] = service.keys_file
    if service.twilio_base_url:
        variables["BLUEVEST_TWILIO_BASE_URL"] = service.twilio_base_url
    return ServiceEnv(variables)


def _keys_needed() -> bool:
    return not (os.environ.get("BLUEVEST_KEYS") or os.environ.get("BLUEVEST_KEYS_FILE"))


def _running(directory: Path) -> Service:
    nothing = f"no service runs with {directory}: start it (bluevest up --data {directory}) or set DATABASE_URL"
    try:
        content = json.loads((directory / _FILE).read_text())
        if not _locked(directory):
            raise OneLineError(nothing)
        return Service(**content)
    except (FileNotFoundError, NotADirectoryError):
        raise OneLineError(nothing) from None
    except PermissionError:
        raise OneLineError(f"no right to read {directory / _FILE}: use the account the service runs as") from None
    except (ValueError, TypeError):
        raise OneLineError(f"{directory / _FILE} is broken: start the service again") from None


def _locked(directory: Path) -> bool:
    """Whether somebody holds DIR's lock: a file left by a killed service does not mean that it runs."""
    with (directory / _LOCK).open("r") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextlib.contextmanager
def sole_use(directory: Path) -> Iterator[None]:
    """Hold DIR/lock, with our pid in it, and take DIR/service.json away at the end.

    The lock goes with the process, however that ends. Raises StartError when another holds it.
    """
    with (directory / _LOCK).open("a+") as file:
        _take(file, directory)
        (directory / _FILE).unlink(missing_ok=True)
        try:
            yield
        finally:
            (directory / _FILE).unlink(missing_ok=True)


def _take(file: TextIO, directory: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        raise StartError(f"another bluevest is running with {directory} (pid {holder})") from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
