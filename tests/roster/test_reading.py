"""Roster files as people really save them, and files that are none."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook

from dispatcher.errors import BadInput
from dispatcher.roster.reading import parse_roster, read_roster
from tests.roster.files import csv_text, saved, xlsx_bytes

THREE = "name,phone,station"


def cells(content: bytes | str) -> list[dict[str, str]]:
    raw = content.encode() if isinstance(content, str) else content
    return [dict(row.cells) for row in parse_roster(raw).rows]


WANG = [{"name": "王一", "phone": "13800000001", "station": "S1"}]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_as_excel_and_wps_save_it(delimiter: str, encoding: str, end: str) -> None:
    lines = [THREE, "王一,13800000001,S1", ""]
    assert cells(end.join(lines).replace(",", delimiter).encode(encoding)) == WANG


def test_an_encoding_that_was_guessed_is_said() -> None:
    assert parse_roster(f"{THREE}\n王一,13800000001,S1".encode("gb18030")).notes == [
        "the file is not UTF-8, it was read as GB18030"
    ]
    assert parse_roster(f"{THREE}\n王一,13800000001,S1".encode()).notes == []


def test_columns_in_any_order_case_and_spacing_and_unknown_ones_passed_over() -> None:
    roster = parse_roster("Station , age,PHONE, name\nS1,41,13800000001,王一\n".encode())
    assert dict(roster.rows[0].cells) == WANG[0]
    assert roster.notes == ["columns passed over: age"]


def test_rows_are_numbered_as_in_the_file_and_empty_ones_passed_over() -> None:
    text = f"\n{THREE}\n王一,13800000001,S1\n,,\n\n李二,13800000002,S1\n"
    assert [row.number for row in parse_roster(text.encode()).rows] == [3, 6]
    book = xlsx_bytes(["王一", 13800000001, "S1"], [None, "  "], [], ["李二", 13800000002, "S1"])
    assert [row.number for row in parse_roster(book).rows] == [2, 5]


def test_quoted_cells_and_short_rows() -> None:
    assert cells(f'{THREE},team\n"王,一",13800000001,"S1"\n') == [{**WANG[0], "name": "王,一", "team": ""}]


def test_xlsx_numbers_are_phones_again_and_formulas_show_as_such() -> None:
    book = xlsx_bytes(
        ["王一", 13800000001, "S1", None, None, 113.87, 22.5, "gcj02", None, 3.0, '=CONCAT("急","救")', True]
    )
    row = cells(book)[0]
    assert row["phone"] == "13800000001"
    assert (row["lon"], row["lat"], row["team"], row["on_duty"]) == ("113.87", "22.5", "3", "true")
    assert row["skills"].startswith("=")
    assert cells(xlsx_bytes(["王一", 13800000001.0, "S1"]))[0]["phone"] == "13800000001"


def test_merged_cells_give_their_value_once() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["name", "phone", "station"], ["王一", "13800000001", "S1"], ["李二", "13800000002", None]):
        sheet.append(row)
    sheet.merge_cells("C2:C3")
    buffer = io.BytesIO()
    book.save(buffer)
    assert [row["station"] for row in cells(buffer.getvalue())] == ["S1", ""]


def test_a_cell_far_away_asks_for_no_memory() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for column, text in enumerate(("name", "phone", "station"), start=1):
        sheet.cell(1, column, text)
        sheet.cell(2, column, text)
    sheet["XFD60000"] = "far"
    buffer = io.BytesIO()
    book.save(buffer)
    assert len(cells(buffer.getvalue())) == 1


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", b" " * (101 * 1024 * 1024))
    return buffer.getvalue()


def zipped(name: str, text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr(name, text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "missing: name, phone, station"),
        (b"\n\n", "missing: name, phone, station"),
        (b"name,station\nx,S1", "missing: phone"),
        (b"name,phone,station\n", "nobody below it"),
        (b"name,phone,station,Phone\nx,1,S1,2", "the column phone stands there twice"),
        (b"name,phone,station\nx,1\0,S1", "neither csv nor xlsx"),
        ("name,phone,station\n".encode("utf-16"), "neither csv nor xlsx"),
        (b"name,phone,station\n\xff\xff\xff", "neither csv nor xlsx"),
        (b"%PDF-1.7\n", "neither csv nor xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
        (b"PK\x03\x04 torn", "not a readable xlsx workbook"),
        (zipped("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), "not a readable xlsx workbook"),
        (b'name,phone,station\n"x,1,S1', "not csv"),
        (b"name,phone,station\n" + b"x" * 200_000 + b",1,S1", "not csv"),
        (b"name,phone,station\n" + b"x,1,S1\n" * 20_001, "more than 20000 rows"),
    ],
)
def test_a_file_that_is_no_roster_gets_one_clear_line(content: bytes, message: str) -> None:
    with pytest.raises(BadInput, match=message) as raised:
        parse_roster(content)
    assert "\n" not in str(raised.value)


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(BadInput, match="unpacks to more than 100 MB"):
        parse_roster(bomb())


def test_the_line_names_the_file(tmp_path: Path) -> None:
    for path, message in (
        (tmp_path / "missing.csv", "No such file"),
        (tmp_path, "Is a directory"),
        (saved(tmp_path, "wrong.csv", "a,b\n1,2\n"), "must name the columns"),
        (saved(tmp_path, "huge.csv", b"x" * (20 * 1024 * 1024 + 1)), "larger than 20 MB"),
    ):
        with pytest.raises(BadInput, match=message) as raised:
            read_roster(path)
        assert str(raised.value).startswith(str(path))


BOOK = xlsx_bytes(["王一", 13800000001, "S1"])


def refusal(content: bytes) -> str:
    """What the reader says of a file, nothing when it was read; anything but BadInput comes through."""
    try:
        parse_roster(content)
    except BadInput as error:
        return str(error)
    return ""


@given(st.binary(max_size=400))
@example(b'name,phone,station\n\r\r\n"')
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for raw in (content, csv_text().encode() + content, b"PK\x03\x04" + content):
        assert "\n" not in refusal(raw)


@given(st.integers(0, len(BOOK) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_is_read_or_refused(at: int, damage: bytes) -> None:
    assert "\n" not in refusal(BOOK[:at] + damage + BOOK[at + len(damage) :])
