"""An officer's first night at the console, by the keyboard alone: from the one-time password to signing out.

No task may take more keys than the walkthrough says (docs/walkthrough.md); what is typed into fields is not counted.
"""

import re
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chrome import seat
from tests.browser.conftest import Console
from tests.browser.screens import CaseScreen
from tests.browser.watch import Watch
from tests.browser.world import LI, WANG, World, phone
from tests.console.sources import read_sources
from tests.line.service import STATION, RunningService, data_folder, foreign_provider

NEWCOMER, PASSWORD = "he.yan", "a first night at the desk"
STANDING_BY = 6  # 吴伟's line of the roster: off duty until a text says otherwise
_SECRET = re.compile(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}")
_CODE = re.compile(r"\b\d{3}\s\d{3}\b")
_MOST_CASES = 10
_MOST_STOPS = 60


class Hands:
    """Two hands on a keyboard. `keys` counts what they pressed since the last `task`; typing words is free."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = 0

    def press(self, *keys: str) -> None:
        """Press one key after the other."""
        for key in keys:
            self.page.keyboard.press(key)
        self.keys += len(keys)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.page.keyboard.type(text)

    def at(self, spot: Locator) -> None:
        """The focus is there, soon."""
        expect(spot).to_be_focused()

    def reach(self, spot: Locator) -> None:
        """Go back with Shift+Tab as far as that."""
        for _ in range(_MOST_STOPS):
            if spot.evaluate("(spot) => spot === document.activeElement"):
                return
            self.press("Shift+Tab")
        pytest.fail(f"the keyboard does not reach {spot}")

    def task(self, most: int) -> None:
        """One task is done: with how many keys at most?"""
        assert self.keys <= most, f"{self.keys} keys for what takes {most}"
        self.keys = 0


@pytest.fixture(scope="module")
def guarded() -> Iterator[RunningService]:
    """A service that asks for the second factor, with one officer who has none yet."""
    with (
        foreign_provider() as provider,
        data_folder() as data,
        RunningService(data, provider, BLUEVEST_SECOND_FACTOR="required") as running,
    ):
        running.command("demo-places")
        line = ("officer", "add", NEWCOMER, "--station", STATION, "--role", "duty", "--password-stdin")
        running.command(*line, stdin=f"{PASSWORD}\n")
        yield running


def test_the_first_sign_in_enrols_a_phone_and_the_second_asks_it(
    browser: Browser, guarded: RunningService, watch: Watch
) -> None:
    watch.expect("401 (GET|POST) .*/api/session", "(401|409|422) POST .*/api/session/")
    context = seat(browser, guarded.url, "en", 1366, 768)
    watch.over(context)
    hands = Hands(context.new_page())
    page = hands.page
    page.goto("/")

    _name_and_password(hands, NEWCOMER, "not the password at all")
    expect(page.get_by_role("alert")).to_be_visible()
    hands.at(page.locator("#password"))
    hands.type(PASSWORD)  # the wrong one is marked: what is typed replaces it
    hands.press("Enter")
    hands.at(page.locator("#first-code"))
    secret = _SECRET.search(page.locator("main").inner_text())
    assert secret, "the key can be typed into a phone that cannot scan"
    on_the_phone = pyotp.TOTP(secret[0].replace(" ", ""))
    hands.type(on_the_phone.now())
    hands.press("Enter")
    page.locator("[data-line=live]").wait_for()
    hands.task(most=4)

    _menu(hands, "End")
    hands.at(page.locator("#name"))
    _name_and_password(hands, NEWCOMER, PASSWORD)
    hands.at(page.locator("#totp"))
    context.close()


def test_a_night_by_the_keyboard(window: Console, world: World, watch: Watch) -> None:
    # What the case's page reads again because it was handed over may come after the officer has left.
    watch.expect("401 GET .*/api/(session|cases/)", "404 POST .*/api/checks")
    page = window("en")
    hands = Hands(page)
    screen = CaseScreen(page, read_sources().texts["en"])
    page.goto("/")
    _name_and_password(hands, LI, world.passwords[LI])
    page.locator("[data-line=live]").wait_for()
    hands.task(most=2)

    _takes_over_the_escalated(hands, screen, world)
    _calls(hands, screen)
    _asks_one_more(hands, screen, world)
    _checks_a_visitor(hands, screen, _code(window, world))
    _opens_a_stop(hands, screen, world)
    _answers_what_rings_and_waits(hands, world)
    _hands_over(hands, screen, world)
    _goes_home(hands, screen, world)


def _name_and_password(hands: Hands, name: str, password: str) -> None:
    hands.at(hands.page.locator("#name"))
    hands.type(name)
    hands.press("Tab")
    hands.type(password)
    hands.press("Enter")


def _find(hands: Hands, screen: CaseScreen, case_id: str) -> None:
    """The case is one of the first few, after those with a stop-payment to do by time left: from one to the next."""
    page = hands.page
    expect(page.locator(".el-overlay").locator("visible=true")).to_have_count(0)
    if "/cases/" in page.url:
        hands.press("m")
        expect(page).not_to_have_url(re.compile("/cases/"))
    expect(page.locator("a[href^='/cases/']").first).to_be_visible()  # the line may be live before the queue is there
    for _ in range(_MOST_CASES):
        before = page.url
        hands.press("j")
        expect(page).not_to_have_url(before)
        if page.url.endswith(case_id):
            expect(screen.case.locator("h1")).to_be_visible()
            return
    pytest.fail("the case is not in the queue")


def _menu(hands: Hands, *to: str) -> None:
    """Open the officer's menu, go there, choose."""
    hands.reach(hands.page.locator("button.me"))
    hands.press("Enter")
    expect(hands.page.locator("[role=menu]:focus-within")).to_be_visible()
    hands.press(*to, "Enter")


def _choose_colleague(hands: Hands, name: str) -> None:
    """The list of colleagues has the focus when its dialog opens."""
    dialog = hands.page.get_by_role("dialog").locator("visible=true")
    hands.at(dialog.get_by_role("combobox"))
    hands.press("Enter")
    option = hands.page.get_by_role("option", name=name)
    expect(option).to_be_visible()
    while "is-hovering" not in (option.get_attribute("class") or ""):
        hands.press("ArrowDown")
    hands.press("Enter", "Tab")
    hands.at(dialog.locator("textarea"))


def _takes_over_the_escalated(hands: Hands, screen: CaseScreen, world: World) -> None:
    _find(hands, screen, world.cases["nobody"])
    # Nobody is left for it, and it has least time: only where a stop-payment waits for the desk stands above it.
    hands.task(most=2)
    hands.press("h")
    screen.sees("case.heldByMe")
    hands.task(most=1)


def _calls(hands: Hands, screen: CaseScreen) -> None:
    page = hands.page
    hands.press("u")
    hands.at(page.get_by_role("button", name=screen.word("case.unmask.reason.call")))
    hands.press("Enter")
    hands.at(page.get_by_role("link", name="+86"))  # the number to call
    hands.task(most=2)

    hands.press("l")
    hands.at(page.get_by_role("radio", name=screen.word("channel.phone"), exact=True))
    hands.press("Tab", "Space", "Enter")
    _attempt_is_told(screen, "phone", "no_answer")
    hands.task(most=4)

    hands.press("l")
    hands.at(page.get_by_role("radio", name=screen.word("channel.phone"), exact=True))
    hands.press(*["ArrowRight"] * 5, "Tab", "Space", "Enter")
    _attempt_is_told(screen, "family", "spoken")
    hands.task(most=9)


def _attempt_is_told(screen: CaseScreen, channel: str, result: str) -> None:
    newest = screen.case.locator(f'section[aria-label="{screen.word("case.contact.title")}"] .rows > li').first
    expect(newest).to_contain_text(screen.word(f"channel.{channel}"))
    expect(newest).to_contain_text(screen.word(f"result.{result}"))


def _asks_one_more(hands: Hands, screen: CaseScreen, world: World) -> None:
    """Everybody on duty is asked or under way elsewhere and cannot be chosen; somebody comes on duty."""
    page = hands.page
    hands.press("p")
    dialog = page.get_by_role("dialog").locator("visible=true")
    expect(dialog).to_contain_text(screen.word("case.ask.busy.offered"))
    expect(dialog.locator("ol button")).to_have_count(0)
    world.service.provider.phone(phone(STANDING_BY)).reply("8")
    ask = dialog.locator("ol button")
    expect(ask).to_have_count(1)
    hands.press("Escape")
    expect(dialog).to_have_count(0)
    hands.keys = 0

    hands.press("p")
    hands.at(ask)
    hands.press("Enter")
    expect(page.locator("section.offers")).to_contain_text("吴伟")
    hands.task(most=2)


def _code(window: Console, world: World) -> str:
    """What the resident reads off the visitor's phone."""
    phone_page = window("en", 360, 800)
    phone_page.goto(f"/t/{world.tokens['way']}?lang=en")
    found = _CODE.search(phone_page.locator("main").inner_text())
    assert found, phone_page.locator("main").inner_text()
    return found[0]


def _checks_a_visitor(hands: Hands, screen: CaseScreen, code: str) -> None:
    page = hands.page
    hands.press("v")
    hands.at(page.locator("#check-code"))
    hands.type(code)
    hands.press("Enter")
    answer = page.get_by_role("dialog").locator("visible=true").get_by_role("alert")
    expect(answer).to_contain_text(screen.word("shell.check.found").split(":")[0])
    hands.at(page.locator("#check-code"))
    hands.task(most=2)

    digits = re.sub(r"\s", "", code)
    hands.type(digits[:-1] + str((int(digits[-1]) + 1) % 10))  # the digits from before are marked
    hands.press("Enter")
    expect(answer).to_contain_text(screen.word("shell.check.unknown"))
    hands.press("Escape")
    hands.task(most=2)


def _opens_a_stop(hands: Hands, screen: CaseScreen, world: World) -> None:
    page = hands.page
    _find(hands, screen, world.cases["scene"])
    hands.keys = 0
    hands.press("s")
    hands.at(page.locator('[data-act="accounts"]'))
    hands.press("Enter")
    accounts = page.get_by_role("group", name=screen.word("case.stop.fromOrder")).get_by_role("button")
    hands.at(accounts.first)
    expect(accounts).to_have_count(2)  # two orders name the same two
    expect(accounts.first).to_contain_text(screen.word("case.stop.hasRequest"))
    hands.press("Tab", "Enter")
    hands.at(page.locator('[data-act="record"]'))
    hands.press("Enter")
    expect(page.locator("section.money .rows > li")).to_have_count(3)
    hands.task(most=5)


def _answers_what_rings_and_waits(hands: Hands, world: World) -> None:
    page = hands.page
    for where, rows in (("5", page.locator("li.alarm")), ("4", page.locator("li.text"))):
        hands.press(where)
        expect(rows.first).to_be_visible()
        before = rows.count()
        assert before > 0, world.cases
        hands.press("j")
        hands.at(rows.first)
        hands.press("Enter")
        expect(rows).to_have_count(before - 1)
        hands.task(most=3)


def _hands_over(hands: Hands, screen: CaseScreen, world: World) -> None:
    hands.press("m")
    _find(hands, screen, world.cases["nobody"])
    hands.keys = 0
    hands.press("g")
    _choose_colleague(hands, WANG)
    hands.type("Her husband calls back")
    hands.press("Tab", "Tab", "Enter")
    expect(screen.case).to_contain_text(screen.word("case.heldBy").replace("{name}", WANG))
    hands.task(most=9)


def _goes_home(hands: Hands, screen: CaseScreen, world: World) -> None:
    """Who signs out with a case in hand gives it to somebody first."""
    _find(hands, screen, world.cases["way"])
    hands.press("h")
    screen.sees("case.heldByMe")
    _menu(hands, "End")
    expect(hands.page.get_by_role("dialog").locator("visible=true")).to_contain_text(
        screen.word("shell.handOver.leaving")
    )
    _choose_colleague(hands, WANG)
    hands.type("The centre wants it back: decide")
    hands.press("Tab", "Tab", "Tab", "Enter")
    hands.at(hands.page.locator("#name"))
