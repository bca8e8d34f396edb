"""A reopened case starts afresh where it was left: free to be planned, its unstopped clocks anew."""

from datetime import timedelta

from sqlalchemy import select

from dispatcher.casework import close_case, hold_case, lock_case, reopen_case
from dispatcher.db import Database
from dispatcher.lifecycle import Disposition
from dispatcher.model import Case, Deadline, DeadlineWhat, Officer
from dispatcher.tracking.clocks import due_cases
from dispatcher.work import Work
from tests import builders
from tests.conftest import FixedClock


def test_no_old_clock_rings_and_nobody_holds_it(database: Database, clock: FixedClock) -> None:
    def arrange(work: Work) -> tuple[Case, Officer]:
        station = builders.station(work, "440306-LT")
        return builders.open_case(work, station), builders.officer(work, station)

    case, officer = database.transact(arrange)
    database.transact(lambda work: hold_case(work, lock_case(work, case.id), officer))
    database.transact(lambda work: close_case(work, lock_case(work, case.id), Disposition.NOT_MATCHING, by="officer"))
    clock.forward(days=1)
    database.transact(lambda work: reopen_case(work, lock_case(work, case.id), by="officer"))
    assert database.read(lambda session: due_cases(session, clock.now())) == []
    assert database.read(lambda session: session.get_one(Case, case.id).held_by) is None
    clocks = {row.what: row for row in database.read(lambda session: session.scalars(select(Deadline)).all())}
    assert clocks[DeadlineWhat.SIGN].met_at is not None
    assert clocks[DeadlineWhat.MEET].met_at is None
    assert clocks[DeadlineWhat.MEET].at - clock.now() == timedelta(seconds=3600)
    assert clocks[DeadlineWhat.FEEDBACK].met_at is None
