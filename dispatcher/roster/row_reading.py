"""Reading the cells of one row, and keeping everything that is wrong with them."""

from collections.abc import Callable
from typing import TypeVar

from dispatcher.roster.cells import clean
from dispatcher.roster.faults import RowFault
from dispatcher.roster.row import EXTRA, Columns, Row

T = TypeVar("T")


class RowReading:
    """Reads cells and keeps what was wrong with them, in `faults`."""

    def __init__(self, row: Row, columns: Columns) -> None:
        self.faults: list[RowFault] = []
        self._row = row
        self._columns = columns
        if EXTRA in row.cells:
            self.blame(EXTRA, "more cells than the header has")

    def blame(self, column: str, message: str) -> None:
        """Something is wrong in this column."""
        self.faults.append(RowFault(self._row.number, column, message))

    def holds(self, column: str) -> bool:
        """Whether anything stands in this column."""
        return bool(self._row.cells.get(column, "").strip())

    def cell(self, column: str, read: Callable[[str], T]) -> T | None:
        """What `read` makes of the cell; None, and a fault kept, when it raises ValueError."""
        try:
            return read(clean(self._row.cells.get(column, "")))
        except ValueError as error:
            self.blame(column, str(error))
            return None

    def needed(self, column: str, read: Callable[[str], T]) -> T | None:
        """The same for a cell that must not be empty."""
        if not self.holds(column):
            self.blame(column, f"missing: {', '.join(self._columns.needed)} are needed")
            return None
        return self.cell(column, read)
