"""Whether a service with a long past is as quick as a young one: the same figures with ever more closed cases behind.

A real service. Some cases are led to their end through the public doors, all rows that they leave are multiplied in
the database, and at each size an order, a console's first snapshot and the look-ups of the console are timed in turn.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

import httpx
import psycopg
from websockets.sync.client import connect

from benchmarks.history import Past, until
from benchmarks.rows import Row, compared, plain, written
from benchmarks.service import OFFICER, PASSWORD, STATION, Running, add_officer, command, running
from bluevest.embedded import EmbeddedPostgres
from simulator.centre import Centre, FeedbackReceiver
from simulator.codes import offer_code
from simulator.handset import Exchange
from simulator.officer import Officer

SIZES = (10_000, 100_000, 1_000_000)
BARE = 10_000_000
BARE_NEEDS_GB = 12.0
GROUPS, SAMPLES, AT_MOST = 3, 10, 1.2
PATTERNS, OPEN, PEOPLE = 50, 50, 80
PAUSE_S, QUIET_S = 0.25, 0.15
SOURCE = "history"
LOOK_UPS = {
    "open an old case": "/api/cases/{id}",
    "find a case by its number": f"/api/cases?station={STATION}&number={{number}}",
    "find the cases of a day": f"/api/cases?station={STATION}&number={{day}}",
    "records, first page": f"/api/cases?station={STATION}",
    "records, closed cases": f"/api/cases?station={STATION}&state=closed",
    "records, page after an old case": f"/api/cases?station={STATION}&after={{id}}",
    "audit of an old case": "/api/audit?subject={id}",
}
"""What the console asks for past cases, and the audit's one search."""
_ANSWER, _TEXT, _SNAPSHOT = "order to answer", "answer to text request", "console's first snapshot"
INFORMATION = frozenset({_ANSWER, "find the cases of a day"})
"""Without a goal: what is no figure of ours alone, and what grows with the cases of one day."""

Series = dict[str, list[float]]


@dataclass
class Bench:
    """The service with those who deal with it; `orders` counts what the centre has sent."""

    service: Running
    exchange: Exchange
    centre: Centre
    chief: Officer
    past: Past
    http: httpx.Client
    orders: int = field(default=0)

    def send(self, level: str = "high") -> tuple[str, float]:
        """One order of a resident of its own: the case, and milliseconds until the answer."""
        self.orders += 1
        where = {"lon": 113.845 + 0.00175 * (self.orders % 40), "lat": 22.555 + 0.00135 * (self.orders % 37)}
        order = {
            "alert_no": f"GROWTH-{self.orders:05d}",
            "station": STATION,
            "level": level,
            "kind": "fund",
            "fraud_type": "fake_investment",
            "resident": {
                "name": f"测{chr(0x4E00 + self.orders)}试",
                "phone": f"+86137009{self.orders:05d}",
                "address": f"西乡街道流塘社区{self.orders}号",
                "location": where | {"crs": "wgs84"},
            },
            "kin": [{"name": "测某亲", "relation": "子", "phone": f"+86137008{self.orders:05d}"}],
            "money": {"at_risk": "80000.00", "currency": "CNY"},
        }
        started = time.perf_counter()
        receipt = self.centre.send_alert(order)
        answered = (time.perf_counter() - started) * 1000
        if receipt.status != 202 or not receipt.case_id:
            raise RuntimeError(f"an order was answered {receipt.status}: {receipt.body}")
        return receipt.case_id, answered

    def offered(self) -> tuple[str, str]:
        """Phone and code of the next offer that nobody has looked at. Raises TimeoutError."""
        found: list[tuple[str, str]] = []

        def look() -> bool:
            self.exchange.look()
            for text in self.exchange.unexpected():
                self.exchange.expect(text)
                if code := offer_code(text.body):
                    found.append((text.phone, code))
                    return True
            return False

        until(look, "an offer")
        return found[0]

    def wait_for(self, case_id: str, *states: str) -> None:
        until(lambda: self.chief.page(case_id)["case"]["state"] in states, f"case {states}")

    def quiet(self) -> None:
        """Every text has reached its phone, and no further one comes."""
        seen = -1
        while seen != (seen := len(self.exchange.texts())):
            time.sleep(QUIET_S)
        self.exchange.forget()

    def settled(self) -> None:
        """No text, offer or feedback is under way."""
        until(lambda: self.past.under_way() == 0, "rest", 90)


def measure_bare() -> dict[str, Any]:
    """Ten million bare rows beside the smallest full size."""
    return measure(SIZES[:1], BARE)


def measure(sizes: Sequence[int] = SIZES, bare: int | None = None) -> dict[str, Any]:
    """Milliseconds at each size; `bare` is one more size, of rows of `cases` alone, or None."""
    measured: dict[int, list[Series]] = {}
    load_s: dict[str, float] = {}
    database_gb: dict[str, float] = {}
    with _bench() as bench:
        _make_patterns(bench)
        _make_open_cases(bench)
        rows_a_case = bench.past.rows_a_case()
        skipped = ""
        for size in (*sizes, *((bare,) if bare else ())):
            if size == bare and (free_gb := shutil.disk_usage(tempfile.gettempdir()).free / 1e9) < BARE_NEEDS_GB:
                skipped = f"{bare:,} bare cases left out: {free_gb:.1f} GB free, {BARE_NEEDS_GB:g} GB needed"
                print(skipped)
                continue
            took = bench.past.grow_bare(size) if size == bare else bench.past.grow(size)
            load_s[str(size)], database_gb[str(size)] = round(took, 1), bench.past.gigabytes()
            measured[size] = [_group(bench) for _ in range(GROUPS)]
    return {
        "rows": written(_rows(measured, bare)),
        "sizes": list(measured),
        "bare": bare if bare in measured else skipped or None,
        "figures": _figures(measured),
        "rows_a_case": rows_a_case,
        "load_s": load_s,
        "database_gb": database_gb,
    }


@contextmanager
def _bench() -> Iterator[Bench]:
    with (
        Exchange() as exchange,
        running(exchange, people=PEOPLE) as service,
        FeedbackReceiver(service.secret) as receiver,
        psycopg.connect(EmbeddedPostgres(service.data).admin_url, dbname="bluevest", autocommit=True) as admin,
        httpx.Client(base_url=service.url, timeout=120, trust_env=False) as http,
        Officer(service.url, OFFICER, PASSWORD) as chief,
    ):
        secret = command(
            service.data, "source", "add", SOURCE, "--station", STATION, "--feedback", receiver.feedback_url
        )
        receiver.desk.trust(secret)
        add_officer(service, "chief")
        http.post("/api/session", json={"username": OFFICER, "password": PASSWORD}).raise_for_status()
        past = Past(admin)
        past.prepare()
        with Centre(service.url, SOURCE, secret) as centre:
            yield Bench(service, exchange, centre, chief, past, http)


def _make_patterns(bench: Bench) -> None:
    """Closed cases as life leaves them: most are taken by the first or second person, some by nobody."""
    for number in range(PATTERNS):
        bench.exchange.forget()
        case_id, _ = bench.send(("extreme", "high", "medium", "low")[number % 4])
        phone, code = bench.offered()
        if number % 5 == 1:
            bench.exchange.phone(phone).reply(f"2{code}")
            phone, code = bench.offered()
        if number % 5:
            _visit(bench, case_id, phone, code, asks_help=number % 10 == 7)
        if number % 10 == 3:
            bench.chief.stop(case_id, whose="own", asked_by="family", bank="测试银行", account=f"62220000{number:08d}")
        bench.chief.contact(case_id, "phone", "spoken", "已接通，家人在旁")
        bench.chief.unmask(case_id, "核对身份")
        bench.chief.close(case_id, "dissuaded" if number % 5 else "not_matching", "已核实")
        bench.quiet()
    for alarm in bench.chief.alarms():
        bench.chief.acknowledge(alarm["id"])
    bench.settled()
    bench.past.take_patterns()


def _visit(bench: Bench, case_id: str, phone: str, code: str, *, asks_help: bool) -> None:
    handset = bench.exchange.phone(phone)
    handset.reply(f"1{code}")
    bench.wait_for(case_id, "accepted")
    handset.reply(f"3{code}")
    bench.wait_for(case_id, "on_scene")
    if asks_help:
        handset.reply(f"7{code}")
        until(lambda: "help_asked" in bench.chief.page(case_id)["case"]["flags"], "the call for help")
    handset.reply(f"4{code}")
    until(lambda: "dissuaded_reported" in bench.chief.page(case_id)["case"]["flags"], "the volunteer's word")


def _make_open_cases(bench: Bench) -> None:
    """What a console shows at every size: cases in an officer's hands, whose clocks run far from now."""
    bench.exchange.forget()
    for _ in range(OPEN):
        case_id, _ = bench.send()
        phone, code = bench.offered()
        bench.chief.hold(case_id)
        bench.exchange.phone(phone).reply(f"2{code}")
    bench.past.admin.execute("UPDATE deadlines SET at = at + interval '7 days' WHERE met_at IS NULL")
    bench.settled()
    bench.quiet()


def _group(bench: Bench) -> Series:
    """Some samples of every figure, one of each in turn."""
    series: Series = {}
    old = {name: iter(bench.past.some(SAMPLES)) for name in LOOK_UPS}
    for _ in range(SAMPLES):
        answered, texted = _order(bench)
        sample = {_ANSWER: answered, _TEXT: texted, _SNAPSHOT: _snapshot(bench)}
        for name, path in LOOK_UPS.items():
            case_id, number = next(old[name])
            sample[name] = _look_up(bench, path.format(id=case_id, number=number, day=number.rpartition("-")[0]))
        for name, value in sample.items():
            series.setdefault(name, []).append(value)
    return series


def _order(bench: Bench) -> tuple[float, float]:
    """Milliseconds to the answer, and from there to the provider's request; then the case is closed again."""
    time.sleep(PAUSE_S)
    known = len(bench.exchange.texts())
    case_id, took = bench.send()
    answered = time.perf_counter()
    while len(bench.exchange.texts()) == known:
        bench.exchange.look(1)
    texted = (time.perf_counter() - answered) * 1000
    bench.chief.close(case_id, "not_matching", "测量")
    bench.quiet()
    return took, texted


def _snapshot(bench: Bench) -> float:
    """Milliseconds from connecting until the whole snapshot is there."""
    cookie = "; ".join(f"{name}={value}" for name, value in bench.http.cookies.items())
    address = f"{bench.service.url.replace('http', 'ws', 1)}/ws/console"
    started = time.perf_counter()
    with connect(address, additional_headers={"Cookie": cookie}, proxy=None, max_size=None) as line:
        line.send('{"type":"start"}')
        frame = json.loads(line.recv(60))
        took = (time.perf_counter() - started) * 1000
    if frame["type"] != "snapshot" or len(frame["cases"]) != OPEN:
        raise RuntimeError(f"no snapshot of {OPEN} cases: {frame['type']}")
    return took


def _look_up(bench: Bench, path: str) -> float:
    started = time.perf_counter()
    bench.http.get(path).raise_for_status()
    return (time.perf_counter() - started) * 1000


def _rows(measured: dict[int, list[Series]], bare: int | None) -> Iterator[Row]:
    """The goal is for the largest full size beside the smallest; everything else is information."""
    full = [size for size in measured if size != bare]
    first, last = full[0], full[-1]
    for name in measured[first][0]:
        middles = {size: [median(group[name]) for group in groups] for size, groups in measured.items()}
        beside = f"the same with {first:,} closed cases"
        for size in list(measured)[1:]:
            goal = AT_MOST if size == last and name not in INFORMATION else None
            what = f"e. {name}, {size:,} {'bare rows of ' if size == bare else ''}closed cases"
            yield compared(what, "ms", middles[size], beside, middles[first], at_most=goal)
        yield plain(f"e. {name}, {last:,} closed cases, p99", "ms", _p99(measured[last], name))


def _figures(measured: dict[int, list[Series]]) -> dict[str, Any]:
    """Of each figure the medians over the sizes, as a plot wants them, p99, and every sample in groups."""
    return {
        name: {
            "median_ms": [round(median(x for g in groups for x in g[name]), 2) for groups in measured.values()],
            "p99_ms": [round(_p99(groups, name), 2) for groups in measured.values()],
            "samples_ms": [[[round(x, 2) for x in g[name]] for g in groups] for groups in measured.values()],
        }
        for name in next(iter(measured.values()))[0]
    }


def _p99(groups: list[Series], name: str) -> float:
    return quantiles([value for group in groups for value in group[name]], n=100, method="inclusive")[98]
