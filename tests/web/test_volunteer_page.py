"""The volunteer's page: what the holder of a link sees and does, and what nobody sees (contract: Links)."""

import re

import pytest
from sqlalchemy import func, select

from dispatcher.db import Database
from dispatcher.lifecycle import OfferState
from dispatcher.model import AlarmKind, Case, Event, Freeze, Offer, Volunteer, VolunteerRecord
from dispatcher.settings import Settings
from tests import builders
from tests.conftest import FixedClock, RecordingWaker
from tests.tracking.world import World
from tests.web.outside import Outside
from tests.web.phone import Phone
from web import volunteer
from web.services import Services

RESIDENT = "+8613911112222"
SECRETS = ("王某丽", RESIDENT, "13911112222", "兴业路", "6222020000000017")
ACTS = ("accept", "decline", "arrived", "met", "not_found", "stop_card", "help")


@pytest.fixture
def world(database: Database, settings: Settings, clock: FixedClock, waker: RecordingWaker) -> World:
    return World(database, settings, clock, waker, database.transact(builders.station))


@pytest.fixture
def outside(settings: Settings, database: Database) -> Outside:
    return Outside(Services(settings, database), volunteer.router)


@pytest.fixture
def person(world: World) -> Volunteer:
    return world.person(lat=22.5651)


@pytest.fixture
def case(world: World) -> Case:
    return world.case(phone=RESIDENT, own_accounts=[{"bank": "工商银行", "account": "6222020000000017"}])


@pytest.fixture
def offer(world: World, case: Case, person: Volunteer) -> Offer:
    return world.ask(case, person)


@pytest.fixture
def phone(outside: Outside, offer: Offer) -> Phone:
    return Phone(outside, offer.token)


def shows_nothing_of_the_case(html: str) -> bool:
    return "任务已结束" in html and not any(word in html for word in (*SECRETS, "冒充公检法", "紧急", "米", "<button"))


def test_before_acceptance_it_says_what_and_how_far_and_not_who(phone: Phone) -> None:
    html = phone.open().text
    for word in ("紧急", "冒充公检法", "1000 米", "约 4 分钟到", "我去", "我不能去"):
        assert word in html
    assert not any(secret in html for secret in SECRETS)


def test_what_the_plan_knows_of_somebodys_answers_only_they_see(
    world: World, phone: Phone, person: Volunteer, clock: FixedClock
) -> None:
    assert "近90天" not in phone.open().text, "nothing was counted yet"
    world.database.transact(
        lambda work: work.session.add(
            VolunteerRecord(volunteer_id=person.id, asked=10, taken=5, reckoned_at=clock.now())
        )
    )
    assert "近90天问过您10次，您接了5次。派单时按约40%的可能性估计您会接，只给您自己看。" in phone.open().text
    assert "you were asked 10 times and went 5." in phone.open("?lang=en").text
    assert "近90天" not in phone.tap_and_see("accept"), "at the door there is something else to read"


def test_opening_it_changes_nothing_however_often(world: World, phone: Phone, offer: Offer) -> None:
    before = world.kinds()
    for query in ("", "?act=accept", "?said=accept", "?lang=en"):
        assert phone.open(query).status_code == 200
    assert phone.outside.ask("HEAD", phone.path).status_code == 200
    assert world.of(offer).state == OfferState.SENT
    assert world.kinds() == before


def test_after_acceptance_it_says_who_and_where(world: World, phone: Phone, offer: Offer) -> None:
    html = phone.tap_and_see("accept")
    assert world.of(offer).state == OfferState.ACCEPTED
    for word in ("王某丽", "桃源社区兴业路17号502", f'href="tel:{RESIDENT}"', "我到了", "没找到人", "快止付"):
        assert word in html
    assert "6222020000000017" not in html


def test_the_whole_way_by_page(world: World, phone: Phone, offer: Offer, case: Case) -> None:
    phone.tap("accept")
    assert "您已到场" in phone.tap_and_see("arrived")
    assert world.of(offer).arrived_at
    assert "继续找" in phone.tap_and_see("not_found")
    assert "止付" in phone.tap_and_see("stop_card")
    assert "回电" in phone.tap_and_see("help")
    assert world.alarms(AlarmKind.HELP_ASKED) == world.alarms(AlarmKind.MONEY_MOVING) == 1
    assert world.database.read(lambda s: s.scalars(select(func.count()).select_from(Freeze)).one()) == 1
    html = phone.tap_and_see("met")
    assert world.of(offer).state == OfferState.COMPLETED
    assert shows_nothing_of_the_case(html)


def test_page_and_text_are_one(world: World, phone: Phone, offer: Offer, person: Volunteer) -> None:
    world.text(person, f"1{offer.code}")
    assert "王某丽" in phone.open().text
    phone.tap("decline")
    assert world.of(offer).state == OfferState.RELEASED
    assert shows_nothing_of_the_case(phone.open().text)


@pytest.mark.parametrize("end", ["declined", "lost", "closed"])
def test_after_the_end_it_shows_nothing_and_its_buttons_do_nothing(
    world: World, phone: Phone, case: Case, offer: Offer, end: str
) -> None:
    if end == "declined":
        phone.tap("decline")
    if end == "lost":
        other = world.person()
        world.text(other, f"1{world.ask(case, other).code}")
    if end == "closed":
        phone.tap("accept")
        world.close(case)
    state = world.of(offer).state
    for act in ACTS:
        phone.tap(act)
        assert shows_nothing_of_the_case(phone.open().text)
    assert world.of(offer).state == state


def test_while_nobody_goes_a_late_page_may_still_accept(world: World, phone: Phone, offer: Offer) -> None:
    world.later(minutes=2)
    html = phone.open().text
    assert "还没有人去" in html
    assert not any(secret in html for secret in SECRETS)
    assert "王某丽" in phone.tap_and_see("accept")
    assert world.of(offer).state == OfferState.ACCEPTED


def test_a_late_page_is_over_once_somebody_goes(world: World, phone: Phone, case: Case) -> None:
    world.later(minutes=2)
    other = world.person()
    world.text(other, f"1{world.ask(case, other).code}")
    assert shows_nothing_of_the_case(phone.open().text)
    assert shows_nothing_of_the_case(phone.tap_and_see("accept"))
    assert world.holders(case) == {other.id}


def test_a_link_dies_a_day_after_the_end(world: World, phone: Phone, offer: Offer) -> None:
    world.later(minutes=2)
    world.clock.forward(hours=23, minutes=59)
    assert "我去" in phone.open().text
    world.clock.forward(minutes=1)
    assert shows_nothing_of_the_case(phone.open().text)
    phone.tap("accept")
    assert world.of(offer).state == OfferState.EXPIRED


def test_a_link_that_nobody_answered_dies_two_days_after_the_asking(world: World, phone: Phone, offer: Offer) -> None:
    world.clock.forward(hours=47)
    assert "我去" in phone.open().text
    world.clock.forward(hours=1)
    assert shows_nothing_of_the_case(phone.open().text)
    phone.tap("accept")
    assert world.of(offer).state == OfferState.SENT


def test_a_link_is_good_as_long_as_its_task_lives(world: World, phone: Phone, offer: Offer) -> None:
    phone.tap("accept")
    world.clock.forward(days=5)
    assert "王某丽" in phone.open().text
    assert phone.share().status_code == 204
    assert "您已到场" in phone.tap_and_see("arrived")
    assert shows_nothing_of_the_case(phone.tap_and_see("met"))
    assert world.of(offer).state == OfferState.COMPLETED
    phone.tap("help")
    assert world.alarms(AlarmKind.HELP_ASKED) == 0


@pytest.mark.parametrize("token", ["x", "A" * 17, "a" * 5000, "%00", "%ff%fe", "令牌", "'; drop table offers; --"])
def test_an_unknown_link_is_404_for_everything(world: World, outside: Outside, offer: Offer, token: str) -> None:
    stranger = Phone(outside, token)
    answers = [stranger.open(), stranger.tap("accept"), stranger.share()]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "没有这个链接" in answers[0].text
    assert world.of(offer).state == OfferState.SENT


def test_nobody_keeps_the_page_or_learns_its_address(phone: Phone) -> None:
    for answer in (phone.open(), phone.tap("accept"), phone.open(), Phone(phone.outside, "x").open()):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in answer.headers["x-robots-tag"]
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_it_needs_nothing_from_elsewhere_and_no_script(phone: Phone) -> None:
    phone.tap("accept")
    html = phone.open().text
    assert html.replace('<script src="/t-static/position.js" defer></script>', "").count("<script") == 0
    # Elsewhere is where a tap leads, never where something is fetched from.
    assert re.sub(r'href="https://[^"]+" target="_blank" rel="noopener noreferrer"', "", html).count("http") == 0
    assert "style=" not in html
    css = phone.outside.ask("GET", "/t-static/volunteer.css")
    script = phone.outside.ask("GET", "/t-static/position.js")
    assert (css.headers["content-type"], script.headers["content-type"]) == (
        "text/css; charset=utf-8",
        "text/javascript; charset=utf-8",
    )
    assert phone.outside.ask("GET", "/t-static/task.html").status_code == 404
    assert phone.outside.ask("GET", "/t-static/..%2froutes.py").status_code == 404


def test_chinese_first_english_by_a_switch(world: World, phone: Phone, outside: Outside) -> None:
    html = phone.open().text
    assert 'lang="zh-CN"' in html
    assert 'href="?lang=en"' in html
    english = phone.open("?lang=en").text
    for word in ('lang="en"', "Impersonating police", "I will go", "about 4 min"):
        assert word in english
    assert 'lang="zh-CN"' in phone.open("?lang=%3Cscript%3E").text
    answer = outside.ask("POST", phone.path, data={"act": "accept", "lang": "en"})
    assert "lang=en" in answer.headers["location"]


def test_a_person_who_is_texted_in_english_reads_english(world: World, outside: Outside, case: Case) -> None:
    person = world.person(language="en")
    page = Phone(outside, world.ask(case, person).token)
    assert "I will go" in page.open().text
    assert "我去" in page.open("?lang=zh").text


def test_a_simulation_says_so_on_every_page(settings: Settings, world: World, phone: Phone) -> None:
    assert settings.simulated
    assert "模拟演练" in phone.open().text
    assert "Simulation" in phone.open("?lang=en").text
    assert "模拟演练" in Phone(phone.outside, "x").open().text
    real = settings.model_copy(update={"twilio_account_sid": "AC" + "1" * 32})
    live = Phone(Outside(Services(real, world.database), volunteer.router), phone.path.removeprefix("/t/"))
    assert "模拟" not in live.open().text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>', "{{ 7001*7001 }}"])
def test_what_the_centre_wrote_is_shown_as_text(world: World, phone: Phone, case: Case, name: str) -> None:
    def rename(work: object) -> None:
        work.session.get_one(Case, case.id).resident_name = name  # type: ignore[attr-defined]

    world.database.transact(rename)
    html = phone.tap_and_see("accept")
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "49014001" not in html


def test_a_fraud_type_not_on_the_list_is_a_strangers_text_and_left_out(world: World, phone: Phone, case: Case) -> None:
    def retype(work: object) -> None:
        work.session.get_one(Case, case.id).fraud_type = "call +8613900000000"  # type: ignore[attr-defined]

    world.database.transact(retype)
    html = phone.open().text
    assert "13900000000" not in html
    assert "不详" in html


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "http://127.0.0.1:8000"}, 303),
        ({"Origin": "null"}, 303),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:8001"}, 403),
    ],
)
def test_another_site_may_not_act(
    world: World, phone: Phone, offer: Offer, headers: dict[str, str], status: int
) -> None:
    assert phone.tap("accept", headers).status_code == status
    assert (world.of(offer).state == OfferState.ACCEPTED) == (status == 303)


def test_an_odd_act_is_refused_and_changes_nothing(world: World, phone: Phone, offer: Offer) -> None:
    for act in ("", "1", "close", "accept\x00"):
        answer = phone.tap(act)
        assert (answer.status_code, answer.json()["field"]) == (422, "act")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    odd = [(b"act=%ff", form, 422), (b"a" * 10_000_000, form, 413), (b'{"act":"accept"}', {}, 415)]
    for content, headers, status in odd:
        assert phone.outside.ask("POST", phone.path, headers, content=content).status_code == status
    assert world.of(offer).state == OfferState.SENT


def test_a_position_is_taken_while_under_way_only(world: World, phone: Phone, person: Volunteer) -> None:
    assert "position.js" not in phone.open().text
    assert phone.share().status_code == 409
    phone.tap("accept")
    assert "position.js" in phone.open().text
    assert phone.share(headers={"Origin": "http://127.0.0.1:8000"}).status_code == 204
    now = world.of(person)
    assert (now.page_lon, now.page_lat, now.page_at) == (113.87, 22.57, world.clock.now())
    assert phone.share(headers={"Origin": "https://evil.example"}).status_code == 403
    phone.tap("arrived")
    assert "position.js" not in phone.open().text
    assert phone.share().status_code == 409


@pytest.fixture
def under_way(phone: Phone, person: Volunteer) -> Phone:
    phone.tap("accept")
    return phone


def test_nonsense_is_no_position_and_says_which_field(world: World, under_way: Phone, person: Volunteer) -> None:
    bodies: list[tuple[object, str]] = [
        ({"lat": 22.57, "crs": "wgs84"}, "lon"),
        ({"lon": "x", "lat": 22.57, "crs": "wgs84"}, "lon"),
        ({"lon": 190, "lat": 22.57, "crs": "wgs84"}, "lon"),
        ({"lon": 0, "lat": 0, "crs": "wgs84"}, "lon"),
        ({"lon": 113.87, "lat": 22.57, "crs": "mars"}, "crs"),
        ({"lon": 113.87, "lat": 22.57}, "crs"),
    ]
    for body, field in bodies:
        answer = under_way.share(body)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
    raw = [
        (b'{"lon": NaN, "lat": 1, "crs": "wgs84"}', 422),
        (b"\xff", 422),
        (b"", 422),
        (b"[" * 900, 422),
        (b" " * 10_000, 413),
    ]
    for content, status in raw:
        assert under_way.outside.ask("POST", f"{under_way.path}/position", content=content).status_code == status
    assert world.of(person).page_at is None
    assert world.database.read(lambda s: s.scalar(select(Event).where(Event.kind == "volunteer.changed"))) is None
