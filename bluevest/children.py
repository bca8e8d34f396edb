"""Starting one child process: tied to our life, in its own process group, its output in a log file."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bluevest.errors import StartError
from bluevest.privileges import Identity, shielded

_LOG_LIMIT_BYTES = 20 * 1024 * 1024
_TAIL_BYTES = 8192


@dataclass(frozen=True)
class Recipe:
    """Everything needed to start a child, and to start it again just the same.

    `command` begins with an absolute path. `env` is the child's whole environment. `stdin` is fed to it at once and
    must be small. `death_signal` is what it gets when we die, `stop_signal` what it gets when we stop it.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    log: Path
    identity: Identity = field(default_factory=Identity)
    stdin: bytes | None = field(default=None, repr=False)
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL


def spawn(recipe: Recipe) -> subprocess.Popen[bytes]:
    """Start a child; call it from the main thread, since the child dies with the thread that started it.

    Its own process group keeps a Ctrl-C at the terminal from reaching it before us: we stop all in order.
    Raises OSError when the log cannot be written.
    """
    turn_over(recipe.log)
    with recipe.log.open("ab") as log:
        process = subprocess.Popen(
            shielded(recipe.command, recipe.death_signal, recipe.identity),
            env=dict(recipe.env),
            cwd="/" if recipe.identity.account else None,
            stdin=subprocess.DEVNULL if recipe.stdin is None else subprocess.PIPE,
            stdout=log,
            stderr=log,
            process_group=0,
        )
    if process.stdin is not None:
        try:
            process.stdin.write(recipe.stdin or b"")
            process.stdin.close()
        except BrokenPipeError:
            pass  # it died at once; whoever waits for it will see that, and the reason in its log
    return process


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals, deadline_s: float) -> None:
    """Ask a child to end, wait, and kill its whole process group when it does not."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        try:
            process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a child and whatever it started, at once."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it ended by itself in between
    except PermissionError:
        process.kill()
    process.wait()


def run_once(recipe: Recipe, deadline_s: float) -> None:
    """Run a child to its end.

    Raises StartError with the last line it said when it fails or takes longer than the deadline.
    """
    said_before = recipe.log.stat().st_size if recipe.log.exists() else 0
    process = spawn(recipe)
    try:
        code = process.wait(deadline_s)
    except subprocess.TimeoutExpired:
        raise StartError(f"{recipe.name} took longer than {deadline_s:.0f} s; see {recipe.log}") from None
    finally:
        if process.poll() is None:
            kill(process)
    if code != 0:
        reason = last_line(recipe.log, said_before) or f"it ended with {code}; see {recipe.log}"
        raise StartError(f"{recipe.name}: {reason}")


def last_line(log: Path, start: int = 0) -> str:
    """The last line with anything in it that was written after byte `start`; empty when there is none."""
    lines = [line.strip() for line in tail(log, start).splitlines() if line.strip()]
    return lines[-1] if lines else ""


def tail(log: Path, start: int = 0) -> str:
    """The last few kilobytes of a log, none of them from before byte `start`."""
    try:
        with log.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            first = start if start <= end else 0
            file.seek(max(first, end - _TAIL_BYTES))
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def turn_over(log: Path) -> None:
    """Keep a log from growing without end: one older file is kept beside it."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))


def wait_until_gone(pid: int, deadline_s: float) -> bool:
    """Wait for a process that is not our child to end; False when it is still there at the deadline."""
    until = time.monotonic() + deadline_s
    while alive(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def alive(pid: int) -> bool:
    """Whether a process of this number runs, whoever owns it; one that only waits to be reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return not Path("/proc/self/stat").exists()
    return state not in {"Z", "X"}
