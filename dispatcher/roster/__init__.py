"""The roster: who can be asked to go to a door, and when they are on duty; imported from csv and xlsx files."""

from dispatcher.roster.faults import RowFault, RowsError
from dispatcher.roster.importing import ImportReport, import_roster
from dispatcher.roster.reading import Sheet, read_roster
from dispatcher.roster.row import Row

__all__ = ["ImportReport", "Row", "RowFault", "RowsError", "Sheet", "import_roster", "read_roster"]
