"""`make bench`: measures, prints a table each, keeps the figures under benchmarks/results.

`make bench ARGS=console_screen` measures that alone.
"""

import json
import platform
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import console_screen, order_to_text

RESULTS = Path(__file__).parent / "results"
Figures = dict[str, Any]


def main() -> int:
    """0; 2 when there is no measurement of a name."""
    asked = sys.argv[1:] or list(MEASUREMENTS)
    if unknown := set(asked) - set(MEASUREMENTS):
        print(f"no measurement {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    now = datetime.now(UTC)
    record: Figures = {"at": now.isoformat(timespec="seconds"), "python": platform.python_version()}
    for name in asked:
        measure, show = MEASUREMENTS[name]
        record[name] = measure()
        Console().print(show(record[name]))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{now:%Y%m%d-%H%M%S}.json").write_text(json.dumps(record, indent=1) + "\n")
    return 0


def _order_to_text(figures: Figures) -> Table:
    table = Table(
        "figure", "median", "p99", title=f"order → text request, idle, {figures['orders']} orders, milliseconds"
    )
    for name in ("answer_ms", "answer_to_text_request_ms", "floor_commit_enqueue_dequeue_ms"):
        table.add_row(name, str(figures[name]["median"]), str(figures[name]["p99"]))
    table.add_row("text request / floor", str(figures["ratio_median"]), "")
    return table


def _console_screen(figures: Figures) -> Table:
    what = "{cases} cases, {people} people, {events_a_second} events a second for {seconds} s".format(**figures)
    table = Table("figure", "measured", "goal at most", title=f"the console's main thread and heap: {what}")
    for name in ("task_median_ms", "task_p95_ms", "task_longest_ms", "busy_percent", "heap_growth_percent"):
        table.add_row(name, str(figures[name]), str(figures["goals"].get(name, "")))
    return table


MEASUREMENTS: Mapping[str, tuple[Callable[[], Figures], Callable[[Figures], Table]]] = {
    "order_to_text": (order_to_text.measure, _order_to_text),
    "console_screen": (console_screen.measure, _console_screen),
}

if __name__ == "__main__":
    sys.exit(main())
