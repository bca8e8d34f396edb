"""`alerta-server` on PostgreSQL, served by gunicorn from an environment of its own (`make bench` makes it)."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from benchmarks.senders import request
from benchmarks.service import Running, free_port, process
from bluevest.embedded import EmbeddedPostgres

HOME = Path(__file__).parents[1] / ".venv-peers"
WORKERS = 2


@contextmanager
def alerta(service: Running) -> Iterator[int]:
    """Its port. It has a database of its own in the same cluster, so that both write to the same kind of disk.

    Raises RuntimeError when it is not installed or ends at once.
    """
    if not (HOME / "bin" / "gunicorn").exists():
        raise RuntimeError("alerta is not installed: `make bench` does it")
    admin = EmbeddedPostgres(service.data).admin_url
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE DATABASE alerta")
    port = free_port()
    env = os.environ | {"DATABASE_URL": urlunsplit(urlsplit(admin)._replace(path="/alerta")), "AUTH_REQUIRED": "False"}
    served = [
        "--no-control-socket",
        "--preload",
        "-w",
        str(WORKERS),
        "-k",
        "gthread",
        "--threads",
        "16",
        "-b",
        f"127.0.0.1:{port}",
    ]
    command = [str(HOME / "bin" / "gunicorn"), *served, "alerta.app:create_app()"]
    with process(command, port=port, env=env, log=service.data / "alerta.log"):
        yield port


def alerts(run: str, many: int) -> list[bytes]:
    """That many alerts, each new to it, of about the size of a warning order."""
    return [request("/alert", json.dumps(_alert(run, number)).encode()) for number in range(many)]


def _alert(run: str, number: int) -> dict[str, object]:
    return {
        "resource": f"{run}-{number:06d}",
        "event": "fund",
        "environment": "Production",
        "severity": "major",
        "service": ["anti-fraud"],
        "group": "440306-LT",
        "value": "fake_investment",
        "text": f"resident +86137{number:08d}",
        "origin": "centre",
        "attributes": {"lon": "113.86", "lat": "22.58"},
    }
