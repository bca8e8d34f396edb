"""`bluevest up`, step by step: folder, disk, port, stores, keys, tables, demo data, parts; then looking after them."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bluevest.children import run_once
from bluevest.embedded import EmbeddedPostgres, EmbeddedValkey
from bluevest.embedded.folder import PASSABLE, make_folder
from bluevest.embedded.ports import LOOPBACK, becomes_free, free_port
from bluevest.embedded.store import STOP_S, Store
from bluevest.environment import (
    Addresses,
    exchange_wanted,
    for_parts,
    keys_file_needed,
    own_url,
    traffic_wanted,
)
from bluevest.errors import StartError, disk_full, free_mb, is_disk_full
from bluevest.parts import STORES_STOP_RANK, Shape, own_command, parts, recipe
from bluevest.readiness import answers_well
from bluevest.service import KEYS_FILE, Service, data_directory, sole_use
from bluevest.supervisor import Part, Supervisor, interrupted_by_signals, plain_say, why

FIRST_START_MB = 200
LATER_START_MB = 32
_ANY_ADDRESS = "0.0.0.0"  # noqa: S104  # asked about, not listened on
_PORT_S = 3.0
_ONCE_S = 300.0
_READY_S = 90.0
_HOPELESS_DEATHS = 3


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line; `traffic` is None when nothing was said about it."""

    demo: bool = False
    traffic: bool | None = None
    port: int = 8000
    data: Path | None = None
    verbose: bool = False


def run(
    options: Options,
    *,
    bluevest: Sequence[str] | None = None,
    say: Callable[[str], None] = plain_say,
) -> None:
    """Start everything and keep it running until Ctrl-C or SIGTERM; `bluevest` is the command of the parts.

    Raises OneLineError when a step fails; whatever had been started is stopped again then.
    """
    directory = data_directory(options.data)
    with interrupted_by_signals():
        try:
            _run_with(directory, options, bluevest or own_command(), say)
        except KeyboardInterrupt:
            say("stopped")
        except OSError as error:
            if is_disk_full(error):
                raise disk_full(directory) from None
            raise


def _run_with(directory: Path, options: Options, bluevest: Sequence[str], say: Callable[[str], None]) -> None:
    traffic = traffic_wanted(os.environ, asked=options.traffic, demo=options.demo)
    make_folder(directory, PASSABLE)
    with sole_use(directory):
        supervisor = Supervisor(say, verbose=options.verbose)
        try:
            start = _Start(directory, options, bluevest, say, supervisor)
            start.run(traffic=traffic)
            supervisor.run()
        finally:
            supervisor.stop()


class _Start:
    """One start: each method is a step that says one line, or raises StartError."""

    def __init__(
        self,
        directory: Path,
        options: Options,
        bluevest: Sequence[str],
        say: Callable[[str], None],
        supervisor: Supervisor,
    ) -> None:
        self.directory = directory
        self.options = options
        self.bluevest = bluevest
        self.say = say
        self.supervisor = supervisor
        self.logs = directory / "log"

    def run(self, *, traffic: bool) -> None:
        self.say(f"data folder: {self.directory}")
        make_folder(self.logs)
        self.check_disk()
        self.check_port()
        where = Addresses(
            database_url=os.environ.get("DATABASE_URL") or self.start_store(EmbeddedPostgres(self.directory)),
            redis_url=os.environ.get("REDIS_URL") or self.start_store(EmbeddedValkey(self.directory)),
            directory=self.directory,
            port=self.options.port,
            exchange_port=self.exchange_port(),
            keys_file=self.keys_file(),
        )
        env = for_parts(os.environ, where, demo=self.options.demo)
        self.migrate(env, where.keys_file)
        if self.options.demo:
            self.run_once("demo-seed", env, "demo data: there")
        self.save(where, env)
        shape = Shape(self.options.port, where.exchange_port, traffic)
        for part in parts(shape, self.bluevest, env, self.logs):
            self.supervisor.start(part)
            self.say(f"{part.recipe.name}: started")
        self.wait_until_ready()
        self.greet(env, where, traffic=traffic)

    def check_disk(self) -> None:
        own = not os.environ.get("DATABASE_URL")
        first = own and not (self.directory / "postgres" / "data").exists()
        needed = FIRST_START_MB if first else LATER_START_MB
        free = free_mb(self.directory)
        if free < needed:
            raise disk_full(self.directory, needed)
        self.say(f"disk: {free} MB free")

    def check_port(self) -> None:
        port = self.options.port
        try:
            free = becomes_free(port, _ANY_ADDRESS, _PORT_S)
        except PermissionError:
            raise StartError(f"port {port}: no right to listen there; choose one from 1024 on (--port)") from None
        if not free:
            raise StartError(f"port {port} is in use; choose another (--port)")
        self.say(f"port {port}: free")

    def start_store(self, store: Store) -> str:
        store.prepare()
        process = store.start()
        self.supervisor.adopt(
            Part(store.recipe(), STORES_STOP_RANK, STOP_S, before_start=store.clear_predecessor), process
        )
        user = f", as user {store.account.name}" if store.account else ""
        self.say(f"{store.product}: on {LOOPBACK}:{store.access.port}{user}")
        return store.url

    def exchange_port(self) -> int | None:
        return free_port(self.options.port + 1) if exchange_wanted(os.environ) else None

    def keys_file(self) -> Path | None:
        """DIR/keys.json, unless the environment holds or names the keys."""
        return self.directory / KEYS_FILE if keys_file_needed(os.environ) else None

    def migrate(self, env: Mapping[str, str], keys: Path | None) -> None:
        """Bring the tables up to date; only this, and only with an empty database, may make new keys.

        Keys that were lost must not be replaced by others: nobody could read the people's data any more.
        """
        missing = keys is not None and not keys.exists()
        self.run_once("migrate", env, "tables: up to date")
        if missing:
            self.say(f"keys: made {keys}; keep a copy elsewhere")

    def run_once(self, command: str, env: Mapping[str, str], done: str) -> None:
        run_once(recipe(command, [*self.bluevest, command], env, self.logs), _ONCE_S)
        self.say(done)

    def save(self, where: Addresses, env: Mapping[str, str]) -> None:
        exchange = where.exchange_port
        Service(
            database_url=where.database_url,
            redis_url=where.redis_url,
            port=where.port,
            public_url=env["BLUEVEST_PUBLIC_URL"],
            twilio_base_url=env.get("BLUEVEST_TWILIO_BASE_URL"),
            simulator_url=None if exchange is None else f"http://{LOOPBACK}:{exchange}",
            keys_file=env.get("BLUEVEST_KEYS_FILE"),
            pid=os.getpid(),
        ).save(self.directory)

    def wait_until_ready(self) -> None:
        url = f"{own_url(os.environ, self.options.port)}/readyz"
        until = time.monotonic() + _READY_S
        while not answers_well(url):
            self.supervisor.tick()
            worst = self.supervisor.worst()
            if worst and self.supervisor.failures(worst.recipe.name) >= _HOPELESS_DEATHS:
                raise StartError(f"{worst.recipe.name} does not start: {why(worst)}")
            if time.monotonic() > until:
                raise StartError(f"web did not come up within {_READY_S:.0f} s; see {self.logs / 'web.log'}")
            time.sleep(0.1)

    def greet(self, env: Mapping[str, str], where: Addresses, *, traffic: bool) -> None:
        if where.exchange_port is not None:
            self.say(f"phones (simulation, no text leaves this machine): http://{LOOPBACK}:{where.exchange_port}/")
        if traffic:
            self.say("warning orders: simulation, made-up people")
        if self.options.demo:
            from bluevest.demo import OFFICER, PASSWORD

            self.say(f"sign-in of the demo officer: {OFFICER} / {PASSWORD}")
        self.say(f"address: {env['BLUEVEST_PUBLIC_URL']}")
        self.say("ready; Ctrl-C stops it")
