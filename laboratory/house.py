"""The service under test: real processes, with a wire of our own on every way between them and the world."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import httpx
import psutil
from psycopg import Connection, OperationalError, connect
from redis import Redis

from bluevest.children import stop
from bluevest.embedded import EmbeddedPostgres, EmbeddedValkey
from bluevest.embedded.ports import free_port
from bluevest.embedded.store import STOP_S, Store
from bluevest.privileges import Identity, shielded
from laboratory.wire import Wire
from simulator.handset import Exchange
from tests.line.processes import child_pids, kill, until
from tests.line.service import ROOT, RunningService, data_folder, foreign_provider

INSIDE = Path(__file__).parent / "inside"
"""A folder on the parts' Python path: it shifts their clocks, and plants bugs."""
_FULL_BYTES = 64 * 1024
_LIMIT = """
import contextlib, resource, sys
most, *pids = map(int, sys.argv[1:])
for pid in pids:
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]))
"""


@dataclass
class StoreHouse:
    """One store, its process, and the wire that leads to it. Started and stopped from the main thread."""

    store: Store
    wire: Wire
    process: "subprocess.Popen[bytes]"

    def url(self, *, by_wire: bool) -> str:
        """The address: of the wire for the parts, the store's own for us."""
        own = urlsplit(self.store.url)
        port = self.wire.port if by_wire else own.port
        return own._replace(netloc=f"{own.netloc.rpartition(':')[0]}:{port}").geturl()

    def kill(self) -> None:
        """`kill -9`, with every process of it."""
        for pid in (*child_pids(self.process.pid), self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def start(self) -> None:
        """Start it again, on the port it had."""
        self.store.clear_predecessor(STOP_S)
        self.process = self.store.start()
        self.wire.target = self.store.access.port

    def running(self) -> bool:
        """Whether its process runs."""
        return self.process.poll() is None


@dataclass
class House:
    """Everything that may break. `web` is the way from the world in, `sms` the way to the provider."""

    service: RunningService
    provider: Exchange
    postgres: StoreHouse
    valkey: StoreHouse
    web: Wire
    sms: Wire
    clock: Path
    _stopped: set[int] = field(default_factory=set)
    _full: bool = False

    @property
    def url(self) -> str:
        """The service's address for the world."""
        return f"http://127.0.0.1:{self.web.port}"

    def sql(self) -> Connection[tuple[object, ...]]:
        """Straight to the database, whatever the wires do."""
        return connect(self.postgres.url(by_wire=False), autocommit=True)

    def redis(self) -> Redis:
        """Straight to Valkey."""
        return Redis.from_url(self.valkey.url(by_wire=False))

    def freeze(self, part: str) -> None:
        """SIGSTOP: the part hangs and keeps all its connections."""
        pid = self.service.pid(part)
        os.kill(pid, signal.SIGSTOP)
        self._stopped.add(pid)

    def thaw(self) -> None:
        """SIGCONT for every part that hangs."""
        for pid in self._stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self._stopped.clear()

    def kill(self, part: str) -> None:
        """`kill -9`; the supervisor starts another."""
        old = self.service.pid(part)
        with contextlib.suppress(ProcessLookupError):
            kill(old)

    def shift_clock(self, seconds: float) -> None:
        """The parts' clocks go wrong by so much at once; the stores' clocks stay right."""
        self.clock.write_text(str(seconds))

    def fill_disk(self) -> None:
        """No file of PostgreSQL can grow: what the kernel answers to a write past the limit is an error to it."""
        self._limit_files(_FULL_BYTES)

    def make_room(self) -> None:
        """Files may grow again."""
        if self._full:
            self._limit_files(resource.RLIM_INFINITY)

    def _limit_files(self, most: int) -> None:
        """For every process of the server, as its own user: the kernel lets nobody else."""
        self._full = most != resource.RLIM_INFINITY
        if not self.postgres.running():
            return
        top, account = self.postgres.process.pid, self.postgres.store.account
        pids = [str(pid) for pid in (top, *child_pids(top))]
        command = [sys.executable, "-c", _LIMIT, str(most), *pids]
        subprocess.run(shielded(command, signal.SIGKILL, Identity(account, keep_search=bool(account))), check=True)

    def heal(self) -> None:
        """Everything works again, and what had ended runs."""
        self.thaw()
        for wire in (self.web, self.sms, self.postgres.wire, self.valkey.wire):
            wire.heal()
        self.provider.fault()
        self.make_room()
        self.revive()
        with self.redis() as redis:
            redis.config_set("maxmemory", "0")
        self.shift_clock(0)

    def revive(self) -> None:
        """Start the stores that have ended; some end only a while after what ended them."""
        for store in (self.postgres, self.valkey):
            if not store.running():
                store.start()


@contextmanager
def open_house(plant: str = "") -> Iterator[House]:
    """A house with nobody in it; `plant` names a bug that its parts are to have."""
    with ExitStack() as stack:
        provider = stack.enter_context(foreign_provider())
        stores, data = Path(stack.enter_context(TemporaryDirectory())), stack.enter_context(data_folder())
        postgres = _store(stack, EmbeddedPostgres(stores))
        valkey = _store(stack, EmbeddedValkey(stores))
        sms = stack.enter_context(Wire(urlsplit(provider.url).port or 0))
        port = free_port()
        web = stack.enter_context(Wire(port))
        clock = data / "clock"
        clock.write_text("0")
        clock.chmod(0o644)
        service = RunningService(
            data,
            provider,
            port=port,
            DATABASE_URL=postgres.url(by_wire=True),
            REDIS_URL=valkey.url(by_wire=True),
            BLUEVEST_TWILIO_BASE_URL=f"http://127.0.0.1:{sms.port}",
            BLUEVEST_PUBLIC_URL=f"http://127.0.0.1:{web.port}",
            BLUEVEST_SESSION_IDLE_MINUTES="600",  # the consoles watch for hours and touch nothing
            PYTHONPATH=os.pathsep.join(map(str, (INSIDE, ROOT))),  # this tree's parts, not installed ones
            LABORATORY_CLOCK=str(clock),
            LABORATORY_PLANT=plant,
        )
        house = House(service, provider, postgres, valkey, web, sms, clock)
        with service:
            provider.post_inbound_to(f"{house.url}/hooks/twilio/inbound")
            try:
                yield house
            finally:
                house.heal()


def _store(stack: ExitStack, store: Store) -> StoreHouse:
    store.prepare()
    process = store.start()
    wire = Wire(store.access.port)
    house = StoreHouse(store, wire, process)
    stack.callback(lambda: stop(house.process, store.recipe().stop_signal, STOP_S))
    stack.enter_context(wire)
    return house


_BEATING = ("worker dispatch", "worker messages", "worker feedback", "timekeeper")


def wait_until_ready(house: House) -> None:
    """The service says that it is ready, and every part that was started anew has begun its work.

    `/readyz` trusts a heartbeat for a while: it is ready before a new timekeeper has imported itself.
    """

    def ready() -> bool:
        house.revive()
        try:
            return httpx.get(f"{house.service.url}/readyz", timeout=5, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    until(ready, "the service is ready")
    until(lambda: all(_has_begun(house, part) for part in _BEATING), "every part has begun its work")


def _has_begun(house: House, part: str) -> bool:
    """Whether it has beaten since its process began."""
    try:
        began = psutil.Process(house.service.pid(part)).create_time()
        with house.sql() as connection:
            beat = connection.execute(
                "SELECT extract(epoch FROM at) FROM heartbeats WHERE part = %s", (part,)
            ).fetchone()
    except (psutil.Error, OperationalError, AssertionError, LookupError):
        return False
    return beat is not None and float(str(beat[0])) >= began
