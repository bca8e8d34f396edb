"""How the console's screen keeps up: its main thread and its heap under two minutes of a very bad evening.

A real service, a real socket, a real browser without WebGL. Cases and people are made through the public doors, then
put into officers' hands and on duty in one go, so that nothing but the measured events happens.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from threading import Event, Thread
from typing import Any

from playwright.sync_api import CDPSession, Page
from sqlalchemy import select

from benchmarks.rows import limited, written
from benchmarks.senders import order
from benchmarks.service import OFFICER, PASSWORD, STATION, Running, add_officer, running, settle
from bluevest.commands.context import opened
from dispatcher.db import Database
from dispatcher.lifecycle import CaseState
from dispatcher.model import Case, Volunteer
from dispatcher.work import Work
from simulator.centre import Centre
from simulator.handset import Exchange
from tests.browser.chrome import chromium, seat

CASES, PEOPLE = 1000, 500
EVENTS_A_SECOND = 60
SECONDS = 120
WARM_UP_S = 45
"""By then every row that the events touch has been drawn anew once; from there on the heap should stand."""
BATCHES_A_SECOND = 10
COUNTED_MS = 1.0
"""Shorter tasks are left out: thousands of idle ones would flatter the percentile."""
GOALS = {"task_p95_ms": 50.0, "task_longest_ms": 200.0, "heap_growth_percent": 5.0}


@dataclass
class Stream:
    """Events at a steady rate, from a thread: every other one moves a person, the rest touch a case."""

    database: Database
    stop: Event
    sent: int = 0

    def run(self) -> None:
        """Until stopped; what is behind its time is sent at once."""
        cases, people = self.database.read(_ids)
        size = EVENTS_A_SECOND // BATCHES_A_SECOND
        began = time.monotonic()
        while not self.stop.is_set():
            turn = self.sent // size
            self.stop.wait(max(0.0, began + turn / BATCHES_A_SECOND - time.monotonic()))
            self.database.transact(partial(_batch, cases=cases, people=people, first=turn * size, size=size))
            self.sent += size


def measure(pace_s: int = SECONDS) -> dict[str, Any]:
    """Milliseconds of main-thread tasks and bytes of heap, with the goals beside them."""
    with Exchange() as exchange, running(exchange, people=PEOPLE, on_duty=False) as service:
        _fill(service)
        with opened(service.data) as handle, chromium() as browser:
            handle.database.transact(settle)
            context = seat(browser, service.url, "zh", 1366, 768)
            context.request.post("/api/session", data={"username": OFFICER, "password": PASSWORD})
            page = context.new_page()
            page.goto("/")
            page.get_by_text(str(CASES), exact=False).first.wait_for()
            with _streaming(handle.database) as stream:
                figures = _watch(page, stream, pace_s)
            context.close()
    of = {"cases": CASES, "people": PEOPLE, "events_a_second": EVENTS_A_SECOND, "seconds": pace_s}
    rows = [
        limited(f"g. console {name.replace('_', ' ')}", name.rpartition("_")[2], figures[name], goal)
        for name, goal in GOALS.items()
    ]
    return of | {"goals": GOALS, "rows": written(rows)} | figures


def _fill(service: Running) -> None:
    add_officer(service)
    with Centre(service.url, "bench", service.secret) as centre:
        for number in range(CASES):
            level = ("extreme", "high", "medium", "low")[number % 4]
            centre.send_alert(order(number, STATION, "SCREEN") | {"level": level})


def _ids(session: Any) -> tuple[list[Any], list[Any]]:
    open_cases = select(Case.id).where(Case.state != CaseState.CLOSED).order_by(Case.id)
    return list(session.scalars(open_cases)), list(session.scalars(select(Volunteer.id).order_by(Volunteer.id)))


def _batch(work: Work, cases: list[Any], people: list[Any], first: int, size: int) -> None:
    for number in range(first, first + size):
        if number % 2:
            person = work.session.get_one(Volunteer, people[number * 7 % len(people)])
            person.page_lon = (person.page_lon or 0) + (0.0002 if number % 4 == 1 else -0.0002)
            person.page_at = work.now
            work.emit("volunteer.changed", person.station_id, volunteer=person)
        else:
            case = work.session.get_one(Case, cases[number * 13 % len(cases)])
            case.alert_count += 1
            work.emit_case("case.repeated", case)


@contextmanager
def _streaming(database: Database) -> Iterator[Stream]:
    stream = Stream(database, Event())
    thread = Thread(target=stream.run, name="events")
    thread.start()
    try:
        yield stream
    finally:
        stream.stop.set()
        thread.join()


def _watch(page: Page, stream: Stream, seconds: int) -> dict[str, Any]:
    page.wait_for_timeout(WARM_UP_S * 1000)
    line = page.context.new_cdp_session(page)
    before, sent = _heap(line), stream.sent
    tasks = _trace(line, page, seconds)
    events = stream.sent - sent
    after = _heap(line)
    counted = sorted(ms for ms in tasks if ms >= COUNTED_MS)
    return {
        "events_sent": events,
        "tasks": len(counted),
        "task_median_ms": round(median(counted), 1),
        "task_p95_ms": round(counted[int(len(counted) * 0.95)], 1),
        "task_longest_ms": round(counted[-1], 1),
        "busy_percent": round(sum(tasks) / seconds / 10, 1),
        "heap_before_mb": round(before / 1e6, 2),
        "heap_after_mb": round(after / 1e6, 2),
        "heap_growth_percent": round(100 * (after - before) / before, 1),
    }


def _heap(line: CDPSession) -> int:
    for _ in range(2):
        line.send("HeapProfiler.collectGarbage")
    return int(line.send("Runtime.getHeapUsage")["usedSize"])


def _trace(line: CDPSession, page: Page, seconds: int) -> list[float]:
    """Milliseconds of each task of the page's main thread."""
    events: list[dict[str, Any]] = []
    done: list[bool] = []
    line.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    line.on("Tracing.tracingComplete", lambda _: done.append(True))
    chosen = {"includedCategories": ["disabled-by-default-devtools.timeline"], "traceBufferSizeInKb": 400_000}
    line.send("Tracing.start", {"traceConfig": chosen, "transferMode": "ReportEvents"})
    page.wait_for_timeout(seconds * 1000)
    line.send("Tracing.end")
    while not done:
        page.wait_for_timeout(200)
    main = {
        (e["pid"], e["tid"]) for e in events if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"
    }
    return [e["dur"] / 1000 for e in events if e["name"] == "RunTask" and (e["pid"], e["tid"]) in main and "dur" in e]
