"""What the two embedded stores have in common: their folder, their life as a child, waiting until they answer."""

import contextlib
import os
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bluevest.children import Recipe, alive, spawn, stop, tail, wait_until_gone
from bluevest.embedded.binaries import Placement, Tree, place
from bluevest.embedded.folder import PASSABLE, Access, hand_over, make_folder
from bluevest.embedded.ports import free_port
from bluevest.errors import StartError, disk_full
from bluevest.privileges import Account, account_to_run_as

READY_S = 60.0
STOP_S = 20.0
_PREDECESSOR_S = 15.0
_PORT_TRIALS = 4
_AGAIN_S = 0.2


class Store(ABC):
    """A store in a subfolder of DIR that listens on 127.0.0.1 only.

    `prepare`, then start `recipe()` and `wait_ready`; or all of it by `running`. A store's folder holds `data/`, which
    belongs to the user it runs as, and `access.json` (0600), which is ours.
    """

    name: str
    product: str

    def __init__(self, directory: Path, *, durable: bool = True, ready_s: float = READY_S) -> None:
        self.directory = directory.absolute()
        self.folder = self.directory / self.name
        self.data = self.folder / "data"
        self.log = self.directory / "log" / f"{self.name}.log"
        self.durable = durable
        self.ready_s = ready_s
        self.account: Account | None = None
        self.placement: Placement | None = None
        self._access: Access | None = None
        self._log_start = 0

    @property
    @abstractmethod
    def url(self) -> str:
        """The address for clients, with the password in it."""

    @abstractmethod
    def tree(self) -> Tree:
        """The wheel's files this store needs."""

    @abstractmethod
    def recipe(self) -> Recipe:
        """How the store is started as a foreground child; valid once it was prepared."""

    @abstractmethod
    def answers(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether this very process answers a query now."""

    @abstractmethod
    def make_data(self) -> None:
        """Fill the data folder the first time, or say by StartError what is broken in it."""

    @abstractmethod
    def pid_file(self) -> Path:
        """Where a running store leaves its number."""

    @abstractmethod
    def why_it_ended(self, said: str) -> str:
        """The reason in what it said before it ended, as one line."""

    @property
    def access(self) -> Access:
        """Port and passwords. Raises StartError when the store was not prepared or its file is broken."""
        if self._access is None:
            self._access = Access.load(self.folder / "access.json")
        return self._access

    def prepare(self) -> None:
        """Make or check the folder, choose user, binaries and port.

        Raises StartError.
        """
        self.account = account_to_run_as()
        make_folder(self.directory, PASSABLE)
        make_folder(self.folder, PASSABLE)
        make_folder(self.log.parent)
        file = self.folder / "access.json"
        if not file.exists() and not self.data.exists():
            Access.fresh().save(file)
        self._access = Access.load(file)
        self.make_data()
        self.clear_predecessor(_PREDECESSOR_S)
        hand_over(self.data, self.account)
        self.placement = self._place(self.data)
        self._choose_port(self.access.port)

    def _place(self, data: Path) -> Placement:
        return place(self.tree(), data, self.folder / "binaries", self.account)

    def _choose_port(self, preferred: int) -> None:
        port = free_port(preferred)
        if port != self.access.port:
            self._access = replace(self.access, port=port)
            self._access.save(self.folder / "access.json")

    def clear_predecessor(self, deadline_s: float = 0) -> None:
        """Wait for a store left from a killed start to end; forget a number that others use by now.

        A number alone proves nothing: after a reboot it may be anybody's. So the process must work in our folder.
        Raises StartError when it is still there at the deadline.
        """
        try:
            pid = int(self.pid_file().read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        if not alive(pid):
            return  # the store itself knows best what a dead predecessor means
        if not self._works_here(pid):
            self.forget(pid)
        elif not wait_until_gone(pid, deadline_s):
            raise StartError(f"{self.product} of {self.folder} is still running (pid {pid}): stop it first")

    def forget(self, pid: int) -> None:  # noqa: ARG002  # for stores that care which number it was
        """The number in the pid file now belongs to a stranger: make that harmless."""
        self.pid_file().unlink(missing_ok=True)

    def _works_here(self, pid: int) -> bool:
        if not Path("/proc/self").exists():
            return True  # no /proc on this system: believe the number
        proc = Path("/proc") / str(pid)
        try:
            return (proc / "cwd").samefile(self.data)
        except FileNotFoundError:
            return False  # it has just ended
        except PermissionError:
            return proc.stat().st_uid == self.data.stat().st_uid

    def wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until the process answers a query.

        Raises StartError when it ended or the deadline passed.
        """
        until = time.monotonic() + self.ready_s
        while True:
            code = process.poll()
            if code is not None:
                raise StartError(self._reason(code))
            if self.answers(process):
                return
            if time.monotonic() > until:
                raise StartError(f"{self.product} did not answer within {self.ready_s:.0f} s; see {self.log}")
            time.sleep(0.02)

    def _reason(self, code: int) -> str:
        said = tail(self.log, self._log_start)
        if "No space left on device" in said:
            return str(disk_full(self.directory))
        reason = self.why_it_ended(said) or f"it ended with {code}"
        return f"{self.product} did not start: {reason} (see {self.log})"

    def start(self) -> subprocess.Popen[bytes]:
        """Start the prepared store and wait until it answers; takes another port when somebody was faster.

        Raises StartError.
        """
        for trial in range(1, _PORT_TRIALS + 1):
            self._log_start = self.log.stat().st_size if self.log.exists() else 0
            process = spawn(self.recipe())
            try:
                self.wait_ready(process)
            except StartError:
                stop(process, self.recipe().stop_signal, STOP_S)
                if trial == _PORT_TRIALS or "in use" not in tail(self.log, self._log_start):
                    raise
                time.sleep(_AGAIN_S)
                self._choose_port(0)
            except BaseException:
                stop(process, self.recipe().stop_signal, STOP_S)
                raise
            else:
                return process
        raise AssertionError  # the last trial returns or raises

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """The prepared and started store's URL, for as long as the block lasts; start it from the main thread.

        Raises StartError.
        """
        self.prepare()
        process = self.start()
        try:
            yield self.url
        finally:
            stop(process, self.recipe().stop_signal, STOP_S)


def store_environment() -> dict[str, str]:
    """A store's whole environment: nothing of ours that could change what it does (PGDATA, LC_ALL, LD_PRELOAD)."""
    return {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ} | {"LC_ALL": "C", "TZ": "UTC"}
