"""What a moment waits for is found in the books when it is there, and not before."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection
from sqlalchemy import update

from dispatcher.db import Database
from dispatcher.lifecycle import OfferState
from dispatcher.model import Case, Level, Offer
from dispatcher.work import Work
from laboratory.moments import _ASKED, _DECLINED, _LENT, _WIDE
from tests import builders


def change(database: Database, row: Any, **values: object) -> None:
    kind = type(row)
    database.transact(lambda work: work.session.execute(update(kind).where(kind.id == row.id).values(**values)))


@pytest.mark.parametrize(("level", "narrow", "wide"), [(Level.EXTREME, 3, 6), (Level.HIGH, 1, 2)])
def test_a_case_that_has_widened(
    database: Database, connection: Connection[Any], level: Level, narrow: int, wide: int
) -> None:
    case: Case = database.transact(lambda work: builders.open_case(work, builders.station(work), level=level))
    change(database, case, width=narrow)
    assert connection.execute(_WIDE).fetchall() == []
    change(database, case, width=wide)
    assert [UUID(row[0]) for row in connection.execute(_WIDE)] == [case.id]


def test_somebody_asked_and_somebody_who_declined(database: Database, connection: Connection[Any]) -> None:
    def build(work: Work) -> Offer:
        station = builders.station(work)
        return builders.ask(work, builders.open_case(work, station), builders.volunteer(work, station))

    offer = database.transact(build)
    before = [offer.asked_at - timedelta(seconds=1)]
    assert connection.execute(_ASKED, before).fetchall() == []
    change(database, offer, state=OfferState.DELIVERED)
    assert [row[1] for row in connection.execute(_ASKED, before)] == [offer.code]
    assert connection.execute(_ASKED, [offer.asked_at]).fetchall() == []
    assert connection.execute(_DECLINED).fetchone() == (0,)
    change(database, offer, state=OfferState.DECLINED)
    assert connection.execute(_DECLINED).fetchone() == (1,)
    assert connection.execute(_LENT).fetchall() == []


def test_a_neighbour_who_is_asked(database: Database, connection: Connection[Any]) -> None:
    def build(work: Work) -> Offer:
        here, there = builders.station(work), builders.station(work)
        return builders.ask(work, builders.open_case(work, here), builders.volunteer(work, there))

    offer = database.transact(build)
    assert len(connection.execute(_LENT).fetchall()) == 1
    change(database, offer, state=OfferState.EXPIRED)
    assert connection.execute(_LENT).fetchall() == []
