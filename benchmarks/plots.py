"""Draws the figures of one result, each plot a PNG beside it: `python plots.py RESULT.json`. Needs matplotlib alone."""

import json
import math
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib import ticker

INK, OURS, OTHER, GOAL = "#1f2328", "#1f5fbf", "#9aa4af", "#b3261e"


def main() -> None:
    """Every plot for which the result has figures."""
    file = Path(sys.argv[1])
    record = json.loads(file.read_text())
    for draw in (goals, growth, order_to_text, fan_out, matching):
        figure = draw(record)
        if figure is not None:
            figure.savefig(file.with_name(f"{file.stem}-{draw.__name__}.png"), dpi=110, bbox_inches="tight")
            plt.close(figure)


def goals(record: dict[str, Any]) -> Any:
    """How far each figure is from its goal: 1 is the goal, right of it is better."""
    rows = [row for part in record.values() if isinstance(part, dict) for row in part.get("rows", []) if row["goal"]]
    if not rows:
        return None
    shown = [(f"{row['figure']}  ({row['goal']})", _reached(row)) for row in rows][::-1]
    figure, axes = plt.subplots(figsize=(9, 0.34 * len(shown) + 1))
    colours = [OURS if reached >= 1 else GOAL for _, reached in shown]
    places = range(len(shown))
    axes.hlines(places, 1, [reached for _, reached in shown], color=colours, linewidth=2)
    axes.scatter([reached for _, reached in shown], places, color=colours, zorder=3)
    axes.set_yticks(list(places), [name for name, _ in shown])
    axes.axvline(1, color=INK, linewidth=1)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.set_xlabel("goal reached (1 = just so; further right is better)")
    return _clean(figure, axes)


def _reached(row: dict[str, Any]) -> float:
    sign, wanted = row["goal"].split()
    found = (row["ratio"] or row["ours"])["median"]
    return float(found / float(wanted) if sign == "≥" else float(wanted) / max(found, 1e-9))


def growth(record: dict[str, Any]) -> Any:
    """Milliseconds by the number of closed cases."""
    part = record.get("growth") or {}
    figures = part.get("figures")
    if not figures:
        return None
    figure, axes = plt.subplots(figsize=(8, 4.5))
    sizes = part["sizes"]
    for name, found in figures.items():
        middles = found["median_ms"]
        axes.plot(sizes[: len(middles)], middles, marker="o", label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("closed cases behind it")
    axes.set_ylabel("milliseconds, median")
    axes.legend(fontsize=8, frameon=False)
    return _clean(figure, axes)


def order_to_text(record: dict[str, Any]) -> Any:
    """What share of the texts was asked for within so many milliseconds."""
    part = record.get("order_to_text") or {}
    if "idle_ms" not in part:
        return None
    figure, axes = plt.subplots(figsize=(8, 4.5))
    loaded = [value for one in part["loaded_ms"]["text"] for value in one]
    floor = [value for one in part["loaded_ms"]["floor"] for value in one]
    lines = (
        ("202 → text request, idle", part["idle_ms"]["text"], OURS, "-"),
        ("floor, idle", part["idle_ms"]["floor"], OTHER, "-"),
        ("202 → text request, 100 a second", loaded, OURS, "--"),
        ("floor, 100 a second", floor, OTHER, "--"),
    )
    for name, values, colour, style in lines:
        ordered = sorted(values)
        share = [100 * (place + 1) / len(ordered) for place in range(len(ordered))]
        axes.plot(ordered, share, style, color=colour, label=name)
    axes.set_xscale("log")
    axes.set_xlabel("milliseconds")
    axes.set_ylabel("per cent within")
    axes.legend(fontsize=8, frameon=False)
    return _clean(figure, axes)


def fan_out(record: dict[str, Any]) -> Any:
    """Committed → received, round by round."""
    part = record.get("fan_out") or {}
    rows = [row for row in part.get("rows", []) if row["other"]]
    if not rows:
        return None
    figure, axes = plt.subplots(figsize=(8, 0.5 * len(rows) + 1))
    places = range(len(rows))
    axes.barh(
        [place + 0.2 for place in places], [row["ours"]["median"] for row in rows], 0.38, color=OURS, label="ours"
    )
    bare = [row["other"]["median"] for row in rows]
    axes.barh([place - 0.2 for place in places], bare, 0.38, color=OTHER, label="bare websockets")
    axes.set_yticks(list(places), [row["figure"] for row in rows])
    axes.set_xscale("log")
    axes.set_xlabel(rows[0]["unit"])
    axes.legend(fontsize=8, frameon=False)
    return _clean(figure, axes)


def matching(record: dict[str, Any]) -> Any:
    """Milliseconds of a plan by the number of people, beside n log n from the last point."""
    found = (record.get("matching") or {}).get("growth_ms")
    if not found:
        return None
    sizes = sorted(int(size) for size in found)
    times = [found[str(size)] for size in sizes]
    figure, axes = plt.subplots(figsize=(8, 4.5))
    axes.plot(sizes, times, marker="o", color=OURS, label="plan of 100 cases")
    share = times[-1] / (sizes[-1] * math.log(sizes[-1]))
    axes.plot(sizes, [share * size * math.log(size) for size in sizes], color=OTHER, linestyle="--", label="n log n")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("people on duty")
    axes.set_ylabel("milliseconds, median")
    axes.legend(fontsize=8, frameon=False)
    return _clean(figure, axes)


def _clean(figure: Any, axes: Any) -> Any:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=8)
    return figure


if __name__ == "__main__":
    main()
