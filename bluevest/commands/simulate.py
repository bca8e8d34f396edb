"""`bluevest simulate`: what a policy would do on many made-up days, beside others."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatcher.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dispatcher.geo.coordinates import Point
    from simulator.station.report import Found

_SHARES = (0.17, 0.30, 0.47)
"""What published responder studies report (field guide §2)."""


def simulate(
    *,
    day: Annotated[list[str] | None, typer.Option(help="quiet, normal or bad; several may be named; else all.")] = None,
    acceptance: Annotated[
        list[float] | None, typer.Option(min=0.01, max=0.99, help="Share of offers accepted; else 0.17, 0.3, 0.47.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="So many days of each kind.")] = 20,
    policy: Annotated[Path | None, typer.Option(help="The station's own policy: YAML or JSON.")] = None,
    roster: Annotated[Path | None, typer.Option(help="Whose bases are taken: a roster as csv or xlsx.")] = None,
    warnings: Annotated[
        Path | None, typer.Option(help="Warnings of the past to play: csv or xlsx with at, level; lon, lat, crs.")
    ] = None,
    more_by_day: Annotated[int, typer.Option(min=-20, max=200, help="So many more vests on the day's shift.")] = 0,
    more_by_night: Annotated[int, typer.Option(min=-20, max=200, help="So many more vests on the night's.")] = 0,
    json_file: Annotated[Path | None, typer.Option("--json", help="Where to keep the figures.")] = None,
    html: Annotated[Path | None, typer.Option(help="Where to write a page with plots.")] = None,
) -> None:
    """Play days with made-up warnings and people under five policies, and show what would have come of them.

    Nearest one at a time, nearest three, everyone at once, the station's policy, and a planner that knows every answer.
    """
    from rich.console import Console
    from rich.progress import Progress

    from simulator.station.past import read_past
    from simulator.station.report import table
    from simulator.station.scene import DAYS
    from simulator.station.trial import Setting, try_out

    days, shares = day or list(DAYS), acceptance or _SHARES
    if unknown := [one for one in days if one not in DAYS]:
        raise BadInput(f"no such day: {unknown[0]}; there are {', '.join(DAYS)}", field="day")
    overrides, bases = _policy(policy), _bases(roster)
    past = read_past(warnings) if warnings else []
    if past and day is None:
        days = ["normal"]  # the people of a normal day; its warnings are replaced
    seeds = max(seeds, len(past))
    sections = {}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("days", total=len(days) * len(shares) * seeds)
        for kind in days:
            for share in shares:
                setting = Setting(kind, share, overrides, bases, more_by_day, more_by_night, past)
                what = f"{len(past)} days of the past" if past else f"{kind} day"
                title = f"{what}, {share:.0%} accepted"
                sections[title] = try_out(setting, range(1, seeds + 1), lambda: progress.advance(bar))
    console = Console(width=max(160, Console().width))
    for title, found in sections.items():
        console.print(table(f"{title}, {seeds} seeds", found))
    _keep(sections, seeds, json_file, html)


def _keep(sections: "Mapping[str, Found]", seeds: int, json_file: Path | None, html: Path | None) -> None:
    from simulator.station.figures import written
    from simulator.station.report import page

    if json_file:
        kept = {title: written(found) for title, found in sections.items()}
        json_file.write_text(json.dumps({"seeds": seeds, "days": kept}, indent=1) + "\n", encoding="utf-8")
    if html:
        html.write_text(page(sections, seeds), encoding="utf-8")


def _policy(file: Path | None) -> dict[str, Any] | None:
    from dispatcher.policy_file import read_policy_file

    return read_policy_file(file.read_bytes()) if file else None


def _bases(file: Path | None) -> list["Point"]:
    """Raises BadInput for a row that is wrong, RowsError for a file that is no roster."""
    from dispatcher.roster import read_roster
    from dispatcher.roster.person import read_person

    if file is None:
        return []
    bases = []
    for row in read_roster(file).rows:
        person = read_person(row)
        if isinstance(person, list):
            raise BadInput(f"{file}: {person[0]}", field="roster")
        if person.where and person.where.base:
            bases.append(person.where.base)
    if not bases:
        raise BadInput(f"{file}: nobody has a base (lon, lat)", field="roster")
    return bases


def register(app: typer.Typer) -> None:
    """Put the command into the command line."""
    app.command()(simulate)
