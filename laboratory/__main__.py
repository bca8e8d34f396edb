"""`make faults`: the matrix of all faults; `plants`: the bugs it must see; `random`: faults without end."""

import sys
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from laboratory.chances import read, run, shrink, written
from laboratory.faults import FAULTS, moments_of
from laboratory.plants import PLANTS, find
from laboratory.trial import Cell, Verdict, run_cells
from tests.memory import use_memory

CELLS = [Cell(fault, moment) for fault in FAULTS for moment in moments_of(fault)]
"""Every cell of the matrix."""

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


def _say(line: str) -> None:
    print(line, flush=True)


@app.command()
def matrix(
    seed: Annotated[list[int], typer.Option(help="one matrix for each")] = [1],  # noqa: B006  # typer's way
    only: Annotated[str, typer.Option(help="cells whose name has this in it")] = "",
) -> None:
    """Break everything once for each seed and print what held."""
    use_memory()
    cells = [cell for cell in CELLS if only.lower() in str(cell).lower()]
    runs = [run_cells(number, cells, _say) for number in seed]
    Console(width=max(140, Console().width)).print(_table(cells, runs))
    broken = sum(bool(verdict.broken) for run in runs for verdict in run.values())
    _say(f"{len(cells)} cells, {len(cells) * len(seed)} trials, {broken} with something broken")
    sys.exit(1 if broken else 0)


def _table(cells: Sequence[Cell], runs: Sequence[Mapping[Cell, Verdict]]) -> Table:
    table = Table("process", "fault", "moment", "trials", "orders", "texts", "looked at", "result")
    for cell in cells:
        verdicts = [run[cell] for run in runs]
        broken = sorted({line.partition(":")[0] for verdict in verdicts for line in verdict.broken})
        orders, texts = sum(verdict.orders for verdict in verdicts), sum(verdict.texts for verdict in verdicts)
        result = "broken: " + ", ".join(broken) if broken else "holds"
        missed = sum(verdict.missed for verdict in verdicts)
        result += f", moment missed {missed} times" if missed else ""
        row = (cell.fault.process, cell.fault.name, cell.moment, len(verdicts), orders, texts, "I1-I8", result)
        table.add_row(*map(str, row))
    return table


@app.command()
def plants(
    seed: Annotated[int, typer.Option()] = 1,
    only: Annotated[str, typer.Option(help="plants whose name has this in it")] = "",
) -> None:
    """Plant a bug for each promise, one after the other, and look whether it is seen."""
    use_memory()
    chosen = [name for name in PLANTS if only in name]
    seen = [find(name, seed, _say) for name in chosen]
    _say(f"{len(chosen)} bugs planted, {sum(seen)} seen")
    sys.exit(0 if all(seen) else 1)


@app.command()
def random(
    seed: Annotated[int, typer.Option(help="the same seed breaks the same things in the same order")] = 1,
    seconds: Annotated[float, typer.Option(help="how long")] = 3600,
    steps: Annotated[str, typer.Option(help="only these, as an earlier run has printed them")] = "",
) -> None:
    """Break things at random; what goes wrong is cut down to the shortest schedule and printed as a command."""
    use_memory()
    tally = run(seed, seconds, read(steps) if steps else [], _say)
    lost = sum(line.startswith("I1") for line in tally.broken)
    doubled = sum(line.startswith(("I2", "I3")) for line in tally.broken)
    _say(f"{tally.orders} orders, {tally.faults} faults in {tally.trials} trials: lost {lost}, doubled {doubled}")
    if not tally.broken:
        return
    _say("\n".join(tally.broken))
    shortest = tally.steps if steps else shrink(seed, tally.steps, _say)
    _say(f'to run it again: .venv/bin/python -m laboratory random --seed {seed} --steps "{written(shortest)}"')
    sys.exit(1)


if __name__ == "__main__":
    app()
