"""What is wrong with a file of rows: row by row, all of it at once."""

from collections.abc import Iterable
from typing import NamedTuple

from dispatcher.errors import BadInput


class RowFault(NamedTuple):
    """One thing wrong; `row` counts as in the file, so that the header is usually row 1."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.message}"


class RowsError(BadInput):
    """A file that was refused whole; `faults` names everything wrong with it and `str()` is all of that in a line."""

    title = "bad rows"

    def __init__(self, faults: Iterable[RowFault]) -> None:
        self.faults = sorted(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults), self.faults[0].column)
