"""What these tests share: closed folders, scripts run as root or as an ordinary user, processes watched from outside."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bluevest.children import alive, wait_until_gone
from bluevest.privileges import LINUX, Account, Identity, account_to_run_as, first_closed, shielded

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
IS_ROOT = os.geteuid() == 0

linux_only = pytest.mark.skipif(not LINUX, reason="parent-death signals are Linux's")
root_only = pytest.mark.skipif(
    not IS_ROOT, reason="dropping privileges needs root; the ordinary case is tested instead"
)

USERS = ["root", "ordinary"] if IS_ROOT else ["ordinary"]


def nobody() -> Account:
    account = account_to_run_as()
    assert account is not None
    return account


def command_as(user: str, command: list[str]) -> list[str]:
    """The command as this user. The ordinary one may read closed folders, or it could not even start this Python."""
    if user == "root" or not IS_ROOT:
        return command
    account = nobody()
    searching = first_closed([Path(sys.executable), ROOT], Identity(account)) is not None
    return shielded(command, signal.SIGKILL, Identity(account, keep_search=searching))


# Whoever runs the tests under nohup ignores hang-ups, and passes that on to every child.
HEARS_HANG_UPS = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"


@dataclass
class Script:
    """A running Python script and the lines it has printed."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def read_until(self, wanted: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if wanted in line:
                return line.rstrip("\n")
        assert self.process.stderr is not None
        raise AssertionError(f"{wanted!r} never came: {self.lines} {self.process.stderr.read()}")

    def children(self) -> list[int]:
        return children_of(self.process.pid)


def children_of(pid: int) -> list[int]:
    """Those alive now; one that ends while we look has none."""
    try:
        lists = [(task / "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(child) for line in lists for child in line.split()]


def descendants_of(pid: int) -> list[int]:
    direct = children_of(pid)
    return direct + [deeper for child in direct for deeper in descendants_of(child)]


def assert_gone(pids: list[int]) -> None:
    left = [pid for pid in pids if not wait_until_gone(pid, PATIENCE_S)]
    assert not left, [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in left if alive(pid)]


@pytest.fixture
def start_script() -> Iterator[Callable[..., Script]]:
    """Start Python code as a user; whatever still runs at the end is killed, and its children die with it."""
    started: list[Script] = []

    def start(code: str, *arguments: str, user: str = USERS[0], env: dict[str, str] | None = None) -> Script:
        command = command_as(user, [sys.executable, "-c", HEARS_HANG_UPS + code, *arguments])
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=clean_environment() | (env or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(Script(process))
        return started[-1]

    yield start
    for script in started:
        pids = descendants_of(script.process.pid) if script.process.poll() is None else []
        script.process.kill()
        script.process.communicate()
        assert_gone(pids)


def clean_environment() -> dict[str, str]:
    """Ours without any setting of a service that may run beside the tests."""
    strange = ("BLUEVEST_", "TWILIO_", "DATABASE_URL", "REDIS_URL", "COV_", "PYTEST_")
    return {name: value for name, value in os.environ.items() if not name.startswith(strange)}


@pytest.fixture
def closed_directory(tmp_path: Path) -> Path:
    """A folder closed to everybody else, below another such, with somebody's other files in it."""
    outer = tmp_path / "closed"
    directory = outer / "data folder"
    for folder in (outer, directory):
        folder.mkdir(mode=0o700)
    (directory / "other").write_text("not ours")
    return directory


@pytest.fixture
def directory_of(closed_directory: Path) -> Callable[[str], Path]:
    """The data folder for a user: it belongs to them, everything above it stays closed."""

    def give(user: str) -> Path:
        if user == "ordinary" and IS_ROOT:
            os.chown(closed_directory, nobody().uid, nobody().gid)
        return closed_directory

    return give
