"""The browser of an old office PC: Chromium without WebGL, and one context for each officer's seat."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Error, StorageState, sync_playwright

from tools.browser import find_chromium

LANGUAGES: Final = ("zh", "en")
_LOCALES: Final = {"zh": "zh-CN", "en": "en-GB"}
_FLAGS: Final = (
    "--disable-3d-apis",
    "--disable-webgl",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NO_SANDBOX: Final = "--no-sandbox"
_CHOOSE_FIRST: Final = """
if (location.protocol.startsWith('http'))
  for (const [name, value] of Object.entries(%s)) if (!localStorage.getItem(name)) localStorage.setItem(name, value)
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser. Raises tools.browser.NoBrowser with the line that says what to install."""
    path = find_chromium()
    with sync_playwright() as playwright:

        def launch(*, sandbox: bool) -> Browser:
            return playwright.chromium.launch(
                executable_path=path,
                args=[*_FLAGS, *([] if sandbox else [_NO_SANDBOX])],
                chromium_sandbox=sandbox,
                handle_sigint=False,
            )

        try:
            browser = launch(sandbox=os.geteuid() != 0)
        except Error as refused:
            if "sandbox" not in str(refused).lower():
                raise
            browser = launch(sandbox=False)  # a container without user namespaces
        try:
            yield browser
        finally:
            browser.close()


def seat(
    browser: Browser,
    url: str,
    language: str,
    width: int,
    height: int,
    *,
    signed_in: StorageState | None = None,
    scripts: bool = True,
) -> BrowserContext:
    """A context as at one officer's desk, or with a phone's size in somebody's hand; close it afterwards."""
    context = browser.new_context(
        base_url=url,
        locale=_LOCALES[language],
        timezone_id="Asia/Shanghai",
        viewport={"width": width, "height": height},
        color_scheme="dark",
        reduced_motion="reduce",
        storage_state=signed_in,
        java_script_enabled=scripts,
        service_workers="block",
    )
    context.set_default_timeout(30_000)
    console = json.dumps({"language": language, "sound": False})
    chosen = {"bluevest.preferences": console, "language": language}  # the console's, the simulated phones'
    context.add_init_script(_CHOOSE_FIRST % json.dumps(chosen))
    return context
