"""`bluevest demo-places` and `bluevest area import`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bluevest.commands.context import DataDir, connected, operator
from dispatcher.errors import BadInput

if TYPE_CHECKING:
    from dispatcher.geo.areas import AreaFileError, AreaShape
    from dispatcher.places import AreaReport
    from dispatcher.work import Work

_MOST_BYTES = 64 * 1024 * 1024

area = typer.Typer(help="The ground places cover.")


def demo_places(data: DataDir = None) -> None:
    """Make Xixiang's organisation with station 440306-LT: real communities, invented (labelled) ground, no people."""
    from dispatcher.geo import xixiang
    from dispatcher.places import seed_places

    seeds = xixiang.demo_places()

    def act(work: "Work") -> int:
        made = seed_places(work, seeds)
        work.audit("places.seeded", actor=operator(), made=made)
        return made

    with connected(data) as service:
        made = service.database.transact(act)
    typer.echo(f"{made} places made, {len(seeds) - made} were there; station {xixiang.STATION}")


@area.command("import")
def import_area_file(
    file: Annotated[Path, typer.Argument(help="GeoJSON FeatureCollection; properties: code, name, kind, parent.")],
    crs: Annotated[str | None, typer.Option(help="wgs84, gcj02 or bd09, when the file's `crs` does not say.")] = None,
    data: DataDir = None,
) -> None:
    """Take over the areas of a file, all or none: new ground for known places, and new places below known ones."""
    with connected(data) as service:
        shapes = _read(file, crs)
        report = service.database.transact(lambda work: _import(work, shapes, file.name))
    typer.echo(f"{report.added} places added, {report.changed} changed, {report.unchanged} unchanged")


def _import(work: "Work", shapes: "list[AreaShape]", source: str) -> "AreaReport":
    from dispatcher.geo.areas import AreaFileError
    from dispatcher.places import import_areas

    try:
        report = import_areas(work, shapes, source)
    except AreaFileError as error:
        raise _all_of(error) from None
    work.audit("areas.imported", actor=operator(), subject=source, added=report.added, changed=report.changed)
    return report


def _read(file: Path, crs: str | None) -> "list[AreaShape]":
    from dispatcher.geo.areas import AreaFileError, read_geojson
    from dispatcher.geo.coordinates import Crs

    if crs is not None and crs not in set(Crs):
        raise BadInput(f"--crs: must be one of {', '.join(Crs)}", field="crs")
    with file.open("rb") as opened_file:
        content = opened_file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise BadInput(f"{file}: larger than {_MOST_BYTES // 1024**2} MB")
    try:
        return read_geojson(content, Crs(crs) if crs else None)
    except AreaFileError as error:
        raise _all_of(error) from None


def _all_of(error: "AreaFileError") -> BadInput:
    """One line that names every fault, not only the first ones."""
    return BadInput("; ".join(str(fault) for fault in error.faults), error.field)


def register(app: typer.Typer) -> None:
    """Put the commands into the command line."""
    app.command("demo-places")(demo_places)
    app.add_typer(area, name="area")
