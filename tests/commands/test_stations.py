"""A station's published number from the command line."""

from sqlalchemy import select

from dispatcher.db import Database
from dispatcher.model import AuditEntry
from dispatcher.places import find_station
from tests import builders
from tests.commands.conftest import Shell


def test_a_station_has_the_number_that_it_publishes(shell: Shell, database: Database) -> None:
    shell.ok("demo-places")
    assert shell.ok("station", "phone", "440306-LT", "0755-0000 0110") == "440306-LT: 0755 0000 0110\n"
    assert database.read(lambda session: find_station(session, "440306-LT").phone) == "+8675500000110"
    shell.ok("station", "phone", "440306-LT", "（0755）00000111")
    entries = database.read(lambda s: s.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one())
    assert entries.act == "station.phone_set"
    assert entries.details == {"before": "+8675500000110", "after": "+8675500000111"}


def test_numbers_and_stations_that_are_none(shell: Shell, database: Database) -> None:
    shell.ok("demo-places")
    for arguments, message in (
        (("440306-LT", "110"), "no phone number"),
        (("440306-LT", "call me"), "no phone number"),
        (("440306018001", "0755-00000110"), "no station"),
        (("nowhere", "0755-00000110"), "no station"),
    ):
        assert message in shell.refused("station", "phone", *arguments)
    assert database.read(lambda session: find_station(session, "440306-LT").phone) is None


def test_past_warnings_are_listed_without_names_and_about_where(shell: Shell, database: Database) -> None:
    shell.ok("demo-places")
    place = database.read(lambda session: find_station(session, "440306-LT"))
    database.transact(lambda work: builders.open_case(work, place, lon=113.87124, lat=22.57419))
    database.transact(lambda work: builders.open_case(work, place, lon=None, lat=None))
    header, first, second = shell.ok("station", "warnings", "440306-LT").splitlines()
    assert header == "at,level,lon,lat"
    assert {first.partition(",")[2], second.partition(",")[2]} == {"high,113.871,22.574", "high,,"}
    assert "no station" in shell.refused("station", "warnings", "nowhere")
