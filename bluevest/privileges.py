"""Who the stores run as: PostgreSQL refuses root, so a start by root drops to an ordinary user for its children.

On Linux children are started through `shim.py`. Elsewhere there are no parent-death signals: a child then outlives
a `kill -9` of the top process until the next start, and starting as root is refused.
"""

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bluevest.errors import OneLineError, StartError

LINUX = sys.platform == "linux"
_SHIM = Path(__file__).with_name("shim.py")
_PROBE_TIMEOUT_S = 30


@dataclass(frozen=True)
class Account:
    """An ordinary user of this machine."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Identity:
    """How a child is started: as whom (None: as ourselves), and whether it may read below closed folders."""

    account: Account | None = None
    keep_search: bool = False


def account_to_run_as() -> Account | None:
    """The user the stores run as when we are root: BLUEVEST_RUN_AS, by default `nobody`; None when we are not root.

    Raises OneLineError when there is no such user, or it is root again.
    """
    if os.geteuid() != 0:
        return None
    if not LINUX:
        raise OneLineError("starting the embedded stores as root works on Linux only: start as an ordinary user")
    name = os.environ.get("BLUEVEST_RUN_AS") or "nobody"
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise OneLineError(f"BLUEVEST_RUN_AS: there is no user {name} on this machine") from None
    if entry.pw_uid == 0:
        raise OneLineError(f"BLUEVEST_RUN_AS: {name} is root; PostgreSQL needs an ordinary user")
    return Account(name, entry.pw_uid, entry.pw_gid)


def shielded(command: Sequence[str], death_signal: signal.Signals, identity: Identity) -> list[str]:
    """The command line that starts `command` as `identity`, tied to the life of the calling thread.

    When that thread ends by whatever cause, the child gets `death_signal`: start children from the main thread.
    """
    if not LINUX:
        return list(command)
    return [*_shim(death_signal, identity), *command]


def first_closed(paths: Sequence[Path], identity: Identity) -> str | None:
    """The first path or folder on the way there that the identity can neither enter nor read; None when all is open.

    Asked by doing it, not by looking at modes: lists of rights and odd file systems have their say too.
    """
    probe = [*_shim(signal.SIGKILL, identity), "--probe", *(str(path) for path in paths)]
    result = subprocess.run(probe, capture_output=True, text=True, check=False, timeout=_PROBE_TIMEOUT_S)
    if result.returncode == 0:
        return None
    if result.stdout:
        return result.stdout
    raise StartError(result.stderr.strip() or f"the probe of {paths[0]} ended with {result.returncode}")


def _shim(death_signal: signal.Signals, identity: Identity) -> list[str]:
    account = identity.account
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    numbers = (os.getpid(), int(death_signal), uid, gid, int(identity.keep_search))
    return [sys.executable, "-I", "-S", str(_SHIM), *(str(number) for number in numbers)]
