"""`bluevest station phone` and `bluevest station warnings`."""

from typing import TYPE_CHECKING, Annotated

import typer

from bluevest.commands.context import DataDir, connected, operator
from dispatcher.errors import BadInput

if TYPE_CHECKING:
    from dispatcher.work import Work

station = typer.Typer(help="What residents know a station by.")


@station.callback()
def _station() -> None:
    # With a callback the group has subcommands even while there is only one.
    return


@station.command("phone")
def set_phone(
    code: Annotated[str, typer.Argument(help="The station's code.")],
    number: Annotated[str, typer.Argument(help="The number the station publishes, such as 0755-12345678.")],
    data: DataDir = None,
) -> None:
    """Set the station's published number: what residents are told to call before they open to a visitor."""
    from dispatcher.protection.phones import as_dialled, normalise_phone

    phone = normalise_phone(number)
    if phone is None:
        raise BadInput(f"number: {number!r} is no phone number with its area code", field="number")
    with connected(data) as service:
        service.database.transact(lambda work: _set(work, code, phone))
    typer.echo(f"{code}: {as_dialled(phone)}")


def _set(work: "Work", code: str, phone: str) -> None:
    from dispatcher.places import find_station

    place = find_station(work.session, code)
    before, place.phone = place.phone, phone
    work.audit("station.phone_set", actor=operator(), subject=code, before=before, after=phone)


@station.command("warnings")
def list_warnings(
    code: Annotated[str, typer.Argument(help="The station's code.")],
    days: Annotated[int, typer.Option(min=1, max=3650, help="So many days back.")] = 365,
    data: DataDir = None,
) -> None:
    """Print the station's past warnings as csv, for `bluevest simulate --warnings`: when, how grave, about where.

    Nobody is named, and places are rounded to about 100 m.
    """
    with connected(data) as service:
        rows = service.database.transact(lambda work: _past(work, code, days))
    typer.echo("at,level,lon,lat")
    for row in rows:
        typer.echo(",".join(row))


def _past(work: "Work", code: str, days: int) -> list[tuple[str, str, str, str]]:
    from datetime import timedelta

    from sqlalchemy import select

    from dispatcher.model import Case
    from dispatcher.places import find_station

    place = find_station(work.session, code)
    since = work.now - timedelta(days=days)
    cases = select(Case.opened_at, Case.level, Case.lon, Case.lat).where(
        Case.station_id == place.id, Case.opened_at >= since
    )
    work.audit("warnings.listed", actor=operator(), subject=code, days=days)
    return [
        (row.opened_at.isoformat(timespec="seconds"), row.level.value, _about(row.lon), _about(row.lat))
        for row in work.session.execute(cases.order_by(Case.opened_at, Case.id))
    ]


def _about(degrees: float | None) -> str:
    return "" if degrees is None else f"{degrees:.3f}"


def register(app: typer.Typer) -> None:
    """Put the commands into the command line."""
    app.add_typer(station, name="station")
