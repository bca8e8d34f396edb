"""The processes of one service, seen from outside through /proc."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from bluevest.children import alive

PATIENCE_S = 60.0


def until(condition: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Wait until something holds; the test fails when it never does."""
    give_up = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < give_up, f"it never came about: {what}"
        time.sleep(0.05)


def children_of(pid: int) -> dict[str, int]:
    """The direct children by what their command line says they are: `worker dispatch`, `postgres`."""
    named = {_name(_command_line(child)): child for child in child_pids(pid)}
    return {name: child for name, child in named.items() if name}


def child_pids(pid: int) -> list[int]:
    """The direct children."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def working_in(directory: Path) -> dict[int, str]:
    """Every process that stands below the folder or was started with it, whoever its parent is."""
    own = str(os.getpid())
    pids = [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit() and entry.name != own]
    return {int(pid): " ".join(_command_line(int(pid))) for pid in pids if _works_in(pid, directory)}


def kill(pid: int) -> None:
    """`kill -9`, and wait until it is gone."""
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid), f"{pid} gone")


def _name(command: list[str]) -> str:
    """`python /…/bin/bluevest worker dispatch` → `worker dispatch`; `/…/valkey-server 127.0.0.1:7000` → `valkey`."""
    for place, word in enumerate(command):
        if word.endswith("/bluevest"):
            words = [argument for argument in command[place + 1 :] if not argument.startswith("-")]
            return " ".join(words[:2]) if words[0] == "worker" else words[0]
    program = Path(command[0]).name if command else ""
    return {"valkey-server": "valkey"}.get(program, program)


def _command_line(pid: int) -> list[str]:
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").decode(errors="replace")
    except OSError:
        return []
    # The stores write their own title, with blanks where the arguments were.
    return raw.split("\0") if "\0" in raw else raw.split()


def _works_in(pid: str, directory: Path) -> bool:
    proc = Path("/proc") / pid
    try:
        place = (proc / "cwd").readlink()
        environment = (proc / "environ").read_bytes()
        started_with = (proc / "cmdline").read_bytes()
    except OSError:
        return False  # gone, or not ours to look at
    mark = str(directory).encode()
    return alive(int(pid)) and (place.is_relative_to(directory) or mark in environment or mark in started_with)
