"""How soon the service is ready, and what each of its parts needs when nothing happens."""

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.rows import plain, written
from benchmarks.service import free_port, recorder, up
from benchmarks.usage import cpu_s, memory_mb

ROUNDS = 3
_QUIET_S = 10.0


def measure(rounds: int = ROUNDS) -> dict[str, Any]:
    """Seconds to ready on an empty folder and on a used one; megabytes of each part; CPU of an idle minute."""
    first, again, parts, idle = [], [], {}, []
    with recorder() as provider:
        for _ in range(rounds):
            with tempfile.TemporaryDirectory(prefix="bluevest-bench-") as folder:
                data = Path(folder) / "data"
                with up(data, free_port(), provider) as (_, seconds):
                    first.append(seconds)
                with up(data, free_port(), provider) as (process, seconds):
                    again.append(seconds)
                    before = cpu_s([process.pid])
                    time.sleep(_QUIET_S)
                    idle.append((cpu_s([process.pid]) - before) * 60 / _QUIET_S)
                    parts = memory_mb([process.pid])
    rows = [
        plain("f. empty folder to ready", "s", *first),
        plain("f. start to ready", "s", *again),
        plain("f. memory at rest, all parts", "MB", sum(parts.values())),
        *(plain(f"f. memory at rest, {name}", "MB", size) for name, size in sorted(parts.items())),
        plain("f. CPU of a minute at rest, all parts", "s", *idle),
    ]
    return {"rows": written(rows), "parts_mb": parts, "first_s": first, "again_s": again, "idle_cpu_s": idle}
