"""What people answered is counted, in turns, and the plan reckons with it."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dispatcher.db import Database
from dispatcher.lifecycle import CaseState, OfferState
from dispatcher.model import Case, Offer, Place, Volunteer, VolunteerRecord
from dispatcher.roster.records import reckon
from tests import builders
from tests.conftest import FixedClock

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def station(database: Database) -> Place:
    return database.transact(builders.station)


@pytest.fixture
def person(database: Database, station: Place) -> Volunteer:
    return database.transact(lambda work: builders.volunteer(work, station))


def answered(database: Database, station: Place, person: Volunteer, state: OfferState, **values: Any) -> None:
    """An offer of the past, ended like this."""
    case = database.transact(lambda work: builders.open_case(work, station))
    offer = database.transact(lambda work: builders.ask(work, case, person))

    def end(work: Any) -> None:
        row = work.session.get_one(Offer, offer.id)
        row.state = state
        for name, value in values.items():
            setattr(row, name, value)
        work.session.get_one(Case, case.id).state = CaseState.CLOSED

    database.transact(end)


def count(database: Database, many: int = 200) -> int:
    return database.transact(lambda work: reckon(work, ZONE, many=many))


def record(database: Database, person: Volunteer) -> VolunteerRecord:
    return database.read(lambda session: session.get_one(VolunteerRecord, person.id))


def test_answers_are_counted_and_what_nobody_could_answer_is_not(
    database: Database, station: Place, person: Volunteer, clock: FixedClock
) -> None:
    now = clock.now()
    answered(database, station, person, OfferState.COMPLETED, accepted_at=now, metres=5000)
    answered(database, station, person, OfferState.DECLINED, metres=100)
    answered(database, station, person, OfferState.EXPIRED, tired=True)
    answered(database, station, person, OfferState.STOOD_DOWN)
    answered(database, station, person, OfferState.UNDELIVERABLE)
    answered(database, station, person, OfferState.RECALLED)
    answered(database, station, person, OfferState.RECALLED, accepted_at=now, tired=True)
    answered(database, station, person, OfferState.DECLINED, asked_at=now - timedelta(days=91))
    assert count(database) == 1
    found = record(database, person)
    assert (found.asked, found.taken) == (4, 2)
    assert (found.far_asked, found.far_taken) == (1, 1)
    assert (found.tired_asked, found.tired_taken) == (2, 1)
    assert (found.night_asked, found.night_taken) == (0, 0), "it is four in the afternoon in China"


def test_the_night_is_the_stations(database: Database, station: Place, person: Volunteer, clock: FixedClock) -> None:
    answered(database, station, person, OfferState.DECLINED, asked_at=clock.now() - timedelta(hours=1, minutes=-1))
    answered(database, station, person, OfferState.DECLINED, asked_at=clock.now() - timedelta(hours=18))
    count(database)
    assert record(database, person).night_asked == 1, "22:00 in China is 14:00 UTC"


def test_whoever_was_never_counted_comes_first_then_the_oldest(
    database: Database, station: Place, clock: FixedClock
) -> None:
    people = [database.transact(lambda work: builders.volunteer(work, station)) for _ in range(3)]
    assert count(database, many=2) == 2
    clock.forward(minutes=10)
    assert count(database, many=2) == 2
    reckoned = [record(database, person).reckoned_at for person in people]
    assert len([when for when in reckoned if when == clock.now()]) == 2
    clock.forward(minutes=10)
    count(database, many=2)
    assert sorted(record(database, person).reckoned_at == clock.now() for person in people) == [False, True, True]


def test_counting_again_changes_nothing(database: Database, station: Place, person: Volunteer) -> None:
    answered(database, station, person, OfferState.DECLINED)
    count(database)
    count(database)
    assert record(database, person).asked == 1


def test_whoever_always_declined_is_asked_after_somebody_a_little_farther(
    database: Database, station: Place, person: Volunteer, clock: FixedClock, settings: Any
) -> None:
    farther = database.transact(lambda work: builders.volunteer(work, station, lat=builders.LAT + 120 / 111_195))
    for _ in range(20):
        answered(database, station, person, OfferState.DECLINED, ended_at=clock.now())
    count(database)
    clock.forward(hours=2)
    case = database.transact(lambda work: builders.open_case(work, station))
    builders.plan(database, station, settings)
    (offer,) = [offer for offer in database.read(lambda s: s.query(Offer).all()) if offer.case_id == case.id]
    assert offer.volunteer_id == farther.id
    assert "更近的1人排在后面" in offer.reason["zh"]
