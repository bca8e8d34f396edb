"""People onto the roster: every bad row named, and nothing half-imported."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatcher.db import Database
from dispatcher.jobs import Job
from dispatcher.model import Event, Place, PositionSource, Volunteer, VolunteerKind
from dispatcher.places import find_station
from dispatcher.protection.columns import blind_index
from dispatcher.roster import ImportReport, Row, RowsError, import_roster
from dispatcher.roster.reading import parse_roster
from dispatcher.work import Work
from tests.conftest import RecordingWaker
from tests.roster.files import HEADER, csv_text, xlsx_bytes


def brought(database: Database, *rows: str, header: str = ",".join(HEADER)) -> ImportReport:
    roster = parse_roster(csv_text(*rows, header=header).encode())
    return database.transact(lambda work: import_roster(work, roster.rows))


def person(database: Database, phone: str = "+8613800000001") -> Volunteer:
    index = blind_index("phone", phone)
    return database.read(lambda session: session.scalars(select(Volunteer).where(Volunteer.phone_index == index)).one())


def people(database: Database) -> int:
    return database.read(lambda session: session.scalar(select(func.count()).select_from(Volunteer)) or 0)


def faults(database: Database, *rows: str, header: str = ",".join(HEADER)) -> list[str]:
    with pytest.raises(RowsError) as raised:
        brought(database, *rows, header=header)
    return [str(fault) for fault in raised.value.faults]


def codes_of(database: Database, volunteer: Volunteer) -> tuple[str | None, str | None]:
    def look(session: Session) -> tuple[str | None, str | None]:
        places = [session.get(Place, at) if at else None for at in (volunteer.community_id, volunteer.grid_id)]
        return places[0].code if places[0] else None, places[1].code if places[1] else None

    return database.read(look)


def test_a_full_row_becomes_a_person(places: Database) -> None:
    row = "王一,138 0000 0001,S1,桃源社区,G12,113.8712,22.5741,gcj02,网格员,西乡一队,劝阻；粤语; 英语,是"
    assert brought(places, row) == ImportReport(1, 0, 0)
    wang = person(places)
    assert (wang.name, wang.phone, wang.kind) == ("王一", "+8613800000001", VolunteerKind.GRID_WORKER)
    assert (wang.team, wang.skills, wang.on_duty, wang.active) == ("西乡一队", ["劝阻", "粤语", "英语"], True, True)
    assert codes_of(places, wang) == ("C1", "G12")
    assert wang.base_source is PositionSource.BASE
    assert wang.base_lon == pytest.approx(113.8663, abs=0.0005)
    assert (wang.language, wang.duty_changed_at, wang.page_at) == ("zh", places.clock.now(), None)


def test_only_name_phone_and_station_are_needed(places: Database) -> None:
    assert brought(places, "王一,13800000001,流塘派出所", header="name,phone,station") == ImportReport(1, 0, 0)
    wang = person(places)
    assert (wang.kind, wang.team, wang.skills, wang.on_duty) == (VolunteerKind.VEST, None, [], False)
    assert (wang.base_lon, wang.base_source, wang.community_id) == (None, None, None)


def test_without_a_position_of_their_own_people_stand_in_the_middle_of_their_grid_or_community(
    places: Database,
) -> None:
    brought(
        places,
        "王一,13800000001,S1,,G11,,,,,,,",
        "李二,13800000002,S1,C1,,,,,,,,",
        "张三,13800000003,S1,C1,第二网格,,,,,,,",
        "陈四,13800000004,S2,C9,,,,,,,,",
    )
    one, two, three, four = (person(places, f"+861380000000{n}") for n in range(1, 5))
    assert (one.base_lon, one.base_source) == (113.8711, PositionSource.GRID)
    assert codes_of(places, one) == ("C1", "G11")
    assert (two.base_lon, two.base_source) == (113.871, PositionSource.GRID)
    assert (three.base_lon, three.base_source) == (113.871, PositionSource.GRID)
    assert (four.base_lon, four.base_source) == (None, None)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("", "vest"),
        ("蓝马甲", "vest"),
        ("蓝马甲队员", "vest"),
        ("网格员", "grid_worker"),
        ("Grid Worker", "grid_worker"),
        ("辅警", "auxiliary"),
        ("民警", "police"),
        ("POLICE", "police"),
        ("保安", "guard"),
    ],
)
def test_kinds_in_both_languages(places: Database, word: str, kind: str) -> None:
    brought(places, f"王一,13800000001,S1,{word}", header="name,phone,station,kind")
    assert person(places).kind == kind


@pytest.mark.parametrize(
    ("word", "on_duty"),
    [("true", True), ("TRUE", True), ("1", True), ("是", True), ("0", False), ("否", False), ("", False)],
)
def test_on_duty_in_both_languages(places: Database, word: str, on_duty: bool) -> None:
    brought(places, f"王一,13800000001,S1,{word}", header="name,phone,station,on_duty")
    assert person(places).on_duty is on_duty


@pytest.mark.parametrize(
    "written",
    ["13800000001", "+86 138-0000-0001", "\t13800000001", "13800000001.0", "１３８００００００01", "8613800000001"],
)
def test_phones_as_people_and_spreadsheets_write_them(places: Database, written: str) -> None:
    brought(places, f"王一;{written};S1", header="name;phone;station")
    assert person(places).name == "王一"


def test_a_workbook_is_read_like_a_text(places: Database) -> None:
    book = parse_roster(
        xlsx_bytes(["王一", 13800000001, "S1", "C1", None, 113.87, 22.57, "wgs84", "民警", None, None, True])
    )
    assert places.transact(lambda work: import_roster(work, book.rows)) == ImportReport(1, 0, 0)
    wang = person(places)
    assert (wang.base_lon, wang.base_lat, wang.kind, wang.on_duty) == (113.87, 22.57, VolunteerKind.POLICE, True)


def test_every_bad_row_is_named_at_once_and_nobody_is_imported(places: Database) -> None:
    found = faults(
        places,
        "好人,13800000009,S1,,,,,,,,,1",
        ",12345,S9,,,,,,,,,",
        "王一,13800000001,S1,河西社区,,,,,vests,,,maybe",
        "李二,13800000002,S1,,,113.87,,,,,,",
        "张三,13800000003,S1,,,113.87,22.57,,,,,",
        "陈四,13800000004,S1,,,213.87,22.57,wgs84,,,,",
        "赵五,13800000005,S1,,,0,0,wgs84,,,,",
        "孙六,13800000006,S1,,,x,22.57,wgs72,,,,",
        "周七,13800000001,S1,,,,,,,,,",
        "吴八,13800000008,S1,C1,G21,,,,,,,",
        "郑九,1.38E+10,S1,,,,,,,,,,extra",
    )
    assert found == [
        "row 3, name: missing: name, phone, station are needed",
        "row 3, phone: not a phone number",
        "row 4, kind: 'vests' is none of vest, grid_worker, auxiliary, police, guard",
        "row 4, on_duty: 'maybe' is none of true, false, 1, 0, 是, 否",
        "row 5, crs: missing: lon, lat, crs belong together",
        "row 5, lat: missing: lon, lat, crs belong together",
        "row 6, crs: missing: lon, lat, crs belong together",
        "row 7, lon: 213.87, 22.57 is no position on the globe",
        "row 8, lon: 0, 0 is no position on the globe",
        "row 9, crs: 'wgs72' is none of wgs84, gcj02, bd09",
        "row 9, lon: 'x' is not a number of degrees",
        "row 11, grid: there is no grid 'G21' in 桃源社区",
        "row 12, cells: more cells than the header has",
        "row 12, phone: 1.38E+10 is a number the spreadsheet cut short: format the column as text",
    ]
    assert people(places) == 0
    assert places.waker.woken == []


def test_one_bad_row_does_not_hide_what_is_wrong_with_another_place(places: Database) -> None:
    assert faults(places, "王一,13800000001,S9", ",,", "李二,13800000002,", header="name,phone,station") == [
        "row 2, station: there is no station 'S9'",
        "row 4, station: missing: name, phone, station are needed",
    ]


def test_the_line_names_them_all(places: Database) -> None:
    with pytest.raises(RowsError) as raised:
        brought(places, *(f"王,1,S{n}" for n in range(300)), header="name,phone,station")
    line = str(raised.value)
    assert "\n" not in line
    assert all(f"row {n}, phone: not a phone number" in line for n in range(2, 302))


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("=1+1", "formula"),
        ("=HYPERLINK(1)", "formula"),
        ("+王一", "formula"),
        ("-王一", "formula"),
        ("@SUM(A1)", "formula"),
        ("＝1+1", "formula"),
        ("\t王一", "formula"),
        ("#REF!", "the spreadsheet shows the error"),
        ("王\x07一", "unseen character U\\+0007"),
        ("王\u202e一", "unseen character U\\+202E"),
        ('"王\n一"', "unseen character U\\+000A"),
        ("王" * 81, "longer than 80"),
        ("王" * 201, "longer than 200"),
    ],
)
def test_cells_that_are_refused(places: Database, cell: str, message: str) -> None:
    with pytest.raises(RowsError, match=f"row 2, name: .*{message}"):
        brought(places, f"{cell};13800000001;S1", header="name;phone;station")
    assert people(places) == 0


def test_a_formula_in_a_workbook_names_its_cell(places: Database) -> None:
    rows = parse_roster(xlsx_bytes(["王一", "=13800000000+1", "S1"])).rows
    with pytest.raises(RowsError, match="row 2, phone: a formula"):
        places.transact(lambda work: import_roster(work, rows))


def test_the_same_phone_twice_names_both_rows(places: Database) -> None:
    assert faults(places, "王一,13800000001,S1", "李二,+86 138 0000 0001,S1", header="name,phone,station") == [
        "row 3, phone: stands in row 2 too"
    ]


def test_a_known_phone_is_a_known_person_who_is_brought_up_to_date(places: Database) -> None:
    header = "name,phone,station,kind,on_duty"
    brought(places, "王一,13800000001,S1,vest,1", "李二,13800000002,S1,,", header=header)
    known = person(places).id

    report = brought(
        places, "王一一,+8613800000001,S1,police,1", "李二,13800000002,S1,,0", "张三,13800000003,S1,,", header=header
    )

    assert report == ImportReport(1, 1, 1)
    wang = person(places)
    assert (wang.id, wang.name, wang.kind) == (known, "王一一", VolunteerKind.POLICE)
    assert people(places) == 3


def test_columns_the_file_does_not_have_leave_people_as_they_are(places: Database) -> None:
    brought(places, "王一,13800000001,S1,C1,G11,113.87,22.57,wgs84,police,一队,英语,1")
    assert brought(places, "王一,13800000001,S1", header="name,phone,station") == ImportReport(0, 0, 1)
    brought(places, "王一,13800000001,S1,", header="name,phone,station,team")
    wang = person(places)
    assert (wang.team, wang.kind, wang.on_duty, wang.skills) == (None, VolunteerKind.POLICE, True, ["英语"])
    assert (wang.base_lon, wang.base_source) == (113.87, PositionSource.BASE)


def test_moving_somebody_to_another_station_is_left_to_an_officer(places: Database) -> None:
    brought(places, "王一,13800000001,S1", header="name,phone,station")
    assert faults(places, "王一,13800000001,S2", header="name,phone,station") == [
        "row 2, phone: is on the roster of S1 流塘派出所 already"
    ]

    def leave(work: Work) -> None:
        for volunteer in work.session.scalars(select(Volunteer)):
            volunteer.active = False

    places.transact(leave)
    assert brought(places, "王一,13800000001,S2", header="name,phone,station") == ImportReport(0, 1, 0)
    s2 = places.read(lambda session: find_station(session, "S2"))
    wang = person(places)
    assert (wang.station_id, wang.active) == (s2.id, True)


def test_consoles_hear_of_people_and_planning_wakes_for_those_on_duty(places: Database, waker: RecordingWaker) -> None:
    header = "name,phone,station,on_duty"
    brought(places, "王一,13800000001,S1,0", "李二,13800000002,S2,0", header=header)
    assert waker.woken == []
    s1 = places.read(lambda session: find_station(session, "S1"))

    brought(places, "王一,13800000001,S1,1", "李二,13800000002,S2,0", header=header)

    assert waker.woken == [(Job.PLAN, str(s1.id))]
    events = places.read(lambda session: session.scalars(select(Event).where(Event.station_id == s1.id)).all())
    assert [event.kind for event in events] == ["volunteer.changed", "volunteer.changed"]
    assert [event.data["volunteer"]["on_duty"] for event in sorted(events, key=lambda e: e.seq)] == [False, True]


def test_a_districts_force_comes_in_one_file(places: Database) -> None:
    rows = [f"队员{n},1380001{n:04},S1,C1,,,,,,,,{n % 2}" for n in range(397)]
    assert brought(places, *rows) == ImportReport(397, 0, 0)
    assert brought(places, *rows) == ImportReport(0, 0, 397)


_CELLS = st.one_of(
    st.sampled_from(
        ["", "S1", "C1", "G11", "13800000001", "113.87", "22.5", "gcj02", "vest", "1", "=1", "1e999", "-0"]
    ),
    st.text(max_size=12),
)


@settings(max_examples=60)
@given(st.lists(st.lists(_CELLS, min_size=len(HEADER), max_size=len(HEADER)), min_size=1, max_size=4))
def test_whatever_the_cells_hold_rows_are_imported_whole_or_refused_whole(
    places: Database, rows: Sequence[Sequence[str]]
) -> None:
    before = people(places)
    asked = [Row(n, dict(zip(HEADER, row, strict=True))) for n, row in enumerate(rows, start=2)]
    try:
        report = places.transact(lambda work: import_roster(work, asked))
    except RowsError as error:
        refused, added = {fault.row for fault in error.faults}, 0
    else:
        refused, added = set(), report.added
    assert bool(refused) or added + report.changed + report.unchanged == len(rows)
    assert people(places) == before + added
