"""`make bench`: measures, prints one table, keeps the figures under benchmarks/results."""

import json
import platform
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import order_to_text

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    figures = order_to_text.measure()
    table = Table(title=f"order → text request, idle, {figures['orders']} orders, milliseconds")
    for column in ("figure", "median", "p99"):
        table.add_column(column)
    for name in ("answer_ms", "answer_to_text_request_ms", "floor_commit_enqueue_dequeue_ms"):
        table.add_row(name, str(figures[name]["median"]), str(figures[name]["p99"]))
    table.add_row("text request / floor", str(figures["ratio_median"]), "")
    Console().print(table)
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    record = {"at": now.isoformat(timespec="seconds"), "python": platform.python_version(), "order_to_text": figures}
    (RESULTS / f"{now:%Y%m%d-%H%M%S}.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
