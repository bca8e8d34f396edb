"""A small world that stands still: a night at Liutang's desk with one case of each kind, made through the public doors.

Nobody's time to answer runs out while somebody looks at it. Made-up people, streets and numbers.
"""

import json
import re
import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import httpx
from playwright.sync_api import StorageState, StorageStateCookie

from simulator.alerts import liutang
from simulator.centre import Centre
from simulator.officer import Officer
from simulator.stories.stage import Asked, Stage
from tests.line.service import SOURCE, STATION, Command, RunningService, new_officer

POLICY: Mapping[str, dict[str, Any]] = {
    "levels": {
        "extreme": {"answer_s": 3600},
        "high": {"answer_s": 3600},
        "medium": {"answer_s": 3600, "wave": 1},
        "low": {"answer_s": 3600, "wave": 1},
    }
}
STRANGER = "+8613655009999"
LI, WANG, ZHAO, HE, SUN = "li.na", "wang.wei", "zhao.min", "he.jing", "sun.bo"
ROLES: Mapping[str, str] = {LI: "duty", WANG: "duty", ZHAO: "chief", HE: "auditor", SUN: "admin"}
_LINK = re.compile(r"/t/([\w-]+)")
_PEOPLE = (
    ("陈志明", "vest", "流塘社区", True),
    ("李秀英", "vest", "流塘社区", True),
    ("张建国", "vest", "桃源社区", True),
    ("黄丽华", "grid_worker", "桃源社区", True),
    ("何国强", "vest", "西乡社区", True),
    ("林美玲", "vest", "龙珠社区", False),
    ("吴伟", "auxiliary", "流塘社区", False),
    ("刘小芳", "guard", "河东社区", False),
    ("罗永辉", "police", "流塘社区", False),
)


def phone(number: int) -> str:
    """The phone of the person on this line of the roster."""
    return f"+861365500{number:04d}"


@dataclass
class World:
    """What there is to look at: ids of cases and tokens of links, each by what it shows.

    Cases: scene, way, asked, nowhere, nobody, held, closed. Links: asked, way, door, over, late. `passwords` by officer.
    """

    service: RunningService
    passwords: dict[str, str]
    cases: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, StorageState] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The service's address."""
        return self.service.url

    def signed_in(self, officer: str) -> StorageState:
        """What the officer's browser keeps after signing in; one session for all its windows."""
        if officer not in self.sessions:
            self.sessions[officer] = sign_in(self.url, officer, self.passwords[officer])
        return self.sessions[officer]


def sign_in(url: str, name: str, password: str) -> StorageState:
    """Sign in by password over the API; the session's cookie as a browser keeps it."""
    answer = httpx.post(
        f"{url}/api/session", json={"username": name, "password": password}, trust_env=False, timeout=60
    )
    answer.raise_for_status()
    host = answer.url.host
    cookies: list[StorageStateCookie] = [
        {
            "name": cookie,
            "value": value,
            "domain": host,
            "path": "/",
            "expires": -1,
            "httpOnly": True,
            "secure": answer.url.scheme == "https",
            "sameSite": "Strict",
        }
        for cookie, value in answer.cookies.items()
    ]
    return {"cookies": cookies, "origins": []}


def make_world(service: RunningService) -> World:
    """Seed a service that has just started and knows nothing yet."""
    passwords = {name: secrets.token_urlsafe(16) for name in ROLES}
    world = World(service, passwords)
    said = service.commands(
        Command("source", "add", SOURCE),
        Command("demo-places"),
        Command("policy", "set", STATION, stdin=json.dumps(POLICY)),
        service.people(_roster()),
        *(new_officer(name, role, passwords[name]) for name, role in ROLES.items()),
    )
    secret = said[0].strip()
    with _Night(world, secret) as night:
        night.pass_by()
    return world


class _Night:
    """What happens before anybody looks; each method is one case and leaves it where it is to be seen."""

    def __init__(self, world: World, secret: str) -> None:
        self._world = world
        self._doors = ExitStack()
        officers = [Officer(world.url, name, world.passwords[name]) for name in (LI, WANG, ZHAO)]
        centre = Centre(world.url, SOURCE, secret)
        for officer in officers:
            self._doors.enter_context(officer)
        self._doors.enter_context(centre)
        self._li, self._wang, _ = officers
        self._stage = Stage(centre, world.service.provider, officers, station=STATION, run="20260429")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._doors.__exit__(kind, error, trace)

    def pass_by(self) -> None:
        """Five people are on duty: each case in turn occupies one, until nobody is left."""
        self._closed()
        self._scene()
        self._way()
        self._asked()
        self._nowhere()
        self._nobody()
        self._held()
        self._inbox()

    def _closed(self) -> None:
        """Talked out of it, reported by text, closed by the officer."""
        case_id = self._order(
            "closed", 1, level="low", fraud_type="brushing_rebates", summary="加入刷单群,已转一笔小额"
        )
        who = self._take(case_id)
        self._stage.says(case_id, who, 4)
        self._li.close(case_id, "dissuaded", "队员当面劝住,电话复核无误")

    def _scene(self) -> None:
        """Liutang as far as the door: stop-payment, the family, the search; the money moves."""
        case_id = self._send("scene", liutang(datetime.now(UTC), self._number(2), STATION))
        asked = self._stage.asked(case_id)
        who = self._accept(case_id, asked[0])
        for other in asked[1:]:
            self._stage.text(other.phone, "不用去了")
        self._world.tokens["over"] = self._token(asked[1])
        self._li.stop(case_id, whose="own", asked_by="family", bank="工商银行", account="6222000000000000017")
        self._li.stop(case_id, whose="suspect", asked_by="police", bank="建设银行", account="6217000000000000042")
        self._li.contact(case_id, "phone", "no_answer", "占线")
        self._li.contact(case_id, "family", "spoken", "丈夫已接电话,正赶去银行")
        for digit in (3, 5, 6):
            self._stage.says(case_id, who, digit)
        self._send("scene", liutang(datetime.now(UTC), self._number(3), STATION))
        self._world.tokens["door"] = self._token(who)

    def _way(self) -> None:
        """Under way, with a position from the page; then the centre takes the order back."""
        case_id = self._order("way", 4, level="high", fraud_type="fake_customer_service", summary="被要求共享屏幕")
        who = self._take(case_id)
        self._world.tokens["way"] = self._token(who)
        self._share_position(who)
        self._stage.centre.withdraw(self._number(4), "机主称已识破")

    def _asked(self) -> None:
        """Asked, and not answered yet."""
        case_id = self._order("asked", 5, level="medium", fraud_type="fake_investment", summary="在不明平台充值")
        self._world.tokens["asked"] = self._token(self._stage.asked(case_id)[0])

    def _nowhere(self) -> None:
        """Only a phone number: nobody knows where, and a fraud type that is on no list."""
        order = self._made(6, level="low", fraud_type="cheap_flights", summary="机主正与境外号码长时间通话")
        order |= {"kind": "contact", "resident": {"phone": order["resident"]["phone"]}}
        self._stage.asked(self._send("nowhere", order))

    def _nobody(self) -> None:
        """The last one who is free does not answer in time."""
        levels = POLICY["levels"]
        self._answer_within(levels | {"extreme": {"answer_s": 1}})
        case_id = self._order("nobody", 7, level="extreme", fraud_type="impersonating_acquaintance")
        self._world.tokens["late"] = self._token(self._stage.asked(case_id)[0])
        self._answer_within(levels)
        self._stage.until_case(case_id, lambda case: case["state"] == "escalated", "nobody is left")

    def _held(self) -> None:
        """In another officer's hands."""
        case_id = self._order("held", 8, level="high", fraud_type="loan_credit", summary="网贷被要求先交保证金")
        self._wang.hold(case_id)

    def _inbox(self) -> None:
        """Texts nobody guesses at."""
        for number, body in ((phone(0), "电梯坏了,我走楼梯上去"), (phone(1), "?"), (STRANGER, "你们是谁")):
            self._world.service.provider.phone(number).reply(body)
        self._stage.until(lambda: len(self._li.inbox()) >= 3, "three texts in the inbox")

    def _answer_within(self, levels: Mapping[str, Any]) -> None:
        self._world.service.command("policy", "set", STATION, stdin=json.dumps({"levels": levels}))

    def _take(self, case_id: str) -> Asked:
        return self._accept(case_id, self._stage.asked(case_id)[0])

    def _accept(self, case_id: str, who: Asked) -> Asked:
        self._stage.says(case_id, who, 1)
        return who

    def _order(self, name: str, number: int, **what: Any) -> str:
        return self._send(name, self._made(number, **what))

    def _send(self, name: str, order: dict[str, Any]) -> str:
        case_id = self._stage.order(order)
        self._world.cases[name] = case_id
        return case_id

    def _made(self, number: int, **what: Any) -> dict[str, Any]:
        return {
            "alert_no": self._number(number),
            "station": STATION,
            "kind": "fund",
            "occurred_at": (datetime.now(UTC) - timedelta(seconds=90)).isoformat(timespec="seconds"),
            "summary": "对方催促马上转账",
            "resident": {
                "name": f"{'赵钱孙周吴郑冯褚'[number - 1]}某{'华强敏静军洋艳勇'[number - 1]}",
                "phone": f"+861381234{number:04d}",
                "address": f"示例花园{number}栋{number}01",
                "location": {
                    "lon": 113.865 + 0.006 * (number % 4),
                    "lat": 22.57 + 0.005 * (number % 3),
                    "crs": "wgs84",
                },
            },
            **what,
        }

    def _number(self, number: int) -> str:
        return f"BA-20260429-{number:04d}"

    def _token(self, who: Asked) -> str:
        bodies = [text.body for text in self._world.service.provider.texts(who.phone) if who.code in text.body]
        return next(found[1] for body in bodies if (found := _LINK.search(body)))

    def _share_position(self, who: Asked) -> None:
        answer = httpx.post(
            f"{self._world.url}/t/{self._token(who)}/position",
            json={"lon": 113.8735, "lat": 22.5768, "crs": "wgs84"},
            trust_env=False,
            timeout=60,
        )
        answer.raise_for_status()


def _roster() -> str:
    rows = ["name,phone,station,kind,community,team,on_duty"]
    rows += [
        f"{name},{phone(number)},{STATION},{kind},{community},第{number % 3 + 1}队,{'是' if on_duty else '否'}"
        for number, (name, kind, community, on_duty) in enumerate(_PEOPLE)
    ]
    return "\n".join(rows) + "\n"
