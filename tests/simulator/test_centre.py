"""The centre signs what it sends, insists as the contract allows, and checks what it is told."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from standardwebhooks import Webhook

from simulator.alerts import FRAUD_TYPES, LEVELS, liutang, made_up
from simulator.centre import Centre, FeedbackReceiver
from simulator.serving import Served

SECRET = "whsec_" + "bWFkZS11cC1zZWNyZXQtb2YtdGhlLXRlc3Rz"
NOW = datetime(2026, 4, 29, 8, 0, tzinfo=UTC)


class Intake:
    """A service that checks the signature and answers as told, 202 when told nothing."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Any]] = []
        self.answers: list[Response] = []
        self.app = FastAPI()
        self.app.state.on_stop = lambda: None
        self.app.post("/hooks/city/alerts")(self.take)

    async def take(self, request: Request) -> Response:
        order = Webhook(SECRET).verify(await request.body(), dict(request.headers))
        self.taken.append((request.headers["webhook-id"], order))
        if self.answers:
            return self.answers.pop(0)
        return JSONResponse({"alert_id": "a", "case_id": "c", "duplicate": False}, 202)


@pytest.fixture
def pauses() -> list[float]:
    return []


def test_an_order_is_signed_and_taken() -> None:
    intake = Intake()
    order = liutang(NOW, "BA-20260429-0017", "440306-LT")
    with Served(intake.app) as served, Centre(served.url, "city", SECRET) as centre:
        receipt = centre.send_alert(order)
    assert (receipt.status, receipt.case_id, receipt.attempts) == (202, "c", 1)
    ((_, body),) = intake.taken
    assert (body["type"], body["data"]) == ("alert.raised", order)


def test_429_and_503_are_tried_again_under_the_same_id(pauses: list[float]) -> None:
    intake = Intake()
    intake.answers = [Response(status_code=429, headers={"Retry-After": "3"}), Response(status_code=503)]
    with Served(intake.app) as served, Centre(served.url, "city", SECRET) as centre:
        receipt = centre.send_alert({"alert_no": "BA-1"}, pause=pauses.append)
    assert (receipt.status, receipt.attempts) == (202, 3)
    assert {webhook_id for webhook_id, _ in intake.taken} == {receipt.webhook_id}
    assert pauses == [3.0, 1.0]


@pytest.mark.parametrize("status", [401, 404, 409, 413, 422, 500])
def test_other_answers_are_final(pauses: list[float], status: int) -> None:
    intake = Intake()
    intake.answers = [Response(status_code=status)]
    with Served(intake.app) as served, Centre(served.url, "city", SECRET) as centre:
        assert centre.send_alert({"alert_no": "BA-1"}, pause=pauses.append).status == status
    assert pauses == []


def test_a_service_that_is_not_there_is_told_in_the_end(pauses: list[float]) -> None:
    with Centre("http://127.0.0.1:1", "city", SECRET, attempts=3) as centre, pytest.raises(httpx.ConnectError):
        centre.send_alert({"alert_no": "BA-1"}, pause=pauses.append)
    assert len(pauses) == 2


def test_a_withdrawal_carries_number_and_reason() -> None:
    intake = Intake()
    with Served(intake.app) as served, Centre(served.url, "city", SECRET) as centre:
        centre.withdraw("BA-1", "误报")
    assert intake.taken[0][1]["type"] == "alert.withdrawn"
    assert intake.taken[0][1]["data"] == {"alert_no": "BA-1", "reason": "误报"}


def signed(secret: str, body: str) -> dict[str, str]:
    now = datetime.now(UTC)
    stamp = str(int(now.timestamp()))
    signature = Webhook(secret).sign("msg_1", now, body)
    return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signature}


class TestFeedback:
    def test_signed_feedback_is_taken(self) -> None:
        body = json.dumps({"type": "case.opened", "data": {"case": "c"}})
        with FeedbackReceiver(SECRET) as receiver:
            answer = httpx.post(receiver.feedback_url, content=body, headers=signed(SECRET, body), trust_env=False)
            assert answer.status_code == 204
            assert receiver.desk.accepted("case.opened") == [json.loads(body)]
            listed = httpx.get(f"{receiver.url}/control/feedback", trust_env=False).json()["received"]
            assert [item["webhook_id"] for item in listed] == ["msg_1"]

    def test_the_page_shows_what_the_centre_was_told_and_nothing_as_markup(self) -> None:
        told = {"type": "case.closed", "data": {"case": "<b>c</b>", "alert_nos": ["BA-1"], "by": "officer"}}
        body = json.dumps(told | {"data": {**told["data"], "disposition": "dissuaded"}})
        with FeedbackReceiver(SECRET) as receiver:
            assert "还没有收到反馈" in httpx.get(receiver.url, trust_env=False).text
            httpx.post(receiver.feedback_url, content=body, headers=signed(SECRET, body), trust_env=False)
            httpx.post(receiver.feedback_url, content=body, headers=signed("whsec_" + "eA" * 16, body), trust_env=False)
            page = httpx.get(receiver.url, trust_env=False).text
        assert "已结案 case.closed · dissuaded" in page
        assert "&lt;b&gt;c&lt;/b&gt;" in page
        assert "<b>" not in page
        assert page.count("valid") == 1
        assert '<td class="no">401</td>' in page

    def test_a_port_in_use_is_no_reason_to_listen_nowhere(self) -> None:
        with FeedbackReceiver(SECRET) as first:
            port = int(first.url.rpartition(":")[2])
            with FeedbackReceiver(SECRET, port) as second:
                assert second.url != first.url

    @pytest.mark.parametrize(
        "headers",
        [{}, signed("whsec_" + "eA" * 16, "{}"), signed(SECRET, "{}") | {"webhook-signature": "odd"}],
    )
    def test_forged_feedback_is_refused_and_noted(self, headers: dict[str, str]) -> None:
        with FeedbackReceiver(SECRET) as receiver:
            assert httpx.post(receiver.feedback_url, content="{}", headers=headers, trust_env=False).status_code == 401
            assert receiver.desk.accepted() == []
            assert len(receiver.desk.received) == 1

    def test_the_receiver_fails_on_command(self) -> None:
        body = '{"type": "case.closed"}'
        with FeedbackReceiver(SECRET) as receiver:
            fault = {"status": 503, "times": 2}
            httpx.post(f"{receiver.url}/control/feedback/fault", json=fault, trust_env=False).raise_for_status()
            statuses = [
                httpx.post(receiver.feedback_url, content=body, headers=signed(SECRET, body), trust_env=False)
                for _ in range(3)
            ]
            assert [answer.status_code for answer in statuses] == [503, 503, 204]
            assert len(receiver.desk.accepted()) == 1


@pytest.fixture
def luck() -> Callable[[int], random.Random]:
    return random.Random


def test_orders_are_of_the_contracts_shape(luck: Callable[[int], random.Random]) -> None:
    for seed in range(200):
        order = made_up(luck(seed), NOW, f"BA-{seed}", "440306-LT")
        assert order["level"] in LEVELS
        assert order["kind"] in {"fund", "contact"}
        assert order.get("fraud_type", "romance") in FRAUD_TYPES
        assert order["resident"]["name"][1] == "某"
        assert order["resident"]["phone"].startswith("+86")
        place = order["resident"].get("location")
        if place:
            assert 113.84 < place["lon"] < 113.92
            assert 22.55 < place["lat"] < 22.61
            assert place["crs"] in {"wgs84", "gcj02"}
        assert ("money" in order) == (order["kind"] == "fund")


def test_the_same_seed_makes_the_same_order(luck: Callable[[int], random.Random]) -> None:
    assert made_up(luck(7), NOW, "BA", "S") == made_up(luck(7), NOW, "BA", "S")
    assert made_up(luck(7), NOW, "BA", "S") != made_up(luck(8), NOW, "BA", "S")
