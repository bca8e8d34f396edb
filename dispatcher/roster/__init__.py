"""The roster: who can be asked to go to a door, imported from csv and xlsx files."""

from dispatcher.roster.faults import RosterError, RosterFault
from dispatcher.roster.importing import ImportReport, import_roster
from dispatcher.roster.reading import Roster, read_roster
from dispatcher.roster.row import Row

__all__ = ["ImportReport", "Roster", "RosterError", "RosterFault", "Row", "import_roster", "read_roster"]
