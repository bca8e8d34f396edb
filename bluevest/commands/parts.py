"""The parts of the service, one command each, as production runs them."""

import signal
import threading
from typing import Annotated

import typer

from bluevest.commands.context import open_keys
from dispatcher.errors import BadInput
from dispatcher.settings import Settings, load_settings


def _start(part: str) -> Settings:
    """What every part does first: settings, keys, logs without personal data."""
    from dispatcher.protection.logs import configure_logging

    configure_logging(part)
    settings = load_settings()
    open_keys(settings)
    return settings


def web(
    surface: Annotated[str, typer.Option(help="all, hooks, volunteer or console")] = "all",
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on")] = 8000,
) -> None:
    """Serve HTTP: the centre's and the provider's hooks, the volunteers' page, the console."""
    from dispatcher.db import Database, make_engine
    from web.app import Surface, create_app
    from web.serve import serve
    from web.services import Services
    from workers.wakeups import BackgroundWaker, RqWaker, connect

    if surface not in set(Surface):
        raise BadInput(f"no such surface: {surface}; there are {', '.join(Surface)}", field="surface")
    settings = _start(f"web {surface}")
    waker = BackgroundWaker(RqWaker(connect(settings.redis_url)))
    database = Database(make_engine(settings, pool_size=20), waker=waker)
    app = create_app(Services(settings, database), Surface(surface), settings.redis_url)
    serve(app, settings, host, port)


def worker(queue: Annotated[str, typer.Argument(help="dispatch, messages or feedback")]) -> None:
    """Work on one queue: plan, send texts, or deliver feedback."""
    from workers.shop import open_shop
    from workers.worker import run_worker

    run_worker(open_shop(_start(f"worker {queue}")), queue)


def timekeeper() -> None:
    """Run the clocks and find lost wake-ups, every second; several may run."""
    from workers.shop import open_shop
    from workers.timekeeper import run_timekeeper

    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    run_timekeeper(open_shop(_start("timekeeper")), stop)


def migrate() -> None:
    """Bring the database to the newest schema; make the keys file at the very first start."""
    from dispatcher import installation, migrations
    from dispatcher.db import Database, make_engine
    from dispatcher.protection.keys import KeyRing, use_keys

    settings = load_settings()
    engine = make_engine(settings)
    try:
        migrations.upgrade(engine)
        database = Database(engine)
        fresh = database.read(installation.is_fresh)
        if fresh and settings.keys is None and settings.keys_file and not settings.keys_file.exists():
            use_keys(KeyRing.create(settings.keys_file))
        ring = open_keys(settings)
        database.transact(lambda work: installation.claim(work, ring, settings.keys_file))
    finally:
        engine.dispose()


def register(app: typer.Typer) -> None:
    """Put the commands into the command line."""
    for command in (web, worker, timekeeper, migrate):
        app.command()(command)
