"""The resident's page: whom to call first, and whether the visitor with a code is real; nothing more, to nobody."""

import re
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import select

from dispatcher.db import Database
from dispatcher.lifecycle import CaseState
from dispatcher.model import AuditEntry, Event, Offer, Place, PlaceKind
from dispatcher.settings import Settings
from dispatcher.work import Work
from tests import builders
from tests.conftest import FixedClock, RecordingWaker
from tests.tracking.world import World
from tests.web.outside import Outside
from web import resident, volunteer
from web.resident import routes
from web.resident.guesses import AN_ADDRESS, EVERYBODY, Guesses, whose
from web.services import Services

SECRETS = ("王某丽", "139", "兴业路", "志强")


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "guesses", Guesses())


@pytest.fixture
def world(database: Database, settings: Settings, clock: FixedClock, waker: RecordingWaker) -> World:
    def make(work: Work) -> Place:
        station = builders.station(work)
        station.phone = "+8675500000110"
        return station

    return World(database, settings, clock, waker, database.transact(make))


@pytest.fixture
def outside(settings: Settings, database: Database) -> Outside:
    return Outside(Services(settings, database), resident.router)


@pytest.fixture
def visit(world: World) -> Offer:
    """陈志强 is on the way to 桃源社区 since 16:00."""
    case, person = world.case(), world.person()
    offer = world.ask(case, person)

    def place(work: Work) -> None:
        community = Place(
            code="LT-TY",
            kind=PlaceKind.COMMUNITY,
            name="桃源社区",
            name_en="Taoyuan community",
            path="x/",
            synthetic=True,
        )
        work.session.add(community)
        work.session.flush()
        work.session.get_one(type(case), case.id).community_id = community.id

    world.database.transact(place)
    world.text(person, f"1{offer.code}")
    return world.of(offer)


def ask(outside: Outside, code: str, lang: str = "zh", headers: dict[str, str] | None = None) -> httpx.Response:
    return outside.ask("POST", "/check", headers, data={"code": code, "lang": lang})


def plain(html: str) -> str:
    """The text as it is read."""
    return re.sub(r"<[^>]+>", "", html)


def test_the_numbers_come_before_the_code(world: World, outside: Outside) -> None:
    html = outside.ask("GET", "/check").text
    numbers = [html.index("tel:+8675500000110"), html.index("tel:96110")]
    assert max(numbers) < html.index('name="code"')
    assert "不要打来人说的号码" in html
    assert "0755 0000 0110" in html
    english = outside.ask("GET", "/check?lang=en").text
    assert "never one that the visitor names" in english
    assert 'lang="en"' in english


def test_stations_without_a_published_number_are_left_out(world: World, outside: Outside) -> None:
    def unpublish(work: Work) -> None:
        work.session.get_one(Place, world.station.id).phone = None

    world.database.transact(unpublish)
    html = outside.ask("GET", "/check").text
    assert "流塘派出所" not in html
    assert "tel:96110" in html


def test_a_visitor_under_way_is_confirmed(outside: Outside, visit: Offer) -> None:
    answer = ask(outside, str(visit.check_code))
    assert answer.status_code == 200
    told = plain(answer.text)
    assert "是真的" in told
    assert "流塘派出所在 16:00 派蓝马甲队员 陈** 去桃源社区。" in told
    assert not any(secret in told for secret in SECRETS)
    assert "Liutang has sent a blue vest, 陈**, at 16:00, to Taoyuan community." in plain(
        ask(outside, str(visit.check_code), "en").text
    )


def test_a_visit_of_yesterday_says_so(world: World, outside: Outside, visit: Offer) -> None:
    world.clock.moment = datetime(2026, 4, 30, 1, 0, tzinfo=UTC)
    assert "2026-04-29 16:00" in ask(outside, str(visit.check_code)).text


@pytest.mark.parametrize("code", ["", "x", "12345", "000000", "' or 1=1 --", "<script>alert(1)</script>", "９" * 5000])
def test_anything_else_is_not_confirmed_and_looks_the_same(outside: Outside, visit: Offer, code: str) -> None:
    other = "111111" if visit.check_code != "111111" else "222222"
    unknown, odd = ask(outside, other), ask(outside, code)
    assert "没有核实：不要开门" in unknown.text
    assert "tel:+8675500000110" in unknown.text
    assert (odd.status_code, odd.text) == (unknown.status_code, unknown.text)
    assert dict(odd.headers) == dict(unknown.headers)
    assert other not in unknown.text


def test_the_code_of_a_task_that_is_over_looks_like_one_that_never_was(
    world: World, outside: Outside, visit: Offer
) -> None:
    never = ask(outside, "111111" if visit.check_code != "111111" else "222222")
    case = world.database.read(lambda s: s.get_one(builders.Case, visit.case_id))
    world.close(case)
    assert world.of(case).state == CaseState.CLOSED
    assert ask(outside, str(visit.check_code)).text == never.text


def test_asking_changes_nothing_and_leaves_no_code_in_an_address(world: World, outside: Outside, visit: Offer) -> None:
    before = world.kinds()
    answer = ask(outside, str(visit.check_code))
    assert "location" not in answer.headers
    assert 'method="post"' in answer.text
    assert str(visit.check_code) not in answer.text
    assert str(visit.check_code) not in outside.ask("GET", f"/check?code={visit.check_code}").text
    assert "是真的：" not in outside.ask("GET", f"/check?code={visit.check_code}").text
    assert world.kinds() == before
    assert world.database.read(lambda s: s.scalar(select(AuditEntry).limit(1))) is None
    assert world.database.read(lambda s: s.scalar(select(Event).where(Event.kind.like("visitor%")))) is None


def test_nobody_keeps_the_page_and_nothing_runs_in_it(outside: Outside, visit: Offer) -> None:
    for answer in (outside.ask("GET", "/check"), ask(outside, str(visit.check_code)), ask(outside, "1")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "<script" not in answer.text
        assert "http" not in answer.text
        assert "style=" not in answer.text


def test_it_is_small(outside: Outside, visit: Offer, settings: Settings, database: Database) -> None:
    css = Outside(Services(settings, database), volunteer.router).ask("GET", "/t-static/volunteer.css").content
    assert len(ask(outside, str(visit.check_code)).content) + len(css) < 50_000


def test_another_site_may_not_ask(outside: Outside, visit: Offer) -> None:
    assert ask(outside, str(visit.check_code), headers={"Origin": "https://evil.example"}).status_code == 403
    assert ask(outside, str(visit.check_code), headers={"Origin": "null"}).status_code == 200


def test_who_tries_codes_is_stopped_and_told_whom_to_call(outside: Outside, visit: Offer) -> None:
    a_minute = EVERYBODY[0].amount
    assert [ask(outside, "111112").status_code for _ in range(a_minute)] == [200] * a_minute
    # The right code, too: else the refusal would tell it from the wrong ones.
    refused = ask(outside, str(visit.check_code))
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert "现在查不了：不要开门" in refused.text
    assert "tel:+8675500000110" in refused.text
    assert "是真的" not in refused.text
    assert outside.ask("GET", "/check").status_code == 200


def test_one_address_alone_is_stopped_long_before_the_page_closes_for_all() -> None:
    guesses = Guesses()
    share = AN_ADDRESS[0].amount
    assert [guesses.allow("9.9.9.7") for _ in range(share + 20)] == [True] * share + [False] * 20
    assert guesses.allow("9.9.9.8")
    # Of everybody's share only those who were allowed have taken something.
    left = EVERYBODY[0].amount - share - 1
    assert [guesses.allow(f"8.8.{n}.1") for n in range(left + 1)] == [True] * left + [False]


@pytest.mark.parametrize(
    ("address", "other", "same"),
    [
        ("8.8.8.8", "8.8.4.4", False),
        ("8.8.8.8", "::ffff:8.8.8.8", True),
        ("2400:3200::1", "2400:3200:0:0:ffff::9", True),
        ("2400:3200::1", "2400:3200:0:1::1", False),
    ],
)
def test_a_household_is_one_whatever_address_it_takes(address: str, other: str, same: bool) -> None:
    assert whose(address) is not None
    assert (whose(address) == whose(other)) == same


@pytest.mark.parametrize("address", [None, "", "127.0.0.1", "172.18.0.2", "::1", "fd00::1", "somewhere"])
def test_a_proxy_of_ours_is_nobody_in_particular(address: str | None) -> None:
    assert whose(address) is None
