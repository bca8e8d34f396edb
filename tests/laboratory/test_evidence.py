"""What counts as waiting too long is looked at in a database: the queries are the laboratory's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection
from sqlalchemy import update

from dispatcher.db import Database
from dispatcher.lifecycle import CaseState, OfferState
from dispatcher.model import Case
from dispatcher.work import Work
from laboratory.evidence import _TABLES, counters, late
from tests import builders

NARROW = ["1 cases that ask no more people"]


@pytest.mark.parametrize(
    ("state", "ago_s", "held", "free", "found"),
    [
        (CaseState.DISPATCHING, 6, False, False, NARROW),
        (CaseState.ESCALATED, 6, False, True, NARROW),
        (CaseState.ESCALATED, 6, False, False, []),
        (CaseState.DISPATCHING, 3, False, True, []),
        (CaseState.DISPATCHING, 6, True, True, []),
        (CaseState.ACCEPTED, 6, False, True, []),
    ],
)
def test_a_case_that_might_ask_more_people_for_long_is_late(
    database: Database,
    connection: Connection[Any],
    state: CaseState,
    ago_s: int,
    held: bool,
    free: bool,
    found: list[str],
) -> None:
    """While there is nobody left to ask, a case of which this was said is left as it is."""
    now = datetime.now(UTC)

    def build(work: Work) -> None:
        station = builders.station(work)
        case = builders.open_case(work, station)
        builders.volunteer(work, station, on_duty=free)
        work.session.flush()
        values = {
            "state": state,
            "held_by": builders.officer(work, station).id if held else None,
            "opened_at": now,
            "widen_at": now - timedelta(seconds=ago_s),
        }
        work.session.execute(update(Case).where(Case.id == case.id).values(**values))

    database.transact(build)
    assert [line for line in late(connection) if "deadlines" not in line] == found


def test_whoever_said_no_is_nobody_left_to_ask(database: Database, connection: Connection[Any]) -> None:
    now = datetime.now(UTC)

    def build(work: Work) -> Case:
        station = builders.station(work)
        case = builders.open_case(work, station)
        builders.ask(work, case, builders.volunteer(work, station)).state = OfferState.DECLINED
        case.state, case.opened_at, case.widen_at = CaseState.ESCALATED, now, now - timedelta(seconds=6)
        return case

    case = database.transact(build)
    assert [line for line in late(connection) if "deadlines" not in line] == []
    database.transact(lambda work: work.session.execute(update(Case).where(Case.id == case.id).values(round=2)))
    assert [line for line in late(connection) if "deadlines" not in line] == NARROW


def test_the_books_are_read_for_each_station(database: Database, connection: Connection[Any]) -> None:
    database.transact(lambda work: [builders.station(work, code) for code in ("440306-AA", "440306-BB")])
    assert counters(connection) == {"440306-AA": 0, "440306-BB": 0}
    assert all(connection.execute(query).fetchall() == [] for query in _TABLES.values())
