"""Liutang on the screens: two officers, one in each language, and a vest with a phone; one line is cut for half a minute."""

import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from simulator.stories import Liutang
from tests.browser.chrome import seat
from tests.browser.cutter import Cutter
from tests.browser.screens import CaseScreen, TaskPage
from tests.browser.watch import Watch
from tests.browser.world import sign_in
from tests.console.sources import read_sources
from tests.line.service import STATION
from tests.line.stories import Scene, scene

LI, WANG = "li.jing", "wang.wei"
AWAY_S = 30.0
_LEAST_TOLD = 10
_LINK = re.compile(r"https?://\S+/t/\S+")

Open = Callable[[str, str, str], Page]


@dataclass
class Players:
    """Everybody on the screens: Li Jing reads Chinese behind a line that can be cut, Wang Wei English."""

    scene: Scene
    line: Cutter
    li: CaseScreen
    wang: CaseScreen
    phone: Page
    story: Liutang = field(init=False)

    def __post_init__(self) -> None:
        self.story = Liutang(self.scene.stage())


@pytest.fixture
def players(browser: Browser, watch: Watch) -> Iterator[Players]:
    with scene("radio") as world, Cutter(_port(world)) as line, _seats(browser, watch) as sit:
        for name in (LI, WANG):
            password = secrets.token_urlsafe(16)
            arguments = ("officer", "add", name, "--station", STATION, "--role", "duty", "--password-stdin")
            world.service.command(*arguments, stdin=f"{password}\n")
            sit.passwords[name] = password
        words = read_sources().texts
        li = CaseScreen(sit.console(world, line.url, "zh", LI), words["zh"])
        wang = CaseScreen(sit.console(world, world.service.url, "en", WANG), words["en"])
        yield Players(world, line, li, wang, sit.phone(world.service.url))


def test_ten_million_in_a_car_park(players: Players, watch: Watch) -> None:
    li, story = players.li, players.story

    story.order()
    _both_are_called(players)
    story.ask()
    _the_link_tells_little(players)

    _the_vest_accepts(players)
    _li_opens_a_stop(players)
    _wang_speaks_to_the_husband(players)
    _at_the_door(players)

    with watch.away():
        cut_at = time.monotonic()
        players.line.cut()
        expect(li.page.locator("[data-line=lost]").first).to_be_visible()
        _found_while_li_sees_nothing(players)
        time.sleep(max(0.0, AWAY_S - (time.monotonic() - cut_at)))
        players.line.heal()
        expect(li.page.locator('[role=alert][data-line="lost"]')).to_have_count(0)
    _nothing_is_missing(players)

    _li_closes(players)
    told = [item["type"] for item in players.scene.told(story.case_id, "case.closed")]
    assert (told[0], told[-1]) == ("case.opened", "case.closed")
    assert {"case.signed_for", "contact.attempted", "freeze.changed", "resident.met"} <= set(told)
    players.scene.provider.expect_nothing_else()


def _both_are_called(players: Players) -> None:
    """Both consoles show the case at once and call; each officer acknowledges on their own screen."""
    for screen in (players.li, players.wang):
        row = screen.row(players.story.case_id)
        expect(row).to_contain_text(screen.word("level.extreme"))
        expect(row).to_contain_text(screen.word("fraud.impersonating_authorities"))
        called = screen.word("shell.calls.newCase", level=screen.word("level.extreme"))
        expect(screen.page.locator(".calls")).to_contain_text(called)
        expect(screen.page).to_have_title(re.compile(r"^(‼|\(1\))"))
    players.li.page.keyboard.press("a")
    expect(players.li.page.locator(".calls")).to_have_count(0)
    expect(players.wang.page.locator(".calls")).to_be_visible()
    for screen in (players.li, players.wang):
        screen.open(players.story.case_id)
        screen.state("dispatching")


def _task(players: Players) -> TaskPage:
    texts = players.scene.provider.texts(players.story.vest.phone)
    link = next(found.group() for text in reversed(texts) if (found := _LINK.search(text.body)))
    return TaskPage(players.phone, link)


def _the_link_tells_little(players: Players) -> None:
    seen = _task(players).open()
    assert "桃源社区" in seen
    assert "王某丽" not in seen
    assert "+86" not in seen


def _the_vest_accepts(players: Players) -> None:
    seen = _task(players).tap("accept")
    assert "王某丽" in seen
    for other in players.story.others:
        players.scene.provider.phone(other.phone).expect_sms(other.code, "不用去了")
    for screen in (players.li, players.wang):
        screen.state("accepted")
        screen.sees("offer.accepted", "offer.stood_down")


def _li_opens_a_stop(players: Players) -> None:
    """A protective stop of her own account, asked for by the family; the order's account is fetched for that reason."""
    li = players.li
    li.page.keyboard.press("s")
    li.act("accounts")
    li.page.locator(".accounts button", has_text=li.word("whose.own")).click()
    li.choose("askedBy.family")
    li.act("record")
    for screen in (li, players.wang):
        screen.sees("freeze.draft")
        expect(screen.case).to_contain_text("****0017")


def _wang_speaks_to_the_husband(players: Players) -> None:
    wang = players.wang
    wang.page.keyboard.press("l")
    wang.choose("channel.family")
    wang.choose("result.spoken")
    wang.act("log")
    for screen in (wang, players.li):
        screen.sees("channel.family", "result.spoken")


def _at_the_door(players: Players) -> None:
    _task(players).tap("arrived")
    for screen in (players.li, players.wang):
        screen.state("on_scene")


def _found_while_li_sees_nothing(players: Players) -> None:
    """Not at home; whoever is nearest to the car park is asked, meets her there and talks her out of it."""
    _task(players).tap("not_found")
    players.wang.sees("case.flag.searching")
    players.story.ask_near_by()
    players.story.meet()
    players.wang.sees("case.flag.dissuaded_reported", "result.met")
    expect(players.li.case).not_to_contain_text(players.li.word("case.flag.dissuaded_reported"))
    players.li.state("on_scene")


def _nothing_is_missing(players: Players) -> None:
    li, wang = players.li, players.wang
    li.sees("case.flag.dissuaded_reported", "result.met", "result.not_found")
    expect(li.row(players.story.case_id)).to_contain_text(li.word("flag.dissuaded_reported"))
    told = wang.timeline.count()
    assert told > _LEAST_TOLD
    expect(li.timeline).to_have_count(told)


def _li_closes(players: Players) -> None:
    li, wang = players.li, players.wang
    li.page.keyboard.press("c")
    li.choose("disposition.dissuaded")
    li.page.locator(".el-dialog textarea").last.fill("已在露天停车场当面劝阻,本人认清骗局")
    li.act("closeNow")
    for screen in (li, wang):
        screen.state("closed")
        screen.sees("disposition.dissuaded")
        expect(screen.row(players.story.case_id)).to_have_count(0)


@dataclass
class _Seats:
    browser: Browser
    watch: Watch
    opened: ExitStack
    passwords: dict[str, str] = field(default_factory=dict)

    def console(self, world: Scene, url: str, language: str, officer: str) -> Page:
        signed_in = sign_in(world.service.url, officer, self.passwords[officer])
        context = self.opened.enter_context(seat(self.browser, url, language, 1366, 768, signed_in=signed_in))
        self.watch.over(context)
        page = context.new_page()
        page.goto("/")
        page.locator("[data-line=live]").wait_for()
        return page

    def phone(self, url: str) -> Page:
        context = self.opened.enter_context(seat(self.browser, url, "zh", 390, 844))
        self.watch.over(context)
        return context.new_page()


@contextmanager
def _seats(browser: Browser, watch: Watch) -> Iterator[_Seats]:
    with ExitStack() as opened:
        yield _Seats(browser, watch, opened)


def _port(world: Scene) -> int:
    return int(world.service.url.rpartition(":")[2])
