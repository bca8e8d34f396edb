"""`bluevest source add` and `bluevest source rotate`."""

from datetime import timedelta
from typing import Annotated

import typer

from bluevest.commands.context import DataDir, opened

source = typer.Typer(help="The centres that may send warning orders.")


@source.command("add")
def add_source_of(
    name: Annotated[str, typer.Argument(help="Stands in the address: /hooks/NAME/alerts.")],
    feedback: Annotated[str | None, typer.Option(help="Address that signed feedback is sent to.")] = None,
    station: Annotated[str | None, typer.Option(help="Code of the station for orders that name none.")] = None,
    data: DataDir = None,
) -> None:
    """Let a centre send warning orders; its `whsec_…` secret is printed alone on stdout, this once."""
    from dispatcher.intake.sources import add_source

    with opened(data) as service:
        secret = service.database.transact(lambda work: add_source(work, name, feedback, station))
    typer.echo(secret)


@source.command("rotate")
def rotate_source(
    name: Annotated[str, typer.Argument(help="The source.")],
    overlap_hours: Annotated[
        float | None, typer.Option(min=0, help="How long the old secret stays good; BLUEVEST_SECRET_OVERLAP_HOURS.")
    ] = None,
    data: DataDir = None,
) -> None:
    """Give a centre a new secret, printed alone on stdout; the old one stays good for a while."""
    from dispatcher.intake.sources import rotate_secret

    with opened(data) as service:
        hours = service.settings.secret_overlap_hours if overlap_hours is None else overlap_hours
        secret = service.database.transact(lambda work: rotate_secret(work, name, timedelta(hours=hours)))
    typer.echo(secret)


def register(app: typer.Typer) -> None:
    """Put the commands into the command line."""
    app.add_typer(source, name="source")
