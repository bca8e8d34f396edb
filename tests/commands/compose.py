"""docker-compose.yml as a program reads it: values filled in, and every service of ours as an ordinary process."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bluevest.embedded.ports import free_port

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
PATIENCE_S = 120.0
_VALUE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
_LISTENING = re.compile(r"\b800[123]\b")


def services() -> dict[str, Any]:
    """The services as they are written."""
    found: dict[str, Any] = document()["services"]
    return found


def document() -> dict[str, Any]:
    """The whole file as it is written."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return found


def ours() -> list[str]:
    """The services that run our image."""
    return [name for name, service in services().items() if service["image"].startswith("bluevest:")]


def filled(text: str, env: Mapping[str, str]) -> str:
    """`${NAME:-default}` and `${NAME:?}` as compose fills them in; a missing value that must be given fails the test."""

    def value(found: re.Match[str]) -> str:
        name, mark, default = found.groups()
        if env.get(name):
            return env[name]
        assert mark == "-", f"{name} must be set"
        return str(default)

    return _VALUE.sub(value, text).replace("$$", "$")


@dataclass
class Composed:
    """The services of one compose project as processes; `env` is its .env file, the folders stand for its volumes."""

    env: Mapping[str, str]
    secrets: Path
    keys: Path
    log: Path
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in ("8001", "8002", "8003")})
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def url(self, container_port: int) -> str:
        """Where the proxy would find the service."""
        return f"http://127.0.0.1:{self.ports[str(container_port)]}"

    def once(self, service: str, *command: str, stdin: str = "") -> str:
        """Run a service to its end: its own command, or another as `docker compose run` does; gives its stdout."""
        done = subprocess.run(
            self._command(list(command) or services()[service]["command"]),
            input=stdin.encode(),
            env=self._environment(service),
            capture_output=True,
            check=False,
            timeout=PATIENCE_S,
            cwd=self.log,
        )
        assert done.returncode == 0, (service, done.stderr.decode())
        return done.stdout.decode()

    def start(self, service: str) -> None:
        """Start a service's own command."""
        with (self.log / f"{service}.log").open("wb") as log:
            self._running[service] = subprocess.Popen(
                self._command(services()[service]["command"]),
                env=self._environment(service),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.log,
            )

    def becomes_healthy(self, service: str) -> None:
        """Ask its own health check until it says yes."""
        check = services()[service]["healthcheck"]["test"]
        assert check[:2] == ["CMD", "bluevest"]
        give_up = time.monotonic() + PATIENCE_S
        while True:
            done = subprocess.run(
                self._command(check[2:]), env=self._environment(service), capture_output=True, check=False, cwd=self.log
            )
            if done.returncode == 0:
                return
            assert self._running[service].poll() is None, (self.log / f"{service}.log").read_text()
            assert time.monotonic() < give_up, (service, done.stderr.decode())
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop all, as compose does: SIGTERM, and an end within the time the file grants."""
        for process in self._running.values():
            process.terminate()
        try:
            for process in self._running.values():
                process.wait(PATIENCE_S)
        finally:
            for process in self._running.values():
                process.kill()
                process.wait()

    def _command(self, arguments: list[str]) -> list[str]:
        here = [self._port(word.replace("0.0.0.0", "127.0.0.1")) for word in arguments]
        return [sys.executable, "-m", "bluevest", *here]

    def _environment(self, service: str) -> dict[str, str]:
        """The service's environment and nothing of ours but what any process has."""
        wanted = {
            name: filled(str(value), self.env)
            .replace("/run/secrets/", f"{self._granted(service)}/")
            .replace("/keys/", f"{self.keys}/")
            for name, value in services()[service]["environment"].items()
        }
        return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **wanted}

    def _granted(self, service: str) -> Path:
        """The folder of the secrets that the service was given, and no others."""
        folder = self.log / f"secrets of {service}"
        folder.mkdir(exist_ok=True)
        for name in services()[service]["secrets"]:
            file = Path(document()["secrets"][name]["file"])
            (folder / name).write_bytes((self.secrets / file.name).read_bytes())
        return folder

    def _port(self, word: str) -> str:
        return _LISTENING.sub(lambda found: str(self.ports[found[0]]), word)
