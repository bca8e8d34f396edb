"""Shift plans out of files: every mistake named by row and column, and nothing half-imported."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from dispatcher.db import Database
from dispatcher.errors import BadInput
from dispatcher.model import Shift, Volunteer
from dispatcher.roster import RowsError
from dispatcher.roster.following import plan_of
from dispatcher.roster.reading import parse_sheet
from dispatcher.roster.row import Row
from dispatcher.roster.shift_cells import read_date, read_days, write_days, write_shift
from dispatcher.roster.shift_import import PlanReport, compare_shifts, import_shifts
from dispatcher.roster.shift_rows import SHIFTS, PlanRow, read_plan_row
from dispatcher.work import Work
from tests import builders
from tests.roster.files import csv_text, xlsx_bytes

HEADER = "phone,days,from,until,first,last"
WANG, LI = "+8613800000001", "+8613800000002"


@pytest.fixture
def people(database: Database) -> Database:
    """A station with 王 and 李."""

    def settle(work: Work) -> None:
        station = builders.station(work)
        for phone in (WANG, LI):
            builders.volunteer(work, station, phone)

    database.transact(settle)
    return database


def rows_of(*rows: str, header: str = HEADER) -> list[Row]:
    return parse_sheet(csv_text(*rows, header=header).encode(), SHIFTS).rows


def brought(database: Database, *rows: str, header: str = HEADER) -> PlanReport:
    found = rows_of(*rows, header=header)
    return database.transact(lambda work: import_shifts(work, found))


def plan(database: Database, phone: str = WANG) -> list[str]:
    person = next(one for one in everybody(database) if one.phone == phone)
    found = database.read(lambda session: plan_of(session, [person.id])[person.id])
    return sorted(write_shift(pattern) for pattern in found)


def everybody(database: Database) -> list[Volunteer]:
    return database.read(lambda session: list(session.scalars(select(Volunteer))))


def faults(database: Database, *rows: str, header: str = HEADER) -> list[str]:
    with pytest.raises(RowsError) as raised:
        brought(database, *rows, header=header)
    return [str(fault) for fault in raised.value.faults]


def test_a_patrol_a_weekend_and_a_single_night(people: Database) -> None:
    report = brought(
        people,
        f"{WANG},mon-fri,20:00,04:00,2026-05-01,2026-05-31",
        f"{WANG},周六；周日,8:00,24:00,,",
        f"{LI},2026-04-29、2026-05-06,20：00,4:00,,",
    )
    assert (len(report.changes), report.unchanged) == (2, 0)
    assert plan(people) == ["mon-fri 20:00-04:00 from 2026-05-01 until 2026-05-31", "sat;sun 08:00-00:00"]
    assert plan(people, LI) == ["2026-04-29 20:00-04:00", "2026-05-06 20:00-04:00"]


def test_a_workbook_is_read_like_a_text(people: Database) -> None:
    header = ["phone", "days", "from", "until"]
    book = xlsx_bytes([13800000001, datetime(2026, 4, 29), time(20), time(4)], header=[*header])  # noqa: DTZ001
    rows = parse_sheet(book, SHIFTS).rows
    people.transact(lambda work: import_shifts(work, rows))
    assert plan(people) == ["2026-04-29 20:00-04:00"]


def test_the_same_file_again_changes_nothing(people: Database) -> None:
    rows = (f"{WANG},fri-mon,20:00,04:00,,", f"{WANG},2026-04-29,08:00,12:00,,")
    brought(people, *rows)
    before = people.read(lambda session: {shift.id for shift in session.scalars(select(Shift))})
    again = brought(people, *reversed(rows))
    assert (again.changes, again.unchanged) == ([], 1)
    assert people.read(lambda session: {shift.id for shift in session.scalars(select(Shift))}) == before


def test_a_file_takes_the_place_of_the_plans_of_those_it_names_alone(people: Database) -> None:
    brought(people, f"{WANG},daily,08:00,16:00,,", f"{WANG},sun,20:00,22:00,,", f"{LI},daily,16:00,24:00,,")
    brought(people, f"{WANG},每天,09:00,17:00,,")
    assert (plan(people), plan(people, LI)) == (["daily 09:00-17:00"], ["daily 16:00-00:00"])
    brought(people, f"{WANG},无,,,,")
    assert (plan(people), plan(people, LI)) == ([], ["daily 16:00-00:00"])


def test_what_would_change_is_said_with_numbers_masked_and_nothing_is_changed(people: Database) -> None:
    brought(people, f"{WANG},daily,08:00,16:00,,")
    rows = rows_of(f"{WANG},mon,08:00,16:00,,", f"{LI},sat;sun,10:00,12:00,,")
    report = people.read(lambda session: compare_shifts(session, rows))
    assert [str(change) for change in report.changes] == [
        "138****0001: daily 08:00-16:00 → mon 08:00-16:00",
        "138****0002: no shifts → sat;sun 10:00-12:00",
    ]
    assert (plan(people), plan(people, LI)) == (["daily 08:00-16:00"], [])


def test_every_mistake_is_named_at_once_and_nothing_is_imported(people: Database) -> None:
    brought(people, f"{WANG},daily,08:00,16:00,,")
    assert faults(
        people,
        f"{WANG},mon-fri,20:00,04:00,,",
        ",mon,8,25:00,,",
        f"{WANG},someday,20:00,04:00,2026-02-30,",
        f"{LI},mon,20:00,04:00,2026-05-02,2026-05-01",
        f"{LI},mon,20:00,04:00,2026-04-28,2026-05-03",
        f"{LI},2026-04-29;mon,20:00,04:00,,",
        f"{LI},2026-04-29,20:00,04:00,2026-04-01,",
        f"{LI},none,20:00,,,",
        f"{WANG},fri;mon-thu,20:00,04:00,,",
        "13800000009,mon,20:00,04:00,,",
        f"{WANG},none,,,,,more",
        f"{WANG},none,,,,",
        f"{LI},1999-04-29,20:00,=1+1,,",
    ) == [
        "row 3, from: '8' is not a time like 20:00",
        "row 3, phone: missing: phone, days, from, until are needed",
        "row 3, until: '25:00' is not a time like 20:00",
        "row 4, days: 'someday' is no day: write mon-fri, 周一至周五, sat;sun, daily, 每天, a date like 2026-04-29, or none",
        "row 4, first: there is no 2026-02-30",
        "row 5, last: 2026-05-01 is before 2026-05-02",
        "row 6, days: there is no such day from first to last",
        "row 7, days: dates and days of the week: give them a row each",
        "row 8, first: belongs to days of the week, and the row has dates",
        "row 9, from: there are no shifts, so it stays empty",
        "row 10, days: mon-fri 20:00-04:00 stands in row 2 too",
        "row 11, phone: nobody on a roster has this number",
        "row 12, cells: more cells than the header has",
        "row 13, days: says otherwise than row 2: shifts, or none",
        "row 14, days: 1999-04-29 does not lie from 2000 to 2100",
        "row 14, until: a formula, or a text that begins like one (=): write its result",
    ]
    assert plan(people) == ["daily 08:00-16:00"]


def test_who_was_taken_off_the_roster_has_no_shifts(people: Database) -> None:
    people.transact(lambda work: work.session.execute(update(Volunteer).values(active=False)))
    assert faults(people, f"{WANG},mon,20:00,04:00,,") == ["row 2, phone: nobody on a roster has this number"]


def test_a_file_without_a_column_is_none() -> None:
    with pytest.raises(BadInput, match="must name the columns; missing: until"):
        rows_of("1,mon,20:00", header="phone,days,from")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", "mon-fri"),
        ("Mon – Fri", "mon-fri"),
        ("周一至周五", "mon-fri"),
        ("周一到五", "mon-fri"),
        ("星期一～星期五", "mon-fri"),
        ("周五至周一", "mon;fri-sun"),
        ("sat;sun", "sat;sun"),
        ("周六、周日", "sat;sun"),
        ("礼拜六，礼拜天", "sat;sun"),
        ("一、三、五", "mon;wed;fri"),
        ("Tuesday", "tue"),
        ("tue-tue", "tue"),
        ("DAILY", "daily"),
        ("每天", "daily"),
    ],
)
def test_days_in_both_languages(text: str, days: str) -> None:
    read = read_days(text)
    assert not isinstance(read, list)
    assert write_days(read) == days


@pytest.mark.parametrize("text", ["2026-04-29", "2026/4/29", "2026年4月29日", "２０２６-04-29", "2026-04-29T00:00:00"])
def test_dates_as_people_and_spreadsheets_write_them(text: str) -> None:
    assert read_date(text) == date(2026, 4, 29)


@pytest.mark.parametrize("text", ["", ";", "mon-", "-fri", "mon-wed-fri", "周", "天", "2026-04-29-2026-05-01", "8"])
def test_days_that_are_none(text: str) -> None:
    with pytest.raises(ValueError):
        read_days(text)


@given(st.dictionaries(st.sampled_from(SHIFTS.known), st.text(max_size=12)))
def test_whatever_a_row_holds_it_is_shifts_or_named_mistakes(cells: dict[str, str]) -> None:
    found = read_plan_row(Row(2, cells))
    if not isinstance(found, PlanRow):
        assert found
        assert {fault.column for fault in found} <= set(SHIFTS.known)
