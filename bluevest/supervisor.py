"""Keeping children alive: a part that dies is started again; stopping goes in order, the stores last."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bluevest.children import Recipe, kill, last_line, spawn
from bluevest.errors import OneLineError, one_line

STEADY_S = 30.0
"""A part that lived this long starts with a clean slate."""

_DELAYS_S = (0.0, 0.5, 1.0, 2.0, 5.0)
_TICK_S = 0.5
_VERBOSE_TICK_S = 0.1


def delay_before_restart(failures: int) -> float:
    """Seconds to wait before a part's next start after this many deaths in a row: at once, then growing to 5."""
    return _DELAYS_S[min(failures, len(_DELAYS_S)) - 1]


def failures_in_a_row(before: int, lived_s: float) -> int:
    """How many deaths in a row one more makes, when the part had lived this many seconds."""
    return 1 if lived_s >= STEADY_S else before + 1


@dataclass(frozen=True)
class Part:
    """A child to keep alive.

    Parts stop by `stop_rank`, lowest first; those of one rank together, with `stop_s` seconds before they are killed.
    `before_start` clears away what a dead predecessor left. Lines of its log that begin with `aloud` are always shown.
    """

    recipe: Recipe
    stop_rank: int
    stop_s: float = 8.0
    aloud: str | None = None
    before_start: Callable[[], None] = lambda: None


@dataclass
class _Charge:
    """One part as it is now: running, or waiting to be started at `start_at` (monotonic seconds)."""

    part: Part
    process: subprocess.Popen[bytes]
    started_at: float
    failures: int = 0
    start_at: float | None = None
    shown: int = field(default=0)


class Supervisor:
    """Starts parts and looks after them; every method is called from the main thread.

    `say` prints one line for people. With `verbose` what the parts write into their logs is shown as well.
    """

    def __init__(self, say: Callable[[str], None], *, verbose: bool = False) -> None:
        self._say = say
        self._verbose = verbose
        self._charges: list[_Charge] = []

    def start(self, part: Part) -> subprocess.Popen[bytes]:
        """Start a part and keep it alive from now on."""
        shown = _size(part.recipe.log)
        part.before_start()
        return self.adopt(part, spawn(part.recipe), shown)

    def adopt(self, part: Part, process: subprocess.Popen[bytes], shown: int = 0) -> subprocess.Popen[bytes]:
        """Look after a part somebody else has started; its log up to byte `shown` is not repeated."""
        self._charges.append(_Charge(part, process, time.monotonic(), shown=shown))
        return process

    def failures(self, name: str) -> int:
        """How often the part died in a row."""
        return next((charge.failures for charge in self._charges if charge.part.recipe.name == name), 0)

    def worst(self) -> Part | None:
        """The part that died most often in a row, when one did."""
        failed = [charge for charge in self._charges if charge.failures]
        return max(failed, key=lambda charge: charge.failures).part if failed else None

    def tick(self) -> None:
        """Notice the dead, start again whose time has come, show what was written."""
        now = time.monotonic()
        for charge in self._charges:
            if self._verbose or charge.part.aloud:
                self._show(charge)
            if charge.start_at is None and charge.process.poll() is not None:
                self._bury(charge, now)
            if charge.start_at is not None and charge.start_at <= now:
                self._restart(charge, now)

    def run(self) -> None:
        """Look after the parts until KeyboardInterrupt (Ctrl-C, SIGTERM)."""
        with _woken_by_children() as wake_up:
            while True:
                self.tick()
                self._wait(wake_up)

    def _wait(self, wake_up: int) -> None:
        due = [charge.start_at - time.monotonic() for charge in self._charges if charge.start_at is not None]
        longest = _VERBOSE_TICK_S if self._verbose else _TICK_S
        readable, _, _ = select.select([wake_up], [], [], max(0.0, min([*due, longest])))
        if readable:
            os.read(wake_up, 4096)

    def _bury(self, charge: _Charge, now: float) -> None:
        charge.failures = failures_in_a_row(charge.failures, now - charge.started_at)
        delay = delay_before_restart(charge.failures)
        charge.start_at = now + delay
        recipe = charge.part.recipe
        when = "now" if delay == 0 else f"in {delay:g} s"
        self._say(f"{recipe.name} {_ended(charge.process.returncode)}; starting it again {when} (see {recipe.log})")

    def _restart(self, charge: _Charge, now: float) -> None:
        charge.started_at = now
        try:
            charge.part.before_start()
            charge.process = spawn(charge.part.recipe)
        except (OSError, OneLineError) as error:
            charge.failures += 1
            charge.start_at = now + delay_before_restart(charge.failures)
            self._say(f"{charge.part.recipe.name} could not be started again: {one_line(error)}")
        else:
            charge.start_at = None

    def _show(self, charge: _Charge) -> None:
        recipe = charge.part.recipe
        size = _size(recipe.log)
        if size < charge.shown:  # the log was turned over
            charge.shown = 0
        if size > charge.shown:
            with recipe.log.open("rb") as log:
                log.seek(charge.shown)
                text = log.read(size - charge.shown)
            whole = text[: text.rfind(b"\n") + 1]
            charge.shown += len(whole)
            aloud = charge.part.aloud
            for line in whole.decode("utf-8", "replace").splitlines():
                if aloud and line.startswith(aloud):
                    self._say(line)
                elif self._verbose:
                    self._say(f"{recipe.name} | {line}")

    def stop(self) -> None:
        """Stop everything in order; what does not end in time is killed. Further signals do not disturb it."""
        with _handled_by(signal.SIG_IGN):
            for rank in sorted({charge.part.stop_rank for charge in self._charges}):
                self._stop_rank([charge for charge in self._charges if charge.part.stop_rank == rank])
            self._charges.clear()

    def _stop_rank(self, charges: list[_Charge]) -> None:
        running = [charge for charge in charges if charge.process.poll() is None]
        for charge in running:
            charge.process.send_signal(charge.part.recipe.stop_signal)
        asked_at = time.monotonic()
        for charge in running:
            left = asked_at + charge.part.stop_s - time.monotonic()
            try:
                charge.process.wait(max(0.0, left))
            except subprocess.TimeoutExpired:
                self._say(f"{charge.part.recipe.name} does not stop; it is killed")
            _sweep(charge.process)


def _sweep(process: subprocess.Popen[bytes]) -> None:
    """End the part if it still runs, and what it may have left in its process group."""
    if process.poll() is None:
        kill(process)
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)


def why(part: Part) -> str:
    """The last line a part wrote, for the message that it does not come up."""
    return last_line(part.recipe.log) or f"see {part.recipe.log}"


def _ended(code: int) -> str:
    if code >= 0:
        return f"ended with {code}"
    return f"was ended by {signal.Signals(-code).name}"


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


@contextlib.contextmanager
def _woken_by_children() -> Iterator[int]:
    """A file descriptor that becomes readable when a child has ended, so that nobody waits for the next tick."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    before = signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    wake_up_before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(wake_up_before)
        signal.signal(signal.SIGCHLD, before)
        os.close(reading)
        os.close(writing)


@contextlib.contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """SIGTERM and a closed terminal raise KeyboardInterrupt as Ctrl-C does, so that all three stop in order."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    with _handled_by(interrupt):
        yield


@contextlib.contextmanager
def _handled_by(handler: Callable[[int, object], None] | signal.Handlers) -> Iterator[None]:
    """A hang-up stays ignored when it was (nohup)."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def plain_say(text: str) -> None:
    """Print a line at once; a reader who has gone away, or cannot show Chinese, must not stop the service."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except (OSError, UnicodeError):
        pass
