"""The service under measurement: `bluevest up` as a stranger runs it, texts going to an exchange in this process."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import text

from dispatcher.work import Work
from simulator.handset import Exchange

BLUEVEST = Path(sys.prefix) / "bin" / "bluevest"
STATION = "440306-LT"
OFFICER, PASSWORD = "bench-officer", "bench-officer-bench"
_BACK_S = 30.0
_SETTLE = (
    "UPDATE cases SET held_by = (SELECT id FROM officers LIMIT 1)",
    "UPDATE deadlines SET at = at + interval '1 day' WHERE met_at IS NULL",
    "UPDATE alarms SET acknowledged_at = now()",
    "UPDATE volunteers SET on_duty = true, page_lon = base_lon, page_lat = base_lat, page_at = now()",
)


@dataclass(frozen=True)
class Running:
    """Where the service is, and the secret of its source."""

    url: str
    secret: str
    redis_url: str
    database_url: str
    pid: int
    data: Path


@dataclass(frozen=True)
class Recorder:
    """A `benchmarks.provider` process; `file` is where it notes what came."""

    url: str
    file: Path
    account_sid: str = "AC" + "b" * 32
    auth_token: str = "bench"
    number: str = "+8613900009999"

    def arrived(self) -> dict[str, float]:
        """When each text's request came, by the service's id of the text, in the monotonic clock's seconds."""
        lines = (line.split() for line in self.file.read_text().splitlines())
        return {reference: float(at) for at, reference in lines}


@contextmanager
def recorder() -> Iterator[Recorder]:
    """Start one."""
    with tempfile.TemporaryDirectory(prefix="bench-provider-") as folder:
        port, file = free_port(), Path(folder) / "came"
        with child("benchmarks.provider", str(port), str(file), port=port):
            yield Recorder(f"http://127.0.0.1:{port}", file)


@contextmanager
def child(module: str, *arguments: str, port: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A module of the benchmarks as a process; with `port` it is awaited until it listens there."""
    with process([sys.executable, "-m", module, *arguments], port=port) as started:
        yield started


@contextmanager
def process(
    words: Sequence[str], *, port: int | None, env: Mapping[str, str] | None = None, log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of our own, ended at the end. Raises RuntimeError when it ends before it listens at `port`."""
    with ExitStack() as stack:
        out = stack.enter_context(log.open("wb")) if log else None
        started = subprocess.Popen(list(words), env=env, stdout=out, stderr=out)
        stack.callback(_end, started)
        while port is not None and not listens(port):
            if started.poll() is not None:
                said = log.read_text(errors="replace")[-500:] if log else ""
                raise RuntimeError(f"{words[0]} ended with {started.returncode} {said}")
            time.sleep(0.05)
        yield started


def _end(started: subprocess.Popen[bytes]) -> None:
    started.terminate()
    started.wait(20)


def listens(port: int) -> bool:
    """Whether somebody does."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def command(data: Path, *arguments: str, stdin: str | None = None) -> str:
    done = subprocess.run(
        [BLUEVEST, *arguments, "--data", str(data)],
        check=True,
        capture_output=True,
        text=True,
        input=stdin,
        env=_own_environment(),
    )
    return done.stdout.strip()


def add_officer(service: Running, role: str = "duty") -> None:
    """The one officer of a measurement, `OFFICER` with `PASSWORD`."""
    words = ("officer", "add", OFFICER, "--station", STATION, "--role", role, "--password-stdin")
    command(service.data, *words, stdin=f"{PASSWORD}\n")


def settle(work: Work) -> None:
    """Every case in the officer's hands and every limit far away; everybody on duty, each with a position by page.

    Nothing but the measured events happens from then on.
    """
    for statement in _SETTLE:
        work.session.execute(text(statement))


def roster(people: int, *, on_duty: bool, stations: Sequence[str] = (STATION,), first: int = 0) -> str:
    """People all over the demo station's ground, each in turn on the next station's list; phones from `first` on."""
    rows = ["name,phone,station,lon,lat,crs,on_duty"]
    for n in range(people):
        lon, lat = 113.845 + 0.07 * (n % 40) / 40, 22.555 + 0.05 * (n // 40) / max(1, people // 40)
        rows.append(
            f"队员{n},+86139{first + n:08d},{stations[n % len(stations)]},{lon:.5f},{lat:.5f},wgs84,{int(on_duty)}"
        )
    return "\n".join(rows)


@contextmanager
def running(
    exchange: Exchange | Recorder, people: int, *, on_duty: bool = True, stations: Sequence[str] = (STATION,)
) -> Iterator[Running]:
    """Start everything on a new folder, with `people` on the roster."""
    with tempfile.TemporaryDirectory(prefix="bluevest-bench-") as folder:
        data, port = Path(folder) / "data", free_port()
        with up(data, port, exchange) as (process, _):
            command(data, "demo-places")
            secret = command(data, "source", "add", "bench", "--station", STATION)
            file = Path(folder) / "roster.csv"
            file.write_text(roster(people, on_duty=on_duty, stations=stations))
            command(data, "roster", "import", str(file))
            url = f"http://127.0.0.1:{port}"
            if isinstance(exchange, Exchange):
                exchange.post_inbound_to(f"{url}/hooks/twilio/inbound")
            yield Running(url, secret, *_stores(data), process.pid, data)


@contextmanager
def up(data: Path, port: int, exchange: Exchange | Recorder) -> Iterator[tuple[subprocess.Popen[str], float]]:
    """`bluevest up` on this folder, and the seconds it took to be ready."""
    env = _own_environment() | {
        "BLUEVEST_TWILIO_BASE_URL": exchange.url,
        "TWILIO_ACCOUNT_SID": exchange.account_sid,
        "TWILIO_AUTH_TOKEN": exchange.auth_token,
        "TWILIO_FROM": exchange.number,
        "BLUEVEST_SECOND_FACTOR": "optional",
    }
    arguments = [str(BLUEVEST), "up", "--no-traffic", "--port", str(port), "--data", str(data)]
    began = time.monotonic()
    process = subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, text=True)
    try:
        _wait_until_ready(process)
        yield process, time.monotonic() - began
    finally:
        process.terminate()
        process.wait(60)


def _own_environment() -> dict[str, str]:
    """Without what names another service: a measurement before this one may have opened its own from here."""
    ours = ("BLUEVEST_", "TWILIO_", "DATABASE_URL", "REDIS_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@contextmanager
def front_door_alone(service: Running) -> Iterator[None]:
    """The web part with its database and nothing that competes with it; everything is started again afterwards."""
    with without(service, "worker", "timekeeper"):
        yield


@contextmanager
def without(service: Running, *words: str) -> Iterator[list[psutil.Process]]:
    """The service without the parts that have one of these words in their command; the other parts.

    The supervisor is held meanwhile, else it would start at once what is missing; all is as before at the end.
    """
    top = psutil.Process(service.pid)
    top.suspend()
    gone = _parts(top, words)
    try:
        for part in gone:
            part.kill()
        yield [part for part in top.children(recursive=True) if part not in gone]
    finally:
        top.resume()
        give_up = time.monotonic() + _BACK_S
        while len(_parts(top, words)) < len(gone) and time.monotonic() < give_up:
            time.sleep(0.1)


def _parts(top: psutil.Process, words: Sequence[str]) -> list[psutil.Process]:
    found = []
    for part in top.children(recursive=True):
        with suppress(psutil.Error):
            if set(words) & set(part.cmdline()):
                found.append(part)
    return found


def _wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    for line in process.stdout:
        if line.startswith("ready"):
            return
    raise RuntimeError("the service did not come up")


def _stores(data: Path) -> tuple[str, str]:
    import json

    said = json.loads((data / "service.json").read_text())
    return said["redis_url"], said["database_url"]
