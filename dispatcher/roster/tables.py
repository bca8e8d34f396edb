"""Files as rows of text: csv in the encodings and delimiters in use, xlsx read as a stream.

Workbooks are read with openpyxl row by row: it shows formulas as such, and a cell in the sheet's last corner costs
nothing (python-calamine gives a formula's last result, and asks for the whole rectangle's memory at once).
"""

import csv
import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from openpyxl import load_workbook

from dispatcher.errors import BadInput

MOST_UNPACKED_BYTES = 100 * 1024 * 1024
MOST_COLUMNS = 64
_LAST_SHEET_ROW = 1_048_576
_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"

Table = Iterator[Sequence[str]]
"""The file's rows from the first on, empty ones as empty lists; cells as text."""


def open_table(content: bytes) -> tuple[Table, list[str]]:
    """The rows of a csv or xlsx file, told apart by what is in it, and notes on how it was read.

    Raises BadInput when it is neither, at once or while the rows are read.
    """
    if content.startswith(_ZIP):
        return _sheet_rows(content), []
    if content.startswith(_OLE):
        raise BadInput("an old Excel file, or one locked by a password: save it as .xlsx without a password, or as csv")
    if content.startswith(_PDF) or b"\0" in content:
        raise BadInput("neither csv nor xlsx: a csv file is text in UTF-8 or GB18030")
    text, notes = _decoded(content)
    return _csv_rows(text), notes


def _decoded(content: bytes) -> tuple[str, list[str]]:
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("gb18030"), ["the file is not UTF-8, it was read as GB18030"]
    except UnicodeDecodeError:
        raise BadInput("neither csv nor xlsx: a csv file is text in UTF-8 or GB18030") from None


def _csv_rows(text: str) -> Table:
    """Delimited by what stands most often in the first line: a comma, a semicolon or a tab."""
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise BadInput(f"not csv: {error}") from None


def _sheet_rows(content: bytes) -> Table:
    try:
        unpacked = _unpacked_bytes(content)
        rows = _first_sheet(content) if unpacked <= MOST_UNPACKED_BYTES else None
        if rows:
            yield from rows
    except BadInput:
        raise
    except Exception as error:  # noqa: BLE001  # openpyxl raises whatever a broken file leads to
        raise BadInput(f"not a readable xlsx workbook: {type(error).__name__}") from None
    if rows is None:
        limit = MOST_UNPACKED_BYTES // 1024**2
        raise BadInput(f"the workbook unpacks to more than {limit} MB: a roster is far smaller")


def _unpacked_bytes(content: bytes) -> int:
    """What the zip says; Python's zipfile reads no more of a part than that."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return sum(part.file_size for part in packed.infolist())


def _first_sheet(content: bytes) -> Table:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on extensions openpyxl leaves out; none of them holds a cell
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # some programs write a wrong size, and cells beyond it would be lost
            for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
                if number > _LAST_SHEET_ROW:
                    raise BadInput(f"a sheet has at most {_LAST_SHEET_ROW} rows")
                yield [_text(cell.value, cell.data_type) for cell in cells]
        finally:
            book.close()


def _text(value: Any, data_type: str) -> str:
    """A cell as text: whole numbers without a fraction, so that a phone is one again; a formula begins with `=`."""
    if value is None:
        return ""
    if data_type == "f":
        return value if isinstance(value, str) and value.startswith("=") else "="
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)
