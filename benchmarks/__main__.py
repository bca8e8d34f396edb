"""`make bench`: measures everything beside its floor and a peer, prints one table, keeps figures and plots.

`make bench ARGS="intake planning"` measures these alone. Figures go to benchmarks/results as JSON, plots beside them.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import console_screen, fan_out, growth, intake, matching, order_to_text, planning, rest
from benchmarks.peer import HOME
from benchmarks.rows import read, table

RESULTS = Path(__file__).parent / "results"
MEASUREMENTS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "rest": rest.measure,
    "intake": intake.measure,
    "order_to_text": order_to_text.measure,
    "planning": planning.measure,
    "matching": matching.measure,
    "fan_out": fan_out.measure,
    "growth": growth.measure,
    "console_screen": console_screen.measure,
    "growth_bare": growth.measure_bare,
}


def main() -> int:
    """0; 2 when there is no measurement of a name. What could not be measured is said, and the others are."""
    asked = sys.argv[1:] or list(MEASUREMENTS)
    if unknown := set(asked) - set(MEASUREMENTS):
        print(f"no measurement {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    now = datetime.now(UTC)
    file = RESULTS / f"{now:%Y%m%d-%H%M%S}.json"
    record: dict[str, Any] = {
        "at": now.isoformat(timespec="seconds"),
        "command": " ".join(["make bench", *([f'ARGS="{" ".join(sys.argv[1:])}"'] if sys.argv[1:] else [])]),
        "machine": _machine(),
    }
    RESULTS.mkdir(exist_ok=True)
    for name in asked:
        print(f"{datetime.now(UTC):%H:%M:%S} {name}", file=sys.stderr, flush=True)
        try:
            record[name] = MEASUREMENTS[name]()
        except Exception as error:  # noqa: BLE001  # an hour of figures is not thrown away for one that is missing
            record[name] = {"rows": [], "failed": f"{type(error).__name__}: {error}"}
            print(f"{name}: {record[name]['failed']}", file=sys.stderr, flush=True)
        file.write_text(json.dumps(record, indent=1, default=str) + "\n")
    rows = [row for name in asked for row in read(record[name]["rows"])]
    # As wide as the table is: a terminal that is too narrow may cut lines, but never words.
    Console(width=max(200, Console().width)).print(table(sorted(rows, key=lambda row: row.figure[:2])))
    _plot(file)
    return 0


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def _plot(file: Path) -> None:
    """By the peers' environment, which has what draws; without it the figures are there all the same."""
    python = HOME / "bin" / "python"
    if python.exists():
        subprocess.run([str(python), str(Path(__file__).parent / "plots.py"), str(file)], check=False)


if __name__ == "__main__":
    sys.exit(main())
