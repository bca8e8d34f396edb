"""`bluevest health PART`: whether a part that was started here is well; for health checks of containers.

It is asked every few seconds beside every part, so it loads as little as it can: no tables, no web.
"""

import os
from typing import Annotated

import typer

from bluevest.errors import OneLineError, one_line

_CONNECT_S = 5
_AGE = "SELECT extract(epoch FROM clock_timestamp() - at)::float8 FROM heartbeats WHERE part = %s"


def health(
    part: Annotated[list[str], typer.Argument(help="web, worker QUEUE, or timekeeper")],
    port: Annotated[int, typer.Option(help="where the web part of this machine listens")] = 8000,
) -> None:
    """Look whether a part that runs on this machine is well: web answers, the others wrote a heartbeat just now."""
    name = " ".join(part)
    if name == "web":
        _answers(port)
    else:
        _beats(name)
    typer.echo("ok")


def _answers(port: int) -> None:
    """Raises OneLineError unless `/healthz` is answered."""
    from bluevest.readiness import answers_well

    scheme = "https" if os.environ.get("BLUEVEST_TLS_CERT") else "http"
    if not answers_well(f"{scheme}://127.0.0.1:{port}/healthz"):
        raise OneLineError(f"nothing on port {port} answers /healthz well")


def _beats(part: str) -> None:
    """Raises OneLineError unless the part wrote its heartbeat on this machine a moment ago, by the database's clock."""
    import psycopg

    from dispatcher.parts import FRESH_S, PARTS, name_here
    from dispatcher.settings import load_settings

    if part not in PARTS:
        raise OneLineError(f"no such part: {part}; there are web, {', '.join(PARTS)}")
    try:
        with psycopg.connect(load_settings().libpq_url, connect_timeout=_CONNECT_S) as connection:
            found = connection.execute(_AGE, [name_here(part)]).fetchone()
    except psycopg.Error as error:
        raise OneLineError(f"the database cannot be asked: {one_line(error)}") from None
    if found is None:
        raise OneLineError(f"{part} has not written a heartbeat on this machine yet")
    if found[0] >= FRESH_S:
        raise OneLineError(f"the last heartbeat of {part} on this machine is {found[0]:.0f} s old")


def register(app: typer.Typer) -> None:
    """Put the command into the command line."""
    app.command()(health)
