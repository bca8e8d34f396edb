"""A database that comes back from a backup does nothing twice, and shows the officer what it cannot know."""

from uuid import UUID

import pytest
from sqlalchemy import select

from dispatcher.casework import lock_case
from dispatcher.casework.outbox import Urgency, queue_text
from dispatcher.db import Database
from dispatcher.lifecycle import MessageState, OfferState
from dispatcher.messaging.sender import _claim_due, _claim_unsure
from dispatcher.model import Alarm, AlarmKind, Case, FeedCounter, Flag, Message, Offer, Place, Volunteer
from dispatcher.restored import Settled, settle
from dispatcher.settings import Settings
from dispatcher.sweep import lost_wakeups
from dispatcher.tracking.clocks import due_cases
from tests import builders
from tests.conftest import FixedClock


@pytest.fixture
def place(database: Database) -> Place:
    return database.transact(builders.station)


@pytest.fixture
def people(database: Database, place: Place) -> list[Volunteer]:
    return database.transact(lambda work: [builders.volunteer(work, place) for _ in range(3)])


def asked(database: Database, place: Place, person: Volunteer, text: MessageState) -> tuple[UUID, UUID]:
    """A case and the offer of it to somebody, whose text has come this far."""

    def act(work: builders.Work) -> tuple[UUID, UUID]:
        case = builders.open_case(work, place)
        return case.id, builders.ask(work, case, person, text=text).id

    return database.transact(act)


def alarms(database: Database) -> list[tuple[AlarmKind, UUID | None]]:
    return database.read(lambda session: [(alarm.kind, alarm.case_id) for alarm in session.scalars(select(Alarm))])


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.SENDING, MessageState.UNKNOWN])
def test_a_text_that_was_on_its_way_is_never_sent_again(
    database: Database, clock: FixedClock, place: Place, people: list[Volunteer], state: MessageState
) -> None:
    case_id, offer_id = asked(database, place, people[0], state)
    clock.forward(minutes=30)

    assert database.transact(settle) == Settled(texts=1, offers=1, tasks=0, sessions=0)

    assert database.transact(lambda work: _claim_due(work, 9)) == []
    assert database.transact(lambda work: _claim_unsure(work, 9)) == []
    offer = database.read(lambda session: session.get_one(Offer, offer_id))
    assert (offer.state, offer.ended_at) == (OfferState.EXPIRED, clock.now())
    assert alarms(database) == [(AlarmKind.TEXT_UNSURE, case_id)]
    assert ("plan", str(place.id)) in database.read(lambda session: lost_wakeups(session, clock.now()))


def test_somebody_else_is_asked_and_a_late_yes_stays_welcome(
    database: Database, place: Place, people: list[Volunteer], settings: Settings
) -> None:
    case_id, offer_id = asked(database, place, people[0], MessageState.SENDING)
    database.transact(settle)

    assert builders.plan(database, place, settings) == 1

    offers = database.read(lambda session: session.scalars(select(Offer).where(Offer.case_id == case_id)).all())
    assert people[0].id not in {offer.volunteer_id for offer in offers if offer.id != offer_id}
    old = next(offer for offer in offers if offer.id == offer_id)
    builders.text(database, people[0], f"1{old.code}")
    assert database.read(lambda session: session.get_one(Offer, offer_id)).state == OfferState.ACCEPTED


def test_who_has_the_text_may_still_answer(database: Database, place: Place, people: list[Volunteer]) -> None:
    _, offer_id = asked(database, place, people[0], MessageState.SENT)
    assert database.transact(settle) == Settled(texts=0, offers=0, tasks=0, sessions=0)
    assert database.read(lambda session: session.get_one(Offer, offer_id)).state == OfferState.SENT
    assert alarms(database) == []


def test_who_was_late_in_the_backup_is_not_nudged_but_called(
    database: Database, clock: FixedClock, place: Place, people: list[Volunteer]
) -> None:
    case_id, offer_id = asked(database, place, people[0], MessageState.SENT)
    code = database.read(lambda session: session.get_one(Offer, offer_id)).code
    builders.text(database, people[0], f"1{code}")
    clock.forward(hours=2)
    texts = len(database.read(lambda session: session.scalars(select(Message)).all()))

    assert database.transact(settle).tasks == 1

    case = database.read(lambda session: session.get_one(Case, case_id))
    assert Flag.NOT_ARRIVED in case.flags
    assert (AlarmKind.NOT_ARRIVED, case_id) in alarms(database)
    offer = database.read(lambda session: session.get_one(Offer, offer_id))
    assert (offer.state, offer.overdue_at) == (OfferState.ACCEPTED, None)
    assert len(database.read(lambda session: session.scalars(select(Message)).all())) == texts
    assert case_id in database.read(lambda session: due_cases(session, clock.now())), "missed limits are still said"


def test_texts_about_no_offer_end_without_a_case_being_touched(
    database: Database, place: Place, people: list[Volunteer]
) -> None:
    """A closing text, a nudge, an answer to a stranger."""
    case_id, offer_id = asked(database, place, people[0], MessageState.SENT)

    def closing(work: builders.Work) -> None:
        case, offer = lock_case(work, case_id), work.session.get_one(Offer, offer_id)
        queue_text(
            work,
            "taken",
            {},
            purpose="closing:x",
            phone="+8613800000001",
            language="zh",
            urgency=Urgency.STAND_DOWN,
            case=case,
            offer=offer,
        )
        queue_text(
            work, "unclear", {}, purpose="answer:x", phone="+8613800000002", language="zh", urgency=Urgency.ANSWER
        )

    database.transact(closing)
    assert database.transact(settle) == Settled(texts=2, offers=0, tasks=0, sessions=0)
    assert database.read(lambda session: session.get_one(Offer, offer_id)).state == OfferState.SENT


def test_every_feed_begins_anew(database: Database, place: Place, people: list[Volunteer]) -> None:
    before = database.read(lambda session: session.get_one(FeedCounter, place.id)).epoch
    database.transact(settle)
    assert database.read(lambda session: session.get_one(FeedCounter, place.id)).epoch != before
