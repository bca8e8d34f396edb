"""What must not happen on a page: errors, a broken security policy, requests that fail."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response
from playwright.sync_api import Error as PageError

_LOUD = {"error", "warning"}
_LOAD_FAILED = "Failed to load resource"  # the console's echo of a response that is looked at as a response
_ABANDONED = "net::ERR_ABORTED"  # somebody went on to another page
_TELL_VIOLATIONS = """
addEventListener('securitypolicyviolation', (event) =>
  console.error(`security policy: ${event.violatedDirective} forbids ${event.blockedURI} at ${event.sourceFile}`))
"""


class Watch:
    """Looks at every page of its contexts. `troubles` says what happened, in order."""

    def __init__(self) -> None:
        self.troubles: list[str] = []
        self._expected: list[str] = []
        self._away = False

    def over(self, context: BrowserContext) -> None:
        """Watch every page that is opened in the context."""
        context.add_init_script(_TELL_VIOLATIONS)
        context.on("page", self._page)

    def expect(self, *patterns: str) -> None:
        """These troubles are part of the story: regular expressions, searched for in the text of a trouble."""
        self._expected.extend(patterns)

    @contextmanager
    def away(self) -> Iterator[None]:
        """While the block lasts the service cannot be reached, and what fails for that reason is no trouble."""
        self._away = True
        try:
            yield
        finally:
            self._away = False

    def nothing_happened(self) -> None:
        """Fail when anything did."""
        if self.troubles:
            pytest.fail("\n".join(["this happened on a page:", *self.troubles]), pytrace=False)

    def _page(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", self._thrown)
        page.on("response", self._answered)
        page.on("requestfailed", self._failed)
        page.on("crash", lambda _: self._note("the page crashed"))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in _LOUD and _LOAD_FAILED not in message.text:
            unreachable = self._away and "net::ERR_" in message.text
            if not unreachable:
                self._note(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _thrown(self, error: PageError) -> None:
        self._note(f"thrown: {error.stack or error.message}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._note(f"{response.status} {response.request.method} {response.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != _ABANDONED and not self._away:
            self._note(f"failed: {request.method} {request.url}: {request.failure}")

    def _note(self, trouble: str) -> None:
        if not any(re.search(pattern, trouble) for pattern in self._expected):
            self.troubles.append(trouble)
