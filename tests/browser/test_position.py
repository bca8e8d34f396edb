"""Somebody on the way shares where they are: only after a tap, only until they arrive, and never without saying so."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dispatcher.db import Database
from dispatcher.model import Offer, Volunteer
from dispatcher.settings import Settings
from tests import builders
from tests.conftest import FixedClock, RecordingWaker
from tests.tracking.world import World as Tracked
from tests.web.live import live
from web.app import Surface, create_app
from web.services import Services

HERE, THERE = (113.87, 22.57), (113.871, 22.571)
FAILS = (
    "navigator.geolocation.watchPosition = (done, failed) => { setTimeout(() => failed({ code: 2 }), 10); return 1; }"
)
LATER = "() => { const now = Date.now; Date.now = () => now() + 20000 }"

Opened = Callable[..., Page]


@pytest.fixture
def tracked(database: Database, settings: Settings, clock: FixedClock, waker: RecordingWaker) -> Tracked:
    return Tracked(database, settings, clock, waker, database.transact(builders.station))


@pytest.fixture
def offer(tracked: Tracked) -> Offer:
    """陈志强 is on the way."""
    person = tracked.person()
    offer = tracked.ask(tracked.case(), person)
    tracked.text(person, f"1{offer.code}")
    return offer


@pytest.fixture
def opened(browser: Browser, tracked: Tracked, offer: Offer) -> Iterator[Opened]:
    """`opened(at=…, allowed=…, script=…)`: the link on a phone that is somewhere."""
    contexts: list[BrowserContext] = []
    with live(create_app(Services(tracked.settings, tracked.database), Surface.VOLUNTEER, redis_url=None)) as server:

        def open_page(at: tuple[float, float] = HERE, *, allowed: bool = True, script: str = "") -> Page:
            context = browser.new_context(
                viewport={"width": 360, "height": 800},
                has_touch=True,
                geolocation={"longitude": at[0], "latitude": at[1]},
                permissions=["geolocation"] if allowed else [],
            )
            contexts.append(context)
            if script:
                context.add_init_script(script)
            page = context.new_page()
            page.goto(f"{server.url}/t/{offer.token}")
            return page

        yield open_page
        for context in contexts:
            context.close()


def place_of(tracked: Tracked, offer: Offer) -> tuple[float | None, float | None]:
    person = tracked.database.read(lambda session: session.get_one(Volunteer, offer.volunteer_id))
    return person.page_lon, person.page_lat


def test_a_position_is_shared_after_a_tap_until_it_is_stopped(tracked: Tracked, offer: Offer, opened: Opened) -> None:
    page = opened()
    expect(page.locator("#share p")).to_have_text("位置没有共享")
    assert place_of(tracked, offer) == (None, None)
    page.tap("#share button")
    expect(page.locator("#share p")).to_have_text("正在共享位置，到场后自动停止")
    assert place_of(tracked, offer) == HERE
    page.tap("#share button")
    expect(page.locator("#share p")).to_have_text("位置没有共享")
    page.reload()
    expect(page.locator("#share p")).to_have_text("位置没有共享")


def test_sharing_goes_on_when_another_button_loads_the_page_afresh(opened: Opened) -> None:
    page = opened()
    page.tap("#share button")
    expect(page.locator("#share.on")).to_be_visible()
    page.tap("button[value=help]")
    expect(page.locator(".said")).to_be_visible()
    expect(page.locator("#share.on")).to_be_visible()


def test_it_ends_at_the_arrival_wherever_that_was_said(tracked: Tracked, offer: Offer, opened: Opened) -> None:
    page = opened()
    page.tap("#share button")
    expect(page.locator("#share.on")).to_be_visible()
    person = tracked.database.read(lambda session: session.get_one(Volunteer, offer.volunteer_id))
    tracked.text(person, f"3{offer.code}")
    page.evaluate(LATER)
    page.context.set_geolocation({"longitude": THERE[0], "latitude": THERE[1]})
    expect(page.locator("h1")).to_have_text("您已到场")
    expect(page.locator("#share")).to_have_count(0)
    assert place_of(tracked, offer) == HERE


def test_a_phone_that_refuses_or_knows_no_place_says_so(opened: Opened) -> None:
    refused = opened(allowed=False)
    refused.tap("#share button")
    expect(refused.locator("#share p")).to_contain_text("手机不允许定位")
    expect(refused.locator("#share button")).to_have_text("在路上共享我的位置")
    lost = opened(script=FAILS)
    lost.tap("#share button")
    expect(lost.locator("#share p")).to_contain_text("现在定不了位")
    expect(lost.locator("#share button")).to_have_text("停止共享")


def test_no_network_is_said_and_outlived(tracked: Tracked, offer: Offer, opened: Opened) -> None:
    page = opened()
    page.route("**/position", lambda route: route.abort())
    page.tap("#share button")
    expect(page.locator("#share p")).to_have_text("网络不通，连上后接着共享")
    page.unroute("**/position")
    page.evaluate(LATER)
    page.context.set_geolocation({"longitude": THERE[0], "latitude": THERE[1]})
    expect(page.locator("#share p")).to_have_text("正在共享位置，到场后自动停止")
    assert place_of(tracked, offer) == THERE
