"""What brings a page into one of its states: answers that are made up for it, and what a hand does there."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup
from playwright.sync_api import Page, Route, WebSocketRoute

from dispatcher.model import Place, PlaceKind
from dispatcher.policy import read_looks
from dispatcher.policy_file import read_policy_file
from web.resident.rendering import Answer, check_page
from web.volunteer.frame import HEADERS

Act = Callable[[Page], object]

STATION = Place(
    code="440306-LT",
    kind=PlaceKind.STATION,
    name="流塘派出所",
    name_en="Liutang police station",
    phone="+8675500000110",
)
SENT: Mapping[str, str] = {
    "zh": "流塘派出所在 16:05 派蓝马甲队员 <span class='one'>陈**</span> 去流塘社区。",
    "en": "Liutang police station has sent a blue vest, <span class='one'>陈**</span>, at 16:05, to Liutang community.",
}
KEEP_THE_LINE = """
const Line = window.WebSocket
window.WebSocket = class extends Line {
  constructor(...of) {
    super(...of)
    if (window.lineIsCut) this.close()
    window.line = this
  }
}
"""
NEVER_ANSWER = """
const ask = window.fetch
window.fetch = (...what) => (String(what[0]).includes(%s) ? new Promise(() => {}) : ask(...what))
"""


def click(*selectors: str) -> Act:
    """Click these in turn."""

    def act(page: Page) -> None:
        for selector in selectors:
            page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")

    return act


def opened(*selectors: str) -> Act:
    """Click these in turn, until a dialog stands there."""

    def act(page: Page) -> None:
        click(*selectors)(page)
        page.locator(".el-dialog:visible").wait_for()

    return act


def chosen_in_menu(place: int) -> Act:
    """Choose a line of the officer's menu, counted from 0 at its role; it leads to a dialog."""
    return opened("header .me", f".el-dropdown-menu:visible .el-dropdown-menu__item >> nth={place}")


def pressed(key: str) -> Act:
    """Press a key on the page itself."""

    def act(page: Page) -> None:
        page.keyboard.press(key)
        page.locator(".el-dialog:visible").wait_for()

    return act


def typed(selector: str, text: str) -> Act:
    """Type into a field."""
    return lambda page: page.locator(selector).first.fill(text)


def both(*acts: Act) -> Act:
    """One after the other."""

    def act(page: Page) -> None:
        for one in acts:
            one(page)

    return act


def light(page: Page) -> None:
    """A machine whose screens are light."""
    page.emulate_media(color_scheme="light")


def answers(path: str, body: object, status: int = 200, method: str | None = None) -> Act:
    """The service answers this, whatever is true."""

    def answer(route: Route) -> None:
        if method and route.request.method != method:
            route.fallback()
        else:
            route.fulfill(status=status, content_type="application/json", body=json.dumps(body))

    return lambda page: page.route(path, answer)


def fails(path: str) -> Act:
    """The service cannot do it now."""
    problem = {"title": "Service Unavailable", "detail": "the database is away", "status": 503}
    return answers(path, problem, 503)


def waits(path: str) -> Act:
    """The service has not answered yet what is asked for at an address with this in it."""
    return lambda page: page.add_init_script(NEVER_ANSWER % json.dumps(path))


def no_line(page: Page) -> None:
    """The live feed has begun and said nothing."""
    page.route_web_socket("**/ws/console*", lambda _: None)


def quiet_night(page: Page) -> None:
    """A station without cases, people, texts and alarms."""

    def relay(line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        def tell(frame: str | bytes) -> None:
            told: dict[str, Any] = json.loads(frame)
            if told["type"] == "snapshot":
                told |= {"cases": [], "volunteers": []}
            line.send(json.dumps(told))

        server.on_message(tell)

    page.route_web_socket("**/ws/console*", relay)
    answers("**/api/cases?*", {"cases": [], "total": 0, "next": None})(page)
    for many in ("alarms", "inbox", "volunteers"):
        answers(f"**/api/{many}*", [])(page)


def line_kept(page: Page) -> None:
    """Remember the line to the service, to cut it later."""
    page.add_init_script(KEEP_THE_LINE)


def line_cut(page: Page) -> None:
    """Cut the line, and every new one."""
    page.evaluate("window.lineIsCut = true; window.line.close()")
    page.locator("[data-line=lost]").first.wait_for(state="attached")


def nearly_idle(page: Page) -> None:
    """The session ends in less than five minutes."""

    def answer(route: Route) -> None:
        came = route.fetch()
        route.fulfill(response=came, json=came.json() | {"idle_minutes": 4})

    page.route("**/api/session", answer)


def levels_named(policy: str) -> Act:
    """The station's policy file names the levels and colours them."""
    looks = read_looks(read_policy_file(policy.encode()))
    told = {STATION.code: {level.value: look.model_dump(mode="json") for level, look in looks.items()}}

    def answer(route: Route) -> None:
        came = route.fetch()
        route.fulfill(response=came, json=came.json() | {"levels": told})

    return lambda page: page.route("**/api/session", answer)


def signing_in(body: object, status: int) -> Act:
    """Nobody is signed in, and whoever tries is answered this."""
    return both(
        answers("**/api/session", {"detail": "sign in first", "status": 401}, 401, "GET"),
        answers("**/api/session", body, status, "POST"),
        answers(
            "**/api/session/totp",
            {
                "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
                "otpauth_url": "otpauth://totp/bluevest:li.na?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=bluevest",
            },
        ),
    )


WHOEVER: Mapping[str, object] = {
    "name": "li.na",
    "role": "duty",
    "place": STATION.code,
    "stations": [STATION.code],
    "permissions": [],
    "needs_enrolment": True,
    "idle_minutes": 30,
}
try_to_sign_in = both(
    typed("#name", "li.na"), typed("#password", "not the password"), click("form button[type=submit]")
)


def checked(answer: Answer, status: int = 200) -> Act:
    """The public page's answer to a code, from its own template."""

    def fulfil(route: Route) -> None:
        if route.request.method != "POST":
            route.fallback()
            return
        lang = "en" if "lang=en" in (route.request.post_data or "") else "zh"
        sent = Markup(SENT[lang]) if answer is Answer.YES else None  # our own words
        page = check_page([STATION], lang, simulated=True, answer=answer, sent=sent)
        route.fulfill(status=status, content_type="text/html; charset=utf-8", headers=dict(HEADERS), body=page)

    return lambda page: page.route("**/check", fulfil)


ask_for_a_code = both(typed("#code", "123456"), click("button.main"))
