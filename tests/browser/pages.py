"""Every page and state that a person can have in front of them: one table for the tests and for the screenshots."""

from collections.abc import Sequence
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser import states
from tests.browser.states import (
    Act,
    answers,
    ask_for_a_code,
    both,
    checked,
    chosen_in_menu,
    click,
    fails,
    levels_named,
    light,
    line_cut,
    line_kept,
    nearly_idle,
    no_line,
    opened,
    pressed,
    quiet_night,
    signing_in,
    try_to_sign_in,
    typed,
    waits,
)
from tests.browser.world import HE, LI, SUN, WANG, ZHAO, World
from tests.level_names import LONGEST, QINGDAO
from web.resident.rendering import Answer


def _nothing(_page: Page) -> None:
    """Nothing to be done."""


@dataclass(frozen=True)
class Shown:
    """One page in one state.

    `path` may name `{cases[…]}`, `{tokens[…]}`, `{language}` and `{phones}`, the address of the simulated phones. `officer` is who sits there; None: somebody who has
    not signed in. `idle` says that it asks for nothing more once it is there; `line` is how the live feed stands then, if there is one. `before` is done to the empty window, `after` to the page that has come. `troubles` are patterns of
    what a `Watch` would report and belongs to the state.
    """

    name: str
    path: str
    officer: str | None = LI
    before: Act = _nothing
    after: Act = _nothing
    idle: bool = True
    line: str = "live"
    troubles: Sequence[str] = ()

    def address(self, world: World, language: str) -> str:
        """The path in this world."""
        phones = world.service.provider.url
        return self.path.format(cases=world.cases, tokens=world.tokens, language=language, phones=phones)

    def open(self, page: Page, world: World, language: str) -> None:
        """Bring the page into its state."""
        self.before(page)
        page.goto(self.address(world, language))
        if self.officer and self.line:
            page.locator(f"[data-line={self.line}]").wait_for(state="attached")
        page.wait_for_load_state("networkidle" if self.idle else "load")
        page.locator("h1").first.wait_for(state="attached")  # the frame comes before the page within
        if self.idle:
            page.locator("[aria-busy=true]").wait_for(state="detached")
        self.after(page)


_NOBODY = ("401 GET .*/api/session",)
_UNKNOWN = {"detail": "no such code", "status": 404}
_FOUND = {"case_id": "00000000-0000-7000-8000-000000000001", "number": "440306-LT-0042", "volunteer": "陈志明"}

_DOOR: Sequence[Shown] = (
    Shown("sign-in", "/sign-in", officer=None, troubles=_NOBODY),
    Shown(
        "sign-in-wrong",
        "/sign-in",
        officer=None,
        before=signing_in({"detail": "wrong", "status": 401}, 401),
        after=try_to_sign_in,
        troubles=("401 .*/api/session",),
    ),
    Shown(
        "sign-in-totp",
        "/sign-in",
        officer=None,
        before=signing_in({"detail": "wanted", "field": "totp", "status": 401}, 401),
        after=try_to_sign_in,
        troubles=("401 .*/api/session",),
    ),
    Shown(
        "sign-in-enrol",
        "/sign-in",
        officer=None,
        before=signing_in(states.WHOEVER, 200),
        after=both(try_to_sign_in, lambda page: page.locator(".qr").wait_for()),
        troubles=_NOBODY,
    ),
    Shown("away", "/sign-in", officer=None, before=fails("**/api/about"), troubles=("503 GET .*/api/about",)),
)

_DESK: Sequence[Shown] = (
    Shown("map", "/"),
    Shown("map-light", "/", before=light),
    Shown("map-case", "/?case={cases[scene]}"),
    Shown("map-list", "/", after=click(".el-radio-button >> nth=1")),
    Shown("map-empty", "/", before=quiet_night),
    Shown("map-loading", "/", before=no_line, line="connecting"),
    Shown("map-no-match", "/", after=typed("#queue-search", "没有这个人")),
    Shown("map-auditor", "/", officer=HE),
    Shown(
        "lost",
        "/",
        before=line_kept,
        after=line_cut,
        troubles=("WebSocket", "failed: GET .*/api/"),
    ),
    Shown("idle", "/", before=nearly_idle),
    Shown("menu", "/", after=click("header .me")),
    Shown("keys", "/", after=pressed("?")),
    Shown("about", "/", after=chosen_in_menu(7)),
    Shown("shift", "/", officer=WANG, after=chosen_in_menu(1)),
    Shown("check-code", "/", after=opened("header .tool")),
    Shown(
        "check-code-yes",
        "/",
        before=answers("**/api/checks", _FOUND),
        after=both(opened("header .tool"), typed("#check-code", "123456"), click(".el-dialog:visible [type=submit]")),
    ),
    Shown(
        "check-code-no",
        "/",
        before=answers("**/api/checks", _UNKNOWN, 404),
        after=both(opened("header .tool"), typed("#check-code", "123456"), click(".el-dialog:visible [type=submit]")),
        troubles=("404 POST .*/api/checks",),
    ),
)

_LEVELS: Sequence[Shown] = (
    Shown("levels", "/", before=levels_named(QINGDAO)),
    Shown("levels-light", "/", before=both(light, levels_named(QINGDAO))),
    Shown("levels-case", "/cases/{cases[scene]}", before=levels_named(QINGDAO)),
    Shown("levels-case-light", "/cases/{cases[scene]}", before=both(light, levels_named(QINGDAO))),
    Shown("levels-long", "/", before=levels_named(LONGEST)),
    Shown("levels-long-list", "/", before=levels_named(LONGEST), after=click(".el-radio-button >> nth=1")),
    Shown("levels-long-case", "/cases/{cases[scene]}", before=levels_named(LONGEST)),
    Shown("levels-long-records", "/records", before=both(light, levels_named(LONGEST))),
    Shown("levels-long-alarms", "/alarms", before=levels_named(LONGEST)),
)

_CASES: Sequence[Shown] = (
    Shown("case-scene", "/cases/{cases[scene]}"),
    Shown("case-light", "/cases/{cases[scene]}", before=light),
    Shown("case-way", "/cases/{cases[way]}"),
    Shown("case-asked", "/cases/{cases[asked]}"),
    Shown("case-nobody", "/cases/{cases[nobody]}"),
    Shown("case-held", "/cases/{cases[held]}"),
    Shown("case-mine", "/cases/{cases[held]}", officer=WANG),
    Shown("case-chief", "/cases/{cases[held]}", officer=ZHAO),
    Shown("case-auditor", "/cases/{cases[scene]}", officer=HE),
    Shown("case-nowhere", "/cases/{cases[nowhere]}"),
    Shown("case-closed", "/cases/{cases[closed]}"),
    Shown("case-missing", "/cases/00000000-0000-7000-8000-000000000000", troubles=("404 GET .*/api/cases/",)),
    Shown(
        "case-loading",
        "/cases/{cases[scene]}",
        before=both(no_line, waits("/api/cases/")),
        idle=False,
        line="connecting",
    ),
    Shown("case-fault", "/cases/{cases[scene]}", before=fails("**/api/cases/*"), troubles=("503 GET .*/api/cases/",)),
    Shown("case-attempt", "/cases/{cases[way]}", after=click("[data-act=attempt]")),
    Shown("case-stop", "/cases/{cases[scene]}", after=click("[data-act=stop]")),
    Shown("case-stop-wrong", "/cases/{cases[scene]}", after=click("[data-act=stop]", "[data-act=record]")),
    Shown("case-ask", "/cases/{cases[scene]}", after=opened("[data-act=ask]")),
    Shown("case-recall", "/cases/{cases[way]}", after=opened("[data-act=recall]")),
    Shown("case-close", "/cases/{cases[way]}", after=opened("[data-act=close]")),
    Shown(
        "case-close-doubts",
        "/cases/{cases[way]}",
        after=both(opened("[data-act=close]"), click(".el-dialog:visible .el-radio", "[data-act=closeNow]")),
    ),
    Shown("case-hand-over", "/cases/{cases[held]}", officer=WANG, after=opened("[data-act=handOver]")),
    Shown("case-reopen", "/cases/{cases[closed]}", after=opened("[data-act=reopen]")),
    Shown("case-unmask", "/cases/{cases[scene]}", after=opened("[data-act=unmask]")),
    Shown(
        "case-unmasked",
        "/cases/{cases[scene]}",
        after=both(
            opened("[data-act=unmask]"),
            click(".el-dialog:visible .quick button"),
            lambda page: page.locator("[data-act=mask]").wait_for(),
        ),
    ),
)

_OTHERS: Sequence[Shown] = (
    Shown("records", "/records"),
    Shown("records-empty", "/records", before=quiet_night),
    Shown("records-loading", "/records", before=waits("/api/cases?")),
    Shown("records-fault", "/records", before=fails("**/api/cases?*"), troubles=("503 GET .*/api/cases",)),
    Shown("people", "/people"),
    Shown("people-light", "/people", before=light),
    Shown("people-empty", "/people", before=quiet_night),
    Shown("people-admin", "/people", officer=SUN, line=""),
    Shown("people-fault", "/people", officer=SUN, line="", before=fails("**/api/volunteers*"), troubles=("503 GET",)),
    Shown("inbox", "/inbox"),
    Shown(
        "inbox-unmasked",
        "/inbox",
        after=both(click("[data-act=unmask]"), lambda page: page.locator("li.text a[href^='tel:']").wait_for()),
    ),
    Shown("inbox-empty", "/inbox", before=quiet_night),
    Shown("inbox-loading", "/inbox", before=waits("/api/inbox")),
    Shown("inbox-fault", "/inbox", before=fails("**/api/inbox*"), troubles=("503 GET .*/api/inbox",)),
    Shown("alarms", "/alarms"),
    Shown("alarms-light", "/alarms", before=light),
    Shown("alarms-empty", "/alarms", before=quiet_night),
    Shown("alarms-fault", "/alarms", before=fails("**/api/alarms*"), troubles=("503 GET .*/api/alarms",)),
    Shown("missing", "/nowhere"),
)

_TASK = "/t/{tokens[%s]}?lang={language}"
_SURE = "details.sure summary"

_OUTSIDE: Sequence[Shown] = (
    Shown("task-asked", _TASK % "asked", officer=None),
    Shown("task-asked-sure", _TASK % "asked", officer=None, after=click(_SURE)),
    Shown("task-late", _TASK % "late", officer=None),
    Shown("task-way", _TASK % "way", officer=None),
    Shown("task-said", _TASK % "way" + "&said=accept", officer=None),
    Shown("task-not-counted", _TASK % "way" + "&said=nothing", officer=None),
    Shown("task-door", _TASK % "door", officer=None),
    Shown("task-door-light", _TASK % "door", officer=None, before=light),
    Shown("task-door-sure", _TASK % "door", officer=None, after=click(_SURE, f"{_SURE} >> nth=1")),
    Shown("task-over", _TASK % "over", officer=None),
    Shown("task-none", "/t/none?lang={language}", officer=None, troubles=("404 GET .*/t/none",)),
    Shown("check", "/check?lang={language}", officer=None),
    Shown("check-yes", "/check?lang={language}", officer=None, before=checked(Answer.YES), after=ask_for_a_code),
    Shown("check-no", "/check?lang={language}", officer=None, before=checked(Answer.NO), after=ask_for_a_code),
    Shown(
        "check-too-many",
        "/check?lang={language}",
        officer=None,
        before=checked(Answer.TOO_MANY, 429),
        after=ask_for_a_code,
        troubles=("429 POST .*/check",),
    ),
    Shown("phones", "{phones}/", officer=None, idle=False),
)

PAGES: Sequence[Shown] = (*_DOOR, *_DESK, *_LEVELS, *_CASES, *_OTHERS, *_OUTSIDE)
