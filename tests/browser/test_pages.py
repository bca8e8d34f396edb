"""Every page in both languages: readable for everybody, in its language, and never wider than the screen."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.axe import violations
from tests.browser.chrome import LANGUAGES
from tests.browser.conftest import Console
from tests.browser.pages import PAGES, Shown
from tests.browser.watch import Watch
from tests.browser.world import World

OFFICE, PHONE = (1366, 768), (360, 800)
_TOO_WIDE = """() => [...document.querySelectorAll('*')].filter((one) => {
  const scrolls = one === document.documentElement || /auto|scroll/.test(getComputedStyle(one).overflowX)
  return scrolls && one.scrollWidth > one.clientWidth + (one === document.documentElement ? 0 : 1)
}).map((one) => `${one.tagName.toLowerCase()}.${one.className}: ${one.scrollWidth} in ${one.clientWidth}`)"""

# An open menu is placed anew some frames after the window has changed; what moves for ever is not waited for.
_AT_REST = """async () => {
  const drawn = () => [...document.querySelectorAll('*')].map((one) => {
    const { x, y, width } = one.getBoundingClientRect()
    return `${x} ${y} ${width}`
  }).join()
  let [before, same] = ['', 0]
  for (let frame = 0; frame < 120 && same < 5; frame += 1) {
    await new Promise(requestAnimationFrame)
    const now = drawn()
    same = now === before ? same + 1 : 0
    before = now
  }
}"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page_is_for_everybody_and_fits(
    shown: Shown, language: str, world: World, window: Console, watch: Watch
) -> None:
    watch.expect(*shown.troubles)
    page = window(language, *OFFICE, officer=shown.officer)
    shown.open(page, world, language)
    wrong = [f"{one} (office)" for one in said_about(page, language)]
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    wrong += [f"{one} (phone)" for one in said_about(page, language)]
    if wrong:
        pytest.fail("\n".join([page.url, *wrong]), pytrace=False)


def said_about(page: Page, language: str) -> list[str]:
    """Everything that is wrong with the page once it stands still."""
    page.evaluate(_AT_REST)
    told: dict[str, Any] = page.evaluate("({lang: document.documentElement.lang, title: document.title})")
    wrong = [] if told["lang"].split("-")[0] == language else [f"its language is {told['lang']}"]
    wrong += [] if told["title"].strip() else ["there is no title"]
    return [*wrong, *(f"scrolls sideways: {one}" for one in page.evaluate(_TOO_WIDE)), *violations(page)]
