"""Pictures of every page and state, both languages, three sizes: docs/screenshots/<language>/<size>/<page>.png.

.venv/bin/python -m tools.screenshots                  all of them
.venv/bin/python -m tools.screenshots map case-scene   these pages only
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Error

from tests.browser.chrome import LANGUAGES, chromium, seat
from tests.browser.pages import PAGES, Shown
from tests.browser.watch import Watch
from tests.browser.world import World, make_world
from tests.line.service import RunningService, data_folder, foreign_provider
from tools.browser import NO_FONTS, NoBrowser, has_chinese_fonts

INTO = Path(__file__).resolve().parents[1] / "docs" / "screenshots"
SIZES: Mapping[str, tuple[int, int]] = {"1366x768": (1366, 768), "1920x1080": (1920, 1080), "390x844": (390, 844)}


def take_all(pages: Sequence[Shown], into: Path) -> list[str]:
    """Take them all in a fresh service with its night's cases; gives what happened on the pages that should not."""
    with running_world() as world, chromium() as browser:
        return [
            trouble
            for language in LANGUAGES
            for size in SIZES
            for trouble in take_size(browser, world, pages, language, size, into / language / size)
        ]


@contextmanager
def running_world() -> Iterator[World]:
    """The service as the browser tests have it."""
    with foreign_provider() as provider, data_folder() as data, RunningService(data, provider) as service:
        yield make_world(service)


def take_size(
    browser: Browser, world: World, pages: Sequence[Shown], language: str, size: str, into: Path
) -> Iterator[str]:
    """The pictures of one language and size; gives each trouble with its page."""
    into.mkdir(parents=True, exist_ok=True)
    for shown in pages:
        signed_in = world.signed_in(shown.officer) if shown.officer else None
        watch = Watch()
        watch.expect(*shown.troubles)
        context = seat(browser, world.url, language, *SIZES[size], signed_in=signed_in)
        try:
            watch.over(context)
            missed = list(take(context, world, shown, language, into / f"{shown.name}.png"))
        finally:
            context.close()
        yield from (f"{shown.name} {language} {size}: {trouble}" for trouble in (*missed, *watch.troubles))


def take(context: BrowserContext, world: World, shown: Shown, language: str, file: Path) -> Iterator[str]:
    """One picture, of the whole length of the page; of a page that did not come, of what came instead."""
    page = context.new_page()
    try:
        shown.open(page, world, language)
    except Error as missed:
        yield missed.message
    page.screenshot(path=file, full_page=True, animations="disabled", caret="hide")


def main(names: Sequence[str]) -> int:
    """0, or 1 and a line for each thing that went wrong."""
    unknown = set(names) - {shown.name for shown in PAGES}
    if unknown:
        print(f"screenshots: no such page: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 1
    if not has_chinese_fonts():
        print(f"screenshots: {NO_FONTS}", file=sys.stderr)
        return 1
    try:
        troubles = take_all([shown for shown in PAGES if not names or shown.name in names], INTO)
    except NoBrowser as error:
        print(f"screenshots: {error}", file=sys.stderr)
        return 1
    for trouble in troubles:
        print(f"screenshots: {trouble}", file=sys.stderr)
    print(f"screenshots: in {INTO}")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
