"""The real service as real processes: `bluevest up`, its administrator's commands, and its end."""

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from psycopg import Connection, connect
from redis import Redis

from bluevest.embedded.ports import free_port
from bluevest.privileges import Identity, account_to_run_as, first_closed, shielded
from simulator.handset import Exchange
from simulator.settings import ExchangeSettings
from tests.line.console import ConsoleClient
from tests.line.processes import PATIENCE_S, children_of, kill, until, working_in

ROOT = Path(__file__).parents[2]
BLUEVEST = [sys.executable, str(Path(sys.prefix) / "bin" / "bluevest")]
STATION, SOURCE, OFFICER = "440306-LT", "gzfz-centre", "li.na"
IS_ROOT = os.geteuid() == 0
USERS = ["root", "ordinary"] if IS_ROOT else ["ordinary"]
_OURS = ("BLUEVEST_", "TWILIO_", "DATABASE_URL", "REDIS_URL", "PYTEST_", "COV_")


def foreign_provider() -> Exchange:
    """A Twilio-compatible server in this process, patient with a service that is away for a while.

    Its credentials are nobody's defaults: a service that used its own would be refused.
    """
    return Exchange(
        ExchangeSettings(
            account_sid="ACfeedfacefeedfacefeedfacefeedface",
            auth_token="not-the-simulated-token",
            from_number="+8613700008888",
            sent_after=0,
            delivered_after=0,
            callback_backoff=0.25,
            callback_attempts=9,
        )
    )


@contextmanager
def data_folder(user: str = USERS[0]) -> Iterator[Path]:
    """A folder of mode 0700 with somebody's other file in it; the ordinary user's is their own."""
    with tempfile.TemporaryDirectory(prefix="bluevest line ") as folder:
        path = Path(folder)
        (path / "notes.txt").write_text("not ours\n")
        account = account_to_run_as() if user == "ordinary" else None
        if account:
            os.chown(path / "notes.txt", account.uid, account.gid)
            os.chown(path, account.uid, account.gid)
        yield path


class Command:
    """One of the administrator's commands, and what is typed into it."""

    def __init__(self, *arguments: str, stdin: str = "") -> None:
        self.arguments, self.stdin = arguments, stdin


def new_officer(name: str, role: str, password: str) -> Command:
    """The command that adds an officer of the station."""
    line = ("officer", "add", name, "--station", STATION, "--role", role, "--password-stdin")
    return Command(*line, stdin=f"{password}\n")


class RunningService:
    """`bluevest up --no-traffic` on a data folder, with a provider that is not ours. Use it as a context manager."""

    def __init__(
        self, data: Path, provider: Exchange, user: str = USERS[0], port: int | None = None, **settings: str
    ) -> None:
        self.data, self.provider, self.user, self.settings = data, provider, user, settings
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._password = secrets.token_urlsafe(16)
        self._top: subprocess.Popen[bytes] | None = None
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # as long-lived as the service

    def __enter__(self) -> Self:
        self.provider.post_inbound_to(f"{self.url}/hooks/twilio/inbound")
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        code = self._stop()
        output = self.output()
        self._said.close()
        if kind is None:
            assert code == 0, output
            self.nothing_left()

    def start(self) -> None:
        """Start, and wait for the line that says ready."""
        self._said.truncate(0)
        self._top = subprocess.Popen(
            self._as_user([*BLUEVEST, "up", "--no-traffic", "--port", str(self.port), "--data", str(self.data)]),
            env=self._environment(),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.STDOUT,
        )
        until(self._ready_or_ended, "ready", 2 * PATIENCE_S)
        assert self.top.poll() is None, self.output()

    @property
    def top(self) -> subprocess.Popen[bytes]:
        """The top process."""
        assert self._top, "not started"
        return self._top

    def output(self) -> str:
        """What the top process has said."""
        size = os.fstat(self._said.fileno()).st_size
        return os.pread(self._said.fileno(), size, 0).decode().replace("\0", "")

    def kill_top(self) -> None:
        """`kill -9` of the top process."""
        self.top.kill()
        self.top.wait()

    def nothing_left(self) -> None:
        """No process of this service runs any more."""
        until(lambda: not working_in(self.data), f"nothing left: {working_in(self.data)}")

    def pid(self, part: str) -> int:
        """The child with this public command: `web`, `worker dispatch`, `timekeeper`, `postgres`, `valkey`."""
        until(lambda: part in children_of(self.top.pid), f"{part} runs")
        return children_of(self.top.pid)[part]

    def kill(self, part: str) -> None:
        """`kill -9` of one part; the supervisor starts another."""
        old = self.pid(part)
        kill(old)
        until(lambda: children_of(self.top.pid).get(part, old) != old, f"{part} started again")

    def command(self, *arguments: str, stdin: str = "") -> str:
        """An administrator's command on the running service; its stdout."""
        return self._run([*BLUEVEST, *arguments, "--data", str(self.data)], stdin)

    def commands(self, *lines: "Command") -> list[str]:
        """Several of them in one process, which saves the starts of the others; what each printed."""
        asked = [([*line.arguments, "--data", str(self.data)], line.stdin) for line in lines]
        found: list[str] = json.loads(self._run([sys.executable, "-m", "tests.line.several"], json.dumps(asked)))
        return found

    def _run(self, command: list[str], stdin: str) -> str:
        done = subprocess.run(
            self._as_user(command),
            input=stdin.encode(),
            capture_output=True,
            env=self._environment(),
            cwd=ROOT,
            timeout=2 * PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr.decode())
        return done.stdout.decode()

    def people(self, csv: str) -> "Command":
        """The command that imports a roster."""
        file = self.data / "roster.csv"
        file.write_text(csv)
        return Command("roster", "import", str(file))

    def add_people(self, csv: str) -> None:
        """Import a roster."""
        self.command(*self.people(csv).arguments)

    def add_source(self, name: str = SOURCE, feedback: str | None = None) -> str:
        """Let a centre in; gives its secret."""
        return self.command("source", "add", name, *(["--feedback", feedback] if feedback else [])).strip()

    def add_officer(self) -> ConsoleClient:
        """The station's duty officer, signed in."""
        self.commands(new_officer(OFFICER, "duty", self._password))
        return ConsoleClient(self.url, OFFICER, self._password)

    def sql(self) -> Connection[tuple[Any, ...]]:
        """A connection to the service's database."""
        return connect(self._addresses()["database_url"], autocommit=True)

    def redis(self) -> Redis:
        """A connection to the service's Redis."""
        return Redis.from_url(self._addresses()["redis_url"], decode_responses=False)

    def _addresses(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.data / "service.json").read_text())
        return found

    def _ready_or_ended(self) -> bool:
        return self.top.poll() is not None or "\nready" in self.output()

    def _stop(self) -> int:
        """Ctrl-C; gives the exit code."""
        if self.top.poll() is None:
            self.top.send_signal(signal.SIGINT)
        try:
            return self.top.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill_top()
            return self.top.returncode

    def _as_user(self, command: list[str]) -> list[str]:
        """The command as our user, ending when we end. The ordinary user may read what is closed, or this Python
        below root's home could not be started."""
        account = account_to_run_as() if self.user == "ordinary" else None
        closed = account and first_closed([Path(sys.executable), ROOT, self.data], Identity(account))
        return shielded(command, signal.SIGKILL, Identity(account, keep_search=bool(closed)))

    def _environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        provider = self.provider
        return ours | {
            "HOME": str(self.data) if self.user == "ordinary" and IS_ROOT else ours.get("HOME", str(self.data)),
            "BLUEVEST_TWILIO_BASE_URL": provider.url,
            "TWILIO_ACCOUNT_SID": provider.account_sid,
            "TWILIO_AUTH_TOKEN": provider.auth_token,
            "TWILIO_FROM": provider.number,
            "BLUEVEST_SECOND_FACTOR": "optional",
            **self.settings,
        }
