"""Lines of the table: a figure of ours, what stands beside it, the goal, and whether it is met."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich.table import Table

COLUMNS = ("figure", "unit", "ours", "beside it", "measured", "ratio", "goal", "met")


@dataclass(frozen=True)
class Spread:
    """What several rounds gave: the middle, the lowest and the highest."""

    median: float
    low: float
    high: float
    rounds: int

    def __str__(self) -> str:
        if self.rounds == 1:
            return short(self.median)
        return f"{short(self.median)} ({short(self.low)}-{short(self.high)})"


@dataclass(frozen=True)
class Row:
    """`ratio` is ours ÷ the other's; `goal` says what it should be, `met` is None where there is none."""

    figure: str
    unit: str
    ours: Spread
    beside: str = ""
    other: Spread | None = None
    ratio: Spread | None = None
    goal: str = ""
    met: bool | None = None


def spread(values: Iterable[float]) -> Spread:
    """Raises StatisticsError when there are no values."""
    found = list(values)
    return Spread(median(found), min(found), max(found), len(found))


def plain(figure: str, unit: str, *values: float) -> Row:
    """A figure with nothing beside it."""
    return Row(figure, unit, spread(values))


def limited(figure: str, unit: str, value: float, at_most: float) -> Row:
    """A figure with a goal of its own and nothing beside it."""
    return Row(figure, unit, spread([value]), goal=f"≤ {at_most:g}", met=value <= at_most)


def compared(
    figure: str,
    unit: str,
    ours: Sequence[float],
    beside: str,
    others: Sequence[float],
    *,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Row:
    """Rounds that alternated, one pair after the other: the ratio is the middle one of the pairs' ratios."""
    ratio = spread(our / other for our, other in zip(ours, others, strict=True))
    goal, met = "", None
    if at_least is not None:
        goal, met = f"≥ {at_least:g}", ratio.median >= at_least
    elif at_most is not None:
        goal, met = f"≤ {at_most:g}", ratio.median <= at_most
    return Row(figure, unit, spread(ours), beside, spread(others), ratio, goal, met)


def written(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """As JSON keeps them."""
    return [asdict(row) for row in rows]


def read(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """What `written` gave."""
    return [Row(**_spreads(row)) for row in rows]


def _spreads(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: Spread(**value) if isinstance(value, Mapping) else value for key, value in row.items()}


def table(rows: Iterable[Row]) -> Table:
    """The one table: middle (lowest-highest) of the rounds."""
    shown = Table(*COLUMNS, title="middle (lowest-highest) of the rounds")
    for row in rows:
        met = "" if row.met is None else "yes" if row.met else "NO"
        other = "" if row.other is None else str(row.other)
        ratio = "" if row.ratio is None else str(row.ratio)
        shown.add_row(row.figure, row.unit, str(row.ours), row.beside, other, ratio, row.goal, met)
    return shown


def short(value: float) -> str:
    """Three figures are what such a measurement can tell."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
