"""`make faults`: the matrix of all faults; `plants`: the bugs it must see; `random`: faults without end."""

import sys
from typing import Annotated

import typer

from laboratory.chances import read, run, shrink, written
from laboratory.faults import FAULTS
from laboratory.plants import PLANTS, find
from laboratory.trial import run_cells
from tests.memory import use_memory

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


def _say(line: str) -> None:
    print(line, flush=True)


@app.command()
def matrix(
    seed: Annotated[list[int], typer.Option(help="one matrix for each")] = [1],  # noqa: B006  # typer's way
    only: Annotated[str, typer.Option(help="faults whose name has this in it")] = "",
) -> None:
    """Break everything once for each seed and print what held."""
    use_memory()
    chosen = [fault for fault in FAULTS if only.lower() in str(fault).lower()]
    broken = 0
    for number in seed:
        found = run_cells(number, chosen, _say)
        broken += sum(bool(lines) for lines in found.values())
    _say(f"{len(chosen) * len(seed)} trials, {broken} with something broken")
    sys.exit(1 if broken else 0)


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
