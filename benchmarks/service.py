"""The service under measurement: `bluevest up` as a stranger runs it, texts going to an exchange in this process."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from simulator.handset import Exchange

BLUEVEST = Path(sys.prefix) / "bin" / "bluevest"
STATION = "440306-LT"


@dataclass(frozen=True)
class Running:
    """Where the service is, and the secret of its source."""

    url: str
    secret: str
    redis_url: str
    database_url: str
    pid: int
    data: Path


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def command(data: Path, *arguments: str, stdin: str | None = None) -> str:
    done = subprocess.run(
        [BLUEVEST, *arguments, "--data", str(data)], check=True, capture_output=True, text=True, input=stdin
    )
    return done.stdout.strip()


def roster(people: int, *, on_duty: bool) -> str:
    """People spread evenly over the demo station's ground."""
    rows = ["name,phone,station,lon,lat,crs,on_duty"]
    for n in range(people):
        lon, lat = 113.845 + 0.07 * (n % 40) / 40, 22.555 + 0.05 * (n // 40) / max(1, people // 40)
        rows.append(f"队员{n},+86139010{n:05d},{STATION},{lon:.5f},{lat:.5f},wgs84,{int(on_duty)}")
    return "\n".join(rows)


@contextmanager
def running(exchange: Exchange, people: int, *, on_duty: bool = True) -> Iterator[Running]:
    """Start everything on a new folder, with `people` on the roster."""
    with tempfile.TemporaryDirectory(prefix="bluevest-bench-") as folder:
        data, port = Path(folder) / "data", free_port()
        env = os.environ | {
            "BLUEVEST_TWILIO_BASE_URL": exchange.url,
            "TWILIO_ACCOUNT_SID": exchange.account_sid,
            "TWILIO_AUTH_TOKEN": exchange.auth_token,
            "TWILIO_FROM": exchange.number,
            "BLUEVEST_SECOND_FACTOR": "optional",
        }
        arguments = [BLUEVEST, "up", "--no-traffic", "--port", str(port), "--data", str(data)]
        process = subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, text=True)
        try:
            _wait_until_ready(process)
            command(data, "demo-places")
            secret = command(data, "source", "add", "bench", "--station", STATION)
            file = Path(folder) / "roster.csv"
            file.write_text(roster(people, on_duty=on_duty))
            command(data, "roster", "import", str(file))
            url = f"http://127.0.0.1:{port}"
            exchange.post_inbound_to(f"{url}/hooks/twilio/inbound")
            yield Running(url, secret, *_stores(data), process.pid, data)
        finally:
            process.terminate()
            process.wait(60)


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
