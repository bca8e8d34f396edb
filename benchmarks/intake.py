"""How many signed orders a second become durable, beside the same route without a database, an echo, and a peer.

Ours is the web part of a running service with its PostgreSQL, everything that would compete with it held; then, as a
figure by itself, with all parts at work. All are one process and are sent to over the same number of lines, in turns.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks import senders
from benchmarks.peer import WORKERS, alerta, alerts
from benchmarks.rows import Row, compared, plain, written
from benchmarks.service import STATION, Running, child, command, free_port, front_door_alone, recorder, running
from benchmarks.usage import Usage, watched

ROUNDS, LINES, SOURCES = 5, 64, 4
OURS, BARE, ALERTA, BUSY = 2000, 6000, 300, 1000
_SECRET = "whsec_" + "QUJD" * 8


@dataclass
class Contest:
    """Answers a second of each, round by round; `usage` of the service in its own rounds."""

    service: Running
    secrets: Mapping[str, str]
    rates: dict[str, list[float]] = field(default_factory=dict)
    usage: list[Usage] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def orders(self, run: str, many: int) -> list[bytes]:
        """Signed orders, each of its own case, in turns from several centres: each has its limit a second."""
        shares = [
            list(senders.signed(name, secret, self._of(run, name, many // SOURCES), run))
            for name, secret in self.secrets.items()
        ]
        return [one for turn in zip(*shares, strict=True) for one in turn]

    def _of(self, run: str, name: str, many: int) -> list[dict[str, Any]]:
        first = 1_000_000 * (1 + [*self.secrets].index(name)) + 10_000 * (1 + len(self.rates.get("ours", [])))
        return [senders.order(first + number, STATION, f"{run}{name}") for number in range(many)]

    def ours(self, turn: int) -> float:
        """One round of ours."""
        requests = self.orders(f"A{turn}", OURS)
        with watched(self.service.pid) as usage:
            rate = senders.send(_port(self.service), requests, LINES).rate(202)
        self.usage.append(usage)
        self.cpu_ms.append(usage.cpu_s * 1000 / OURS)
        return rate

    def busy(self, turn: int) -> float:
        """One round with all parts at work."""
        return senders.send(_port(self.service), self.orders(f"B{turn}", BUSY), LINES).rate(202)


def measure(rounds: int = ROUNDS) -> dict[str, Any]:
    """Orders a second, their CPU and memory."""
    with recorder() as provider, running(provider, people=20) as service:
        secrets = {f"c{n}": command(service.data, "source", "add", f"c{n}") for n in range(SOURCES)}
        contest = Contest(service, secrets)
        with front_door_alone(service), _others(service) as others:
            contenders: dict[str, Callable[[int], float]] = {"ours": contest.ours, **others}
            for turn in range(-1, rounds):  # the first round only warms up
                for name, contend in contenders.items():
                    rate = contend(turn)
                    if turn >= 0:
                        contest.rates.setdefault(name, []).append(rate)
            contest.usage, contest.cpu_ms = contest.usage[1:], contest.cpu_ms[1:]
        busy = [contest.busy(turn) for turn in range(3)]
    return {
        "rows": written(_rows(contest, busy)),
        "a_second": contest.rates | {"busy": busy},
        "usage": {"cpu_ms_an_order": contest.cpu_ms, "peak_mb": [round(u.peak_mb) for u in contest.usage]},
    }


@contextmanager
def _others(service: Running) -> Iterator[dict[str, Callable[[int], float]]]:
    route, echo = free_port(), free_port()
    with (
        child("benchmarks.floors", "route", str(route), _SECRET, port=route),
        child("benchmarks.floors", "echo", str(echo), port=echo),
        alerta(service) as peer,
    ):
        yield {
            "route": lambda turn: senders.send(route, _bare(turn), LINES).rate(202),
            "echo": lambda turn: senders.send(echo, _bare(turn, "/echo"), LINES).rate(200),
            "alerta": lambda turn: senders.send(peer, alerts(f"P{turn}", ALERTA), LINES).rate(201),
        }


def _bare(turn: int, path: str | None = None) -> list[bytes]:
    orders = [senders.order(number, STATION, f"F{turn}") for number in range(BARE)]
    return list(senders.signed("bench", _SECRET, orders, f"F{turn}", path=path))


def _rows(contest: Contest, busy: list[float]) -> Iterator[Row]:
    rates, unit = contest.rates, "a second"
    ours = rates["ours"]
    yield compared("a. orders made durable", unit, ours, "same route, no database", rates["route"], at_least=0.8)
    yield compared("a. orders made durable", unit, ours, "FastAPI echo of the JSON", rates["echo"], at_least=0.7)
    beside = f"alerta-server, PostgreSQL, {WORKERS} workers"
    yield compared("a. orders made durable", unit, ours, beside, rates["alerta"], at_least=25)
    yield plain("a. the same with all parts at work", unit, *busy)
    yield plain("a. CPU of an order, PostgreSQL's too", "ms", *contest.cpu_ms)
    yield plain("f. memory under intake, all parts", "MB", max(usage.peak_mb for usage in contest.usage))


def _port(service: Running) -> int:
    return int(service.url.rpartition(":")[2])
