"""What an officer's hands do on the console, and a volunteer's on the phone's page."""

import re
from collections.abc import Mapping

from playwright.sync_api import Locator, Page, expect


class CaseScreen:
    """One officer's console. `word("state.accepted")` reads the words off the screen's own texts."""

    def __init__(self, page: Page, words: Mapping[str, str]) -> None:
        self.page = page
        self._words = words

    def word(self, key: str, **values: str) -> str:
        """The text of a key in this officer's language, with what it speaks of."""
        return self._words[key].format_map(values) if values else self._words[key]

    def row(self, case_id: str) -> Locator:
        """The case in the queue."""
        return self.page.locator(f'.queue a[href="/cases/{case_id}"]')

    @property
    def case(self) -> Locator:
        """The case's own page."""
        return self.page.locator("div.case")

    def open(self, case_id: str) -> None:
        """Click the case in the queue."""
        self.row(case_id).click()
        expect(self.case.locator("h1")).to_be_visible()

    def sees(self, *keys: str) -> None:
        """The case's page says all of this, soon."""
        for key in keys:
            expect(self.case).to_contain_text(self.word(key))

    def state(self, key: str) -> None:
        """The case stands there, on its page."""
        expect(self.case.locator(".bar .state").first).to_have_text(self.word(f"state.{key}"))

    def choose(self, key: str) -> None:
        """Choose the radio button of this text."""
        self.page.locator("label.el-radio", has_text=re.compile(rf"^\s*{re.escape(self.word(key))}")).first.click()

    def act(self, name: str) -> None:
        """Press the button of an act."""
        self.page.locator(f'[data-act="{name}"]').click()

    @property
    def timeline(self) -> Locator:
        """The lines of what the case's page tells, newest first; unfolded where it is long."""
        card = self.page.locator(f'section[aria-label="{self.word("case.timeline.title")}"]')
        more = card.get_by_role("button", name=re.compile(r"\d+"))
        if more.count():
            more.click()
        return card.locator("ol > li")


class TaskPage:
    """The page behind a volunteer's link, on the phone."""

    def __init__(self, page: Page, link: str) -> None:
        self.page = page
        self._link = link

    def open(self) -> str:
        """Open the link of the text; gives what can be read there."""
        self.page.goto(self._link)
        return self.page.locator("main").inner_text()

    def tap(self, act: str) -> str:
        """Tap the button of an act, twice where the page asks once more."""
        button = self.page.locator(f'button[name=act][value="{act}"]')
        details = self.page.locator("details.sure", has=button)
        if details.count():
            details.locator("summary").click()
        button.click()
        self.page.wait_for_url(re.compile(rf"said={act}"))
        return self.page.locator("main").inner_text()
