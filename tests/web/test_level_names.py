"""Names and colours of the levels, from a station's policy file to all who read them (field guide §2: Qingdao)."""

import pytest
from sqlalchemy import select

from dispatcher.access.officers import add_officer
from dispatcher.db import Database
from dispatcher.messaging.segments import count_segments
from dispatcher.messaging.sender import Sender
from dispatcher.model import Case, Level, Message, Offer, Place, Role
from dispatcher.places import find_station
from dispatcher.policy_file import read_policy_file
from dispatcher.settings import Settings
from dispatcher.work import Work
from tests import access, builders
from tests.access.world import CITY, LT, PASSWORD, XX
from tests.conftest import FixedClock, RecordingWaker
from tests.level_names import QINGDAO
from tests.messaging.line import LINK_BASE, Gate
from tests.tracking.world import World
from tests.web.live import Live
from tests.web.outside import Outside
from tests.web.phone import Phone
from web import volunteer
from web.services import Services

WORDS = {
    Level.EXTREME: ("紧急", "Urgent", "red"),
    Level.HIGH: ("高", "High", "yellow"),
    Level.MEDIUM: ("中", "Medium", "blue"),
    Level.LOW: ("低", "Low", "green"),
}
USUAL = {
    "extreme": {"name": {"zh": "特急", "en": "Extreme"}, "colour": "purple"},
    "high": {"name": {"zh": "紧急", "en": "High"}, "colour": "red"},
    "medium": {"name": {"zh": "较急", "en": "Medium"}, "colour": "yellow"},
    "low": {"name": {"zh": "一般", "en": "Low"}, "colour": "blue"},
}


@pytest.fixture
def world(database: Database, settings: Settings, clock: FixedClock, waker: RecordingWaker) -> World:
    policy = read_policy_file(QINGDAO.encode())
    station = database.transact(lambda work: builders.station(work, "370200-SN", policy))
    return World(database, settings, clock, waker, station)


@pytest.fixture
def outside(settings: Settings, database: Database) -> Outside:
    return Outside(Services(settings, database), volunteer.router)


def texted(world: World, case: Case) -> tuple[Offer, str]:
    """The offer that the plan made for this case, and its text as the provider got it."""
    assert world.plan() == 1
    Sender(world.database, Gate(closed_for="nobody"), LINK_BASE).send_due()
    found = select(Offer, Message.body).join(Message, Message.offer_id == Offer.id).where(Offer.case_id == case.id)
    offer, body = world.database.read(lambda session: session.execute(found).one())
    return offer, body or ""


@pytest.mark.parametrize("level", Level)
def test_text_and_page_say_the_stations_word_in_both_languages(world: World, outside: Outside, level: Level) -> None:
    zh, en, colour = WORDS[level]
    for language, word in (("zh", zh), ("en", en)):
        world.person(language=language)
        offer, body = texted(world, world.case(level=level))
        begin = f"【蓝马甲】{word} {offer.code}" if language == "zh" else f"[BlueVest] {word} {offer.code}"
        assert body.startswith(begin)
        assert count_segments(body) <= 2
        page = Phone(outside, offer.token)
        assert f'<p class="level {colour}">{zh}</p>' in page.open("?lang=zh").text
        assert f'<p class="level {colour}">{en}</p>' in page.open("?lang=en").text


def test_who_is_asked_by_hand_and_who_is_lent_by_a_neighbour_read_the_word_of_the_cases_station(world: World) -> None:
    """The text of an officer's choice is written where the plan's is; whoever comes from elsewhere reads no other."""
    elsewhere = world.database.transact(lambda work: builders.station(work, "370200-SS"))
    person = world.database.transact(lambda work: builders.volunteer(work, elsewhere))
    case = world.case(level=Level.EXTREME)

    def ask(work: Work) -> Offer:
        from dispatcher.casework.by_hand import ask_by_hand

        return ask_by_hand(work, work.session.get_one(Case, case.id), person, zone=world.settings.zone)

    offer = world.database.transact(ask)
    Sender(world.database, Gate(closed_for="nobody"), LINK_BASE).send_due()
    (message,) = world.texts(person, "offer")
    assert (message.body or "").startswith(f"【蓝马甲】紧急 {offer.code}")


def test_a_name_is_text_on_the_page_and_nothing_else(world: World, outside: Outside) -> None:
    def rename(work: Work) -> None:
        name = {"zh": "<b>急&", "en": "<script>x"}
        work.session.get_one(Place, world.station.id).policy = {"levels": {"high": {"name": name}}}

    world.database.transact(rename)
    world.person()
    offer, body = texted(world, world.case())
    assert body.startswith("【蓝马甲】<b>急& ")
    html = Phone(outside, offer.token).open().text
    assert "<b>急" not in html
    assert ">&lt;b&gt;急&amp;</p>" in html
    assert "<script>x" not in Phone(outside, offer.token).open("?lang=en").text


def test_a_console_learns_the_words_of_every_station_it_sees(database: Database, desk: Live) -> None:
    town = access.world.World(database)
    town.officer("zhang", Role.CHIEF, CITY)
    town.officer("li", place=XX)
    case = town.case(LT)
    policy = read_policy_file(QINGDAO.encode())

    def rename(work: Work) -> None:
        find_station(work.session, LT).policy = policy

    with desk.sign_in("zhang") as zhang, desk.sign_in("li") as li:
        assert zhang.get("/api/session").json()["levels"] == {LT: USUAL, XX: USUAL}
        database.transact(rename)
        told = zhang.get("/api/session").json()["levels"]
        assert told[LT] == policy["levels"]
        assert list(told[LT]) == ["extreme", "high", "medium", "low"]
        assert told[XX] == USUAL
        assert li.get("/api/session").json()["levels"] == {XX: USUAL}
        assert zhang.get(f"/api/cases/{case.id}").json()["station"] == LT
        assert zhang.get(f"/api/cases/{case.id}").json()["case"]["level"] == "extreme"


def test_a_policy_that_cannot_be_read_keeps_nobody_from_signing_in(database: Database, desk: Live) -> None:
    database.transact(lambda work: builders.station(work, "370200-SN", {"levels": {"low": {"colour": "red"}}}))
    database.transact(lambda work: add_officer(work, "wang", "370200-SN", Role.DUTY, PASSWORD))
    with desk.sign_in("wang") as wang:
        assert wang.get("/api/session").json()["levels"] == {"370200-SN": USUAL}
