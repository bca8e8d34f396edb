"""A running service with its night's cases, a browser for all, and a seat at the console for each officer."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chrome import chromium, seat
from tests.browser.watch import Watch
from tests.browser.world import LI, World, make_world
from tests.line.processes import PATIENCE_S
from tests.line.service import RunningService, data_folder, foreign_provider

Console = Callable[..., Page]


# As long as this folder's tests run, not longer: while Playwright is there, its event loop runs in this thread.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all; without one, every test here fails with the line that says what to install."""
    expect.set_options(timeout=PATIENCE_S * 1000)
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    """Real processes and nothing in them; one for each file of tests."""
    with foreign_provider() as provider, data_folder() as data, RunningService(data, provider) as running:
        yield running


@pytest.fixture(scope="module")
def world(service: RunningService) -> World:
    """The service with a night's cases in it."""
    return make_world(service)


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Looks at every page; at the end of the test nothing may have happened that the test did not expect."""
    watching = Watch()
    yield watching
    watching.nothing_happened()


@pytest.fixture
def window(browser: Browser, world: World, watch: Watch) -> Iterator[Console]:
    """`window(language, width, height, officer=None, url=…)`: an empty window of the given size.

    The officer is signed in there already; None is somebody who is not.
    """
    opened: list[BrowserContext] = []

    def open_window(
        language: str = "zh",
        width: int = 1366,
        height: int = 768,
        *,
        officer: str | None = None,
        url: str | None = None,
    ) -> Page:
        signed_in = world.signed_in(officer) if officer else None
        context = seat(browser, url or world.url, language, width, height, signed_in=signed_in)
        opened.append(context)
        watch.over(context)
        return context.new_page()

    yield open_window
    for context in opened:
        context.close()


@pytest.fixture
def console(window: Console) -> Console:
    """`console(language, width, height, officer=…, url=…)`: an officer's console, signed in and live."""

    def open_console(
        language: str = "zh", width: int = 1366, height: int = 768, *, officer: str = LI, url: str | None = None
    ) -> Page:
        page = window(language, width, height, officer=officer, url=url)
        page.goto("/")
        page.locator("[data-line=live]").wait_for()
        return page

    return open_console
