"""The parts `bluevest up` runs: which, with what arguments, under what condition, and in which order they stop."""

import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bluevest.children import Recipe
from bluevest.supervisor import Part

SIMULATED_CREDENTIALS = {
    "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
    "TWILIO_AUTH_TOKEN": "simulated-auth-token",
    "TWILIO_FROM": "+8613900009999",
}
STORES_STOP_RANK = 9


@dataclass(frozen=True)
class Shape:
    """What decides which parts run: ports of web and exchange (None: a provider elsewhere), simulated traffic."""

    port: int
    exchange_port: int | None
    traffic: bool


@dataclass(frozen=True)
class Row:
    """One line of the table: name in messages and logs, arguments after `bluevest`, place in stopping.

    What the part says for people, beginning with `aloud`, is shown in the terminal.
    """

    name: str
    arguments: Callable[[Shape], Sequence[str]]
    stop_rank: int
    wanted: Callable[[Shape], bool] = lambda _shape: True
    aloud: str | None = None


# fmt: off
TABLE: tuple[Row, ...] = (
    Row("exchange",          lambda s: ("simulator", "exchange", "--port", str(s.exchange_port)), 1,
        wanted=lambda s: s.exchange_port is not None),
    Row("web",               lambda s: ("web", "--port", str(s.port)), 2),
    Row("worker-dispatch",   lambda _: ("worker", "dispatch"), 3),
    Row("worker-messages",   lambda _: ("worker", "messages"), 3),
    Row("worker-feedback",   lambda _: ("worker", "feedback"), 3),
    Row("timekeeper",        lambda _: ("timekeeper",), 4),
    Row("traffic",           lambda _: ("simulator", "traffic"), 0,
        wanted=lambda s: s.traffic, aloud="▶ "),
)
# fmt: on


def parts(shape: Shape, bluevest: Sequence[str], env: Mapping[str, str], logs: Path) -> list[Part]:
    """The table's wanted rows in the order they start; `bluevest` is the command before the arguments."""
    return [
        Part(recipe(row.name, [*bluevest, *row.arguments(shape)], env, logs), row.stop_rank, aloud=row.aloud)
        for row in TABLE
        if row.wanted(shape)
    ]


def recipe(name: str, command: Sequence[str], env: Mapping[str, str], logs: Path) -> Recipe:
    """A Python part as a child: nothing in it is worth waiting for when we die, the database is the truth."""
    return Recipe(name, command, env, logs / f"{name}.log", death_signal=signal.SIGKILL)


def own_command() -> list[str]:
    """How this program starts itself: the interpreter and the `bluevest` script beside it, else the module."""
    script = Path(sys.prefix) / "bin" / "bluevest"
    return [sys.executable, str(script)] if script.exists() else [sys.executable, "-m", "bluevest"]
