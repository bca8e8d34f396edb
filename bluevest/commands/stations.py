"""`bluevest station phone`."""

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


def register(app: typer.Typer) -> None:
    """Put the commands into the command line."""
    app.add_typer(station, name="station")
