"""The simulated world outside, and what a demonstration starts with."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from bluevest.commands.context import open_keys
from dispatcher.settings import Settings, load_settings

if TYPE_CHECKING:
    from dispatcher.db import Database

simulator = typer.Typer(help="The world outside, simulated: a handset exchange, a centre, volunteers.")


@simulator.command()
def exchange(
    port: Annotated[int, typer.Option(help="port to listen on")],
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
) -> None:
    """A Twilio-compatible handset exchange with a page that shows the phones."""
    from simulator.exchange import serve

    serve(host, port)


@simulator.command()
def traffic() -> None:
    """A centre that sends orders, and volunteers who answer, until stopped."""
    from bluevest import demo
    from simulator.traffic import main

    settings = load_settings()
    open_keys(settings)
    os.environ["BLUEVEST_SIM_SOURCE"] = demo.CENTRE
    os.environ["BLUEVEST_SIM_STATION"] = demo.STATION
    os.environ["BLUEVEST_SIM_SECRET"] = _database(settings).transact(demo.centre_secret)
    main()


def demo_seed() -> None:
    """Bring in what a demonstration starts with; what is there already stays."""
    from bluevest import demo

    settings = load_settings()
    open_keys(settings)
    demo.seed(_database(settings))


def _database(settings: Settings) -> "Database":
    from dispatcher.db import Database, make_engine

    return Database(make_engine(settings))


def register(app: typer.Typer) -> None:
    """Put the commands into the command line."""
    app.add_typer(simulator, name="simulator")
    app.command("demo-seed", hidden=True)(demo_seed)
