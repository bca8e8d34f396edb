"""What a trial found, for reading: a table for the terminal, one page of HTML with its plots inside."""

from collections.abc import Mapping
from importlib.resources import files
from math import isfinite
from typing import Any

from jinja2 import Environment
from rich.table import Table

from simulator.station.figures import Interval

SHOWN = {
    "door_mean": "to the door, mean, min",
    "door_median": "to the door, median, min",
    "door_p95": "to the door, p95, min",
    "yes_mean": "to the first yes, mean, min",
    "yes_median": "to the first yes, median, min",
    "yes_p95": "to the first yes, p95, min",
    "late": "late, all levels",
    "late_extreme": "late, extreme",
    "late_high": "late, high",
    "late_medium": "late, medium",
    "late_low": "late, low",
    "texts_a_case": "texts a case",
    "tasks_a_vest": "tasks a vest",
    "most_tasks": "most tasks of one vest",
    "by_patrol": "reached by the patrol",
}
_PLOTTED = ("door_mean", "door_p95", "late", "texts_a_case")
_WIDTH = 420.0

Found = Mapping[str, Mapping[str, Interval]]


def table(title: str, found: Found) -> Table:
    """Strategies side by side, mean over the seeds with its 95 % interval."""
    shown = Table("figure", *found, title=title)
    for key, name in SHOWN.items():
        shown.add_row(name, *(_cell(figures.get(key)) for figures in found.values()))
    return shown


def page(sections: Mapping[str, Found], seeds: int) -> str:
    """One file that needs nothing else: for each setting its table and bars with whiskers."""
    template = files("simulator.station").joinpath("report.html").read_text(encoding="utf-8")
    rendered = (
        Environment(autoescape=True)
        .from_string(template)
        .render(
            seeds=seeds,
            width=_WIDTH,
            sections=[
                {
                    "title": title,
                    "names": list(found),
                    "rows": [(name, [_cell(f.get(key)) for f in found.values()]) for key, name in SHOWN.items()],
                    "plots": [_plot(key, found) for key in _PLOTTED],
                }
                for title, found in sections.items()
            ],
        )
    )
    return str(rendered)


def _cell(value: Interval | None) -> str:
    return str(value) if value and isfinite(value.mean) else "-"


def _plot(key: str, found: Found) -> dict[str, Any]:
    """Bars in pixels: `bar` for the mean, `low` and `high` for the ends of the interval."""
    values = {name: figures[key] for name, figures in found.items()}
    most = max((value.mean + value.half for value in values.values() if isfinite(value.mean)), default=0.0) or 1.0
    scale = _WIDTH / most
    return {
        "title": SHOWN[key],
        "bars": [
            {
                "name": name,
                "said": _cell(value),
                "bar": round(value.mean * scale, 1) if isfinite(value.mean) else 0,
                "low": round(max(0.0, value.mean - value.half) * scale, 1) if isfinite(value.mean) else 0,
                "high": round((value.mean + value.half) * scale, 1) if isfinite(value.mean) else 0,
            }
            for name, value in values.items()
        ],
    }
