"""A case is signed for by the first person who takes it, or by the first act of an officer (contract: Feedback out)."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from dispatcher.casework import close_case, draft_freeze, hold_case, lock_case, record_contact
from dispatcher.db import Database
from dispatcher.lifecycle import Disposition
from dispatcher.model import (
    AskedBy,
    Case,
    Channel,
    ContactResult,
    Deadline,
    DeadlineWhat,
    Feedback,
    Officer,
    Whose,
)
from dispatcher.work import Work
from tests import builders

Act = Callable[[Work, Case, Officer], object]

ACTS: dict[str, Act] = {
    "hold": hold_case,
    "attempt": lambda w, c, o: record_contact(w, c, Channel.PHONE, ContactResult.NO_ANSWER, by=o),
    "stop": lambda w, c, o: draft_freeze(w, c, whose=Whose.OWN, asked_by=AskedBy.FAMILY, by=o),
    "close": lambda w, c, _: close_case(w, c, Disposition.NOT_MATCHING, by="officer"),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_an_officers_act_signs_for_the_case_once(database: Database, act: Act) -> None:
    def arrange(work: Work) -> tuple[Case, Officer]:
        station = builders.station(work, "440306-LT")
        builders.source(work, feedback_url="http://127.0.0.1:9/feedback")
        return builders.open_case(work, station), builders.officer(work, station)

    case, officer = database.transact(arrange)
    database.transact(lambda work: act(work, lock_case(work, case.id), officer))
    told = database.read(lambda session: session.scalars(select(Feedback.type).order_by(Feedback.place)).all())
    assert told.count("case.signed_for") == 1
    assert told[0] == "case.signed_for"
    clock = database.read(lambda session: session.get_one(Deadline, (case.id, DeadlineWhat.SIGN)))
    assert clock.met_at is not None
