"""The simulated world outside, and what a demonstration starts with."""

import json
import os
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

import typer

from bluevest.commands.context import DataDir, open_keys, opened
from bluevest.errors import OneLineError
from dispatcher.settings import Settings, load_settings
from simulator.settings import LONGEST_STORY_PACE_S, STORY_PACE_S

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
    """A story, then a centre that sends orders, volunteers who answer and an officer at the desk, until stopped."""
    from bluevest import demo
    from simulator.centre import FeedbackReceiver
    from simulator.telling import tell
    from simulator.traffic import main

    settings = load_settings()
    open_keys(settings)
    database = _database(settings)
    secret = database.transact(demo.centre_secret)
    os.environ["BLUEVEST_SIM_SOURCE"] = demo.CENTRE
    os.environ["BLUEVEST_SIM_STATION"] = demo.STATION
    os.environ["BLUEVEST_SIM_SECRET"] = secret
    os.environ["BLUEVEST_SIM_OFFICERS"] = json.dumps(demo.SIMULATED_OFFICERS)
    with FeedbackReceiver(secret, _feedback_port()) as centre:
        database.transact(lambda work: demo.tell_centre_at(work, centre.feedback_url))
        tell(f"反诈中心收到的反馈(模拟) · what the centre is told (simulation): {centre.url}/")
        main()


@simulator.command()
def story(
    name: Annotated[Literal["liutang", "yongning"], typer.Argument(help="Which story.")],
    pace: Annotated[
        float, typer.Option(min=0, max=LONGEST_STORY_PACE_S, help="Seconds after each step.")
    ] = STORY_PACE_S,
    data: DataDir = None,
) -> None:
    """Play a true story in a running demonstration; whoever acts first at the console or a phone takes it over."""
    from bluevest import demo
    from simulator.officer import Refused
    from simulator.stories import STORIES, Stuck, World, open_stage, play
    from simulator.telling import tell

    with opened(data) as service:
        secret = service.database.transact(demo.centre_secret)
        public, exchange = service.settings.public_url, service.settings.twilio_base_url
    if exchange is None:
        raise OneLineError("texts go to a real provider here: stories are for demonstrations")
    with open_stage(World(public, exchange, demo.CENTRE, secret, demo.STATION, demo.SIMULATED_OFFICERS)) as stage:
        try:
            play(STORIES[name](stage), stage, pace=pace, say=tell)
        except (Stuck, Refused) as trouble:
            raise OneLineError(f"the story broke off: {trouble}") from trouble


def _feedback_port() -> int:
    """Beside the phones' page, so that it is found again after a restart; 0: any."""
    exchange = urlsplit(os.environ.get("BLUEVEST_SIM_EXCHANGE_URL", "")).port
    return exchange + 1 if exchange else 0


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
