"""`bluevest up`: everything on one machine."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_PORT = 8000
_LAST_PORT = 65535


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(up)


def up(
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="With places, people and an officer to try it out; all simulated.")
    ] = False,
    traffic: Annotated[
        bool | None,
        typer.Option("--traffic/--no-traffic", help="Simulated warning orders and answers; with --demo by default."),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=_LAST_PORT, help="Where the service listens.")] = DEFAULT_PORT,
    data: Annotated[
        Path | None, typer.Option(help="The data folder; else BLUEVEST_DATA, else var/bluevest below this folder.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show what the parts write into their logs.")] = False,
) -> None:
    """Start the whole service on this machine, stores included, and keep it running; Ctrl-C stops it."""
    from bluevest.up import Options, run

    run(Options(demo=demo, traffic=traffic, port=port, data=data, verbose=verbose))
