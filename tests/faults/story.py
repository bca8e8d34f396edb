"""One order to one acceptance, told so that something may go wrong at named moments of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
from websockets.exceptions import WebSocketException

from simulator.centre import Centre
from simulator.codes import offer_code
from simulator.handset import Exchange, Text
from tests.line.console import ConsoleClient
from tests.line.people import order, vests
from tests.line.processes import until
from tests.line.service import SOURCE, RunningService

TEAM = 5
"""On duty in each story: three are asked at once, two more can be."""
TAKEN, SENDING, ANSWERED = "order taken", "texts being sent", "answer on its way"
MOMENTS = (TAKEN, SENDING, ANSWERED)
_SLOW_MS = 700
_CLOSING = "不用去了"

Fault = Callable[[], None]


@dataclass
class Station:
    """A running service whose roster has a team for each story, nobody of them on duty."""

    service: RunningService
    provider: Exchange
    secret: str
    console: ConsoleClient
    numbers: "count[int]" = field(default_factory=count)

    def snapshot(self) -> dict[str, Any]:
        """What a console sees that starts now; it comes again while there is no web to answer it."""
        seen: list[dict[str, Any]] = []

        def looked() -> bool:
            try:
                seen.append(self.console.snapshot())
            except (OSError, WebSocketException):
                return False
            return True

        until(looked, "a console can start")
        return seen[0]

    def on_duty(self) -> int:
        """How many volunteers are."""
        return sum(person["on_duty"] for person in self.snapshot()["volunteers"])

    def texts(self, *states: str) -> int:
        """How many texts stand so in the service's own books."""
        with self.service.sql() as connection:
            row = connection.execute("SELECT count(*) FROM messages WHERE state = ANY(%s)", [list(states)]).fetchone()
        return int(row[0]) if row else 0


def tell(station: Station, faults: Mapping[str, Fault], *, receipts: bool = True) -> None:
    """The story, with a fault at some of its moments; fails unless it ends as it always must.

    Without `receipts` the provider tells nobody what became of a text.
    """
    number = next(station.numbers)
    team = vests(TEAM, TEAM * number)
    try:
        report_for_duty(station, team, digit=8)
        station.provider.fault(delay_ms=_SLOW_MS if SENDING in faults else 0, never_report=not receipts)
        tell_with(station, number, team, faults)
    finally:
        go_home(station, team)


def tell_with(station: Station, number: int, team: list[str], faults: Mapping[str, Fault]) -> None:
    case_id = send_order(station, number)
    faults.get(TAKEN, _nothing)()
    if SENDING in faults:
        until(lambda: station.texts("sending") > 0, "a text is being sent")
        faults[SENDING]()
    until(lambda: bool(offers(station, team)), "somebody is asked")
    first = offers(station, team)[0]
    station.provider.phone(first.phone).reply(f"1{offer_code(first.body)}")
    faults.get(ANSWERED, _nothing)()
    one_case_one_task(station, case_id)
    one_text_a_person(station, team, first.phone)


def report_for_duty(station: Station, team: list[str], digit: int) -> None:
    """8 and 9 by text, as people do; everybody else of the roster is off duty."""
    for phone in team:
        station.provider.phone(phone).reply(str(digit))
    until(lambda: station.on_duty() == (TEAM if digit == 8 else 0), f"all have written {digit}")


def send_order(station: Station, number: int) -> str:
    with Centre(station.service.url, SOURCE, station.secret, attempts=20) as centre:
        answer = centre.send_alert(order(number, phone=f"+861351235{number:04d}"))
    assert answer.status in {200, 202}, answer
    return str(answer.case_id)


def offers(station: Station, team: list[str]) -> list[Text]:
    """The offers that the provider took for the team, in order."""
    return [text for text in station.provider.texts() if text.phone in team and _is_offer(text)]


def one_case_one_task(station: Station, case_id: str) -> None:
    until(lambda: [case["state"] for case in station.snapshot()["cases"]] == ["accepted"], "one case, accepted")
    seen = station.snapshot()
    assert [case["id"] for case in seen["cases"]] == [case_id]
    states = [offer["state"] for offer in seen["cases"][0]["offers"]]
    assert states.count("accepted") == 1, states
    assert not {"queued", "sent", "delivered"} & set(states), "somebody is still asked"
    assert [person["task"] for person in seen["volunteers"] if person["task"]] == [case_id]


def one_text_a_person(station: Station, team: list[str], winner: str) -> None:
    """Whoever was asked was asked once, and told once that it is over, except the one who goes."""

    def closings() -> list[str]:
        texts = [text for text in station.provider.texts() if text.phone in team and text.direction != "inbound"]
        assert all(_is_offer(text) or _CLOSING in text.body for text in texts), texts
        return sorted(text.phone for text in texts if _CLOSING in text.body)

    others = sorted(text.phone for text in offers(station, team) if text.phone != winner)
    until(lambda: len(closings()) >= len(others), "the others are told")
    until(lambda: station.texts("queued", "sending", "unknown") == 0, "nothing is under way any more")
    asked = sorted(text.phone for text in offers(station, team))
    assert asked == sorted({*others, winner}), "each was asked once"
    assert closings() == others, "each of the others was told once"


def go_home(station: Station, team: list[str]) -> None:
    """The next story finds an empty station, however this one ended."""

    def closed() -> bool:
        left = station.snapshot()["cases"]
        try:
            for case in left:
                station.console.post(f"/cases/{case['id']}/close", disposition="dissuaded", reason="测试结束")
        except (httpx.TransportError, AssertionError):
            return False  # the part that answers is being started again
        return not left

    until(closed, "no case is open")
    report_for_duty(station, team, digit=9)


def _is_offer(text: Text) -> bool:
    return text.direction != "inbound" and offer_code(text.body) is not None and "接单" in text.body


def _nothing() -> None:
    return
