"""`make faults`: the matrix of all faults, or the random mode."""

import sys
from typing import Annotated

import typer

from laboratory.faults import FAULTS
from laboratory.trial import run_cells
from tests.memory import use_memory


def main(
    seed: Annotated[list[int], typer.Option(help="one matrix for each")] = [1],  # noqa: B006  # typer's way
    only: Annotated[str, typer.Option(help="faults whose name has this in it")] = "",
) -> None:
    """Break everything once for each seed and print what held."""
    use_memory()
    chosen = [fault for fault in FAULTS if only.lower() in str(fault).lower()]
    broken = 0
    for number in seed:
        found = run_cells(number, chosen, lambda line: print(line, flush=True))
        broken += sum(bool(lines) for lines in found.values())
    print(f"{len(chosen) * len(seed)} trials, {broken} with something broken")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command()(main)
    app()
