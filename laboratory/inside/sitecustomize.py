"""Found by every Python that the laboratory starts, before anything else: a clock that can be set wrong, planted bugs.

LABORATORY_CLOCK names a file with the seconds by which this process's clock is wrong. LABORATORY_PLANT names a bug of
`plants.py`. Without them nothing happens.
"""

import importlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

_CLOCK, _PLANT = os.environ.get("LABORATORY_CLOCK"), os.environ.get("LABORATORY_PLANT")


def _shift_clocks(file: Path) -> None:
    from dispatcher.clock import SystemClock

    def now(_self: SystemClock) -> datetime:
        try:
            shift = float(file.read_text() or 0)
        except (OSError, ValueError):
            shift = 0.0  # being written just now
        return datetime.now(UTC) + timedelta(seconds=shift)

    setattr(SystemClock, "now", now)  # noqa: B010  # a method, on purpose


if _CLOCK:
    _shift_clocks(Path(_CLOCK))
if _PLANT:
    importlib.import_module("plants").plant(_PLANT)
