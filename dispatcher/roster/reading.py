"""A file as rows with named columns; what they mean is looked at later, all at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dispatcher.errors import BadInput
from dispatcher.roster.row import EXTRA, ROSTER, Columns, Row
from dispatcher.roster.tables import open_table

MOST_ROWS = 20_000
MOST_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Sheet:
    """The rows of a file, and notes for whoever imports it: columns passed over, the encoding guessed."""

    rows: list[Row]
    notes: list[str]


def read_roster(path: Path) -> Sheet:
    """Read a roster as `read_sheet` does."""
    return read_sheet(path, ROSTER)


def parse_roster(content: bytes) -> Sheet:
    """The same for a file's bytes."""
    return parse_sheet(content, ROSTER)


def read_sheet(path: Path, columns: Columns) -> Sheet:
    """Read a csv or xlsx file (the first sheet); empty rows are passed over, whatever columns stand in any order.

    Raises BadInput when it cannot be read, is no such file, is larger than 20 MB or 20,000 rows, or lacks a column.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from None
    if len(content) > MOST_BYTES:
        raise BadInput(f"{path}: larger than {MOST_BYTES // 1024**2} MB")
    try:
        return parse_sheet(content, columns)
    except BadInput as error:
        raise BadInput(f"{path}: {error.message}", error.field) from None


def parse_sheet(content: bytes, columns: Columns) -> Sheet:
    """The same for a file's bytes. Raises BadInput."""
    table, notes = open_table(content)
    numbered = ((number, cells) for number, cells in enumerate(table, start=1) if any(map(str.strip, cells)))
    _, names = next(numbered, (0, ()))
    header, passed_over = _header(names, columns)
    if passed_over:
        notes = [*notes, f"columns passed over: {', '.join(passed_over)}"]
    rows = list(_rows(numbered, header))
    if not rows:
        raise BadInput("the file has a header and nobody below it")
    return Sheet(rows, notes)


def _header(names: Sequence[str], columns: Columns) -> tuple[list[str | None], list[str]]:
    """The known column at each position, and the names of those that are not known."""
    plain = [name.strip().lower() for name in names]
    header = [name if name in columns.known else None for name in plain]
    missing = [name for name in columns.needed if name not in header]
    if missing:
        raise BadInput(f"the first row must name the columns; missing: {', '.join(missing)}", field=missing[0])
    for name in columns.known:
        if header.count(name) > 1:
            raise BadInput(f"the column {name} stands there twice", field=name)
    return header, [name for name in plain if name and name.isprintable() and name not in columns.known]


def _rows(numbered: Iterator[tuple[int, Sequence[str]]], header: Sequence[str | None]) -> Iterator[Row]:
    for count, (number, cells) in enumerate(numbered, start=1):
        if count > MOST_ROWS:
            raise BadInput(f"more than {MOST_ROWS} rows: import them in several files")
        padded = [*cells, *[""] * (len(header) - len(cells))]
        known = {name: text for name, text in zip(header, padded, strict=False) if name}
        beyond = " ".join(text.strip() for text in padded[len(header) :]).strip()
        yield Row(number, known | ({EXTRA: beyond} if beyond else {}))
