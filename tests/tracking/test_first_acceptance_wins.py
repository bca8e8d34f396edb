"""Two hundred people say yes to one case at one moment, fifty times: one has it, all others are told so once."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from dispatcher.db import Database, make_engine
from dispatcher.ids import new_id
from dispatcher.lifecycle import CaseState, MessageState, OfferState
from dispatcher.matching.planner import plan_station
from dispatcher.model import Case, Event, Level, Message, Offer, Place, Volunteer, VolunteerKind
from dispatcher.protection.columns import blind_index
from dispatcher.settings import Settings
from dispatcher.tracking.replies import act_on
from dispatcher.work import Work
from tests import builders
from tests.conftest import FixedClock

PEOPLE, ROUNDS, AT_ONCE = 200, 50, 16
LONG = timedelta(hours=1)
POLICY = {"levels": {"extreme": {"wave": PEOPLE, "answer_s": 3600}}}


@pytest.fixture
def crowd(settings: Settings, clock: FixedClock) -> Iterator[Database]:
    engine = make_engine(settings, pool_size=AT_ONCE)
    yield Database(engine, clock)
    engine.dispose()


def _two_hundred(work: Work, station: Place) -> None:
    phones = [f"+86138{number:08d}" for number in range(PEOPLE)]
    people = [
        {
            "id": new_id(),
            "station_id": station.id,
            "name": "陈志强",
            "phone": phone,
            "phone_index": blind_index("phone", phone),
            "kind": VolunteerKind.VEST,
            "language": "zh",
            "skills": [],
            "on_duty": True,
            "active": True,
            "added_at": work.now,
        }
        for phone in phones
    ]
    work.session.execute(insert(Volunteer), people)


def _planned(database: Database, station: Place, settings: Settings) -> list[Offer]:
    """One new case for which the plan asks everybody, and every text is out."""
    case = database.transact(lambda work: builders.open_case(work, station, level=Level.EXTREME))
    assert database.transact(lambda work: plan_station(work, station.id, settings)) == PEOPLE

    def send(work: Work) -> list[Offer]:
        work.session.execute(update(Message).where(Message.case_id == case.id).values(state=MessageState.SENT))
        work.session.execute(update(Offer).where(Offer.case_id == case.id).values(state=OfferState.SENT))
        return list(work.session.scalars(select(Offer).where(Offer.case_id == case.id)))

    return database.transact(send)


def _like(row: Offer | Message, **other: object) -> dict[str, object]:
    names = [column.key for column in type(row).__mapper__.column_attrs]
    return {name: getattr(row, name) for name in names} | {"id": new_id()} | other


def _copied(database: Database, station: Place, sample: list[Offer]) -> list[Offer]:
    """The same for another new case, by copying the rows that the plan wrote: planning is not what is tried here."""

    def copy(work: Work) -> list[Offer]:
        case = builders.open_case(work, station, level=Level.EXTREME)
        work.session.get_one(Case, case.id).state = CaseState.DISPATCHING
        offers = [
            _like(offer, case_id=case.id, token_index=new_id().bytes, asked_at=work.now, expires_at=work.now + LONG)
            for offer in sample
        ]
        work.session.execute(insert(Offer), offers)
        text = work.session.scalars(select(Message).where(Message.offer_id == sample[0].id)).first()
        assert text
        texts = [
            _like(text, case_id=case.id, offer_id=o["id"], volunteer_id=o["volunteer_id"], purpose=f"offer:{o['id']}")
            for o in offers
        ]
        work.session.execute(insert(Message), texts)
        return list(work.session.scalars(select(Offer).where(Offer.case_id == case.id)))

    return database.transact(copy)


def _all_accept(database: Database, offers: list[Offer]) -> list[Offer]:
    """Everybody says 1 at once; who was told that it is theirs."""
    barrier = threading.Barrier(AT_ONCE)

    def accept(share: list[Offer]) -> list[Offer]:
        barrier.wait()
        return [o for o in share if database.transact(lambda work, o=o: act_on(work, o.id, 1))[0]]  # type: ignore[misc]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        shares = [offers[start::AT_ONCE] for start in range(AT_ONCE)]
        return [offer for won in pool.map(accept, shares) for offer in won]


def _check(database: Database, offers: list[Offer], won: list[Offer]) -> None:
    assert len(won) == 1
    winner = won[0]
    with database.engine.connect() as connection:
        states = Counter(connection.scalars(select(Offer.state).where(Offer.case_id == winner.case_id)))
        assert states == {OfferState.ACCEPTED: 1, OfferState.STOOD_DOWN: PEOPLE - 1}
        texts = select(Message.offer_id, Message.template).where(
            Message.case_id == winner.case_id, Message.template != "offer"
        )
        told = Counter(tuple(row) for row in connection.execute(texts))
        assert told == {(offer.id, "taken"): 1 for offer in offers if offer.id != winner.id}
        assert connection.scalar(select(Case.state).where(Case.id == winner.case_id)) == CaseState.ACCEPTED
        kinds = Counter(connection.scalars(select(Event.kind).where(Event.case_id == winner.case_id)))
        assert kinds["offer.accepted"] == 1


def _next_day(database: Database, clock: FixedClock, winner: Offer) -> None:
    """The task is done, so that everybody is free for the next case."""
    database.transact(lambda work: act_on(work, winner.id, 4))
    clock.moment += timedelta(days=1)


@pytest.mark.timeout(1200)  # ten thousand acceptances: a minute alone, several beside the other tests
def test_of_two_hundred_acceptances_at_once_one_wins_and_every_loser_is_told_once(
    crowd: Database, settings: Settings, clock: FixedClock
) -> None:
    def found(work: Work) -> Place:
        place = builders.station(work, policy=POLICY)
        _two_hundred(work, place)
        return place

    station = crowd.transact(found)
    sample = offers = _planned(crowd, station, settings)
    winners = set()
    for turn in range(ROUNDS):
        if turn:
            offers = _copied(crowd, station, sample)
        won = _all_accept(crowd, offers)
        _check(crowd, offers, won)
        winners.add(won[0].volunteer_id)
        _next_day(crowd, clock, won[0])
    assert len(winners) > 1, "the race was none"
    with crowd.engine.connect() as connection:
        sequence = list(connection.scalars(select(Event.seq).order_by(Event.seq)))
        assert sequence == list(range(1, len(sequence) + 1))
