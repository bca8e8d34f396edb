"""Every page and state that a person can have in front of them: one table for the tests and for the screenshots."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.world import LI, World

Act = Callable[[Page], object]


def _nothing(_page: Page) -> None:
    """Nothing to be done."""


@dataclass(frozen=True)
class Shown:
    """One page in one state.

    `path` may name `{cases[…]}`, `{tokens[…]}`, `{language}` and `{phones}`, the address of the simulated phones. `officer` is who sits there; None: somebody who has
    not signed in. `idle` says that it asks for nothing more once it is there. `before` is done to the empty window, `after` to the page that has come. `troubles` are patterns of
    what a `Watch` would report and belongs to the state.
    """

    name: str
    path: str
    officer: str | None = LI
    before: Act = _nothing
    after: Act = _nothing
    idle: bool = True
    troubles: Sequence[str] = ()

    def address(self, world: World, language: str) -> str:
        """The path in this world."""
        phones = world.service.provider.url
        return self.path.format(cases=world.cases, tokens=world.tokens, language=language, phones=phones)

    def open(self, page: Page, world: World, language: str) -> None:
        """Bring the page into its state."""
        self.before(page)
        page.goto(self.address(world, language))
        if self.officer:
            page.locator("[data-line=live]").wait_for(state="attached")
        page.wait_for_load_state("networkidle" if self.idle else "load")
        self.after(page)


PAGES: Sequence[Shown] = (
    Shown("sign-in", "/sign-in", officer=None, troubles=("401 GET .*/api/session",)),
    Shown("map", "/"),
    Shown("case-scene", "/cases/{cases[scene]}"),
    Shown("case-nobody", "/cases/{cases[nobody]}"),
    Shown("case-held", "/cases/{cases[held]}"),
    Shown("case-nowhere", "/cases/{cases[nowhere]}"),
    Shown("case-closed", "/cases/{cases[closed]}"),
    Shown("records", "/records"),
    Shown("people", "/people"),
    Shown("inbox", "/inbox"),
    Shown("alarms", "/alarms"),
    Shown("missing", "/nowhere"),
    Shown("task-asked", "/t/{tokens[asked]}?lang={language}", officer=None),
    Shown("task-way", "/t/{tokens[way]}?lang={language}", officer=None),
    Shown("task-door", "/t/{tokens[door]}?lang={language}", officer=None),
    Shown("task-over", "/t/{tokens[over]}?lang={language}", officer=None),
    Shown("task-none", "/t/none?lang={language}", officer=None, troubles=("404 GET .*/t/none",)),
    Shown("check", "/check?lang={language}", officer=None),
    Shown("phones", "{phones}/", officer=None, idle=False),
)
