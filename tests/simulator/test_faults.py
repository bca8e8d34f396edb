"""Everything that can go wrong on the way to a phone, on command."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from requests.exceptions import ReadTimeout
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]

from simulator.exchange.faults import Fault, FaultBook
from simulator.handset import Exchange
from tests.simulator.conftest import Service, client_of

VEST, OTHER = "+8613800000101", "+8613800000102"
Until = Callable[[Callable[[], bool]], None]


def send(client: Any, exchange: Exchange, service: Service | None = None, to: str = VEST) -> Any:
    callback = {"status_callback": f"{service.url}/status"} if service else {}
    return client.messages.create(to=to, from_=exchange.number, body="你好", **callback)


def fails(client: Any, exchange: Exchange) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        send(client, exchange)
    return caught.value.status, caught.value.code


def test_a_refusal_takes_nothing_and_ends_after_its_times(client: Any, exchange: Exchange) -> None:
    exchange.fault(VEST, refuse={"status": 429, "code": 20429, "retry_after": 1}, times=2)
    assert fails(client, exchange) == (429, 20429)
    send(client, exchange, to=OTHER)
    assert fails(client, exchange) == (429, 20429)
    send(client, exchange)
    assert [text.phone for text in exchange.texts()] == [OTHER, VEST]


def test_a_refusal_says_when_to_come_again(exchange: Exchange) -> None:
    exchange.fault(refuse={"retry_after": 7})
    answer = httpx.post(
        f"{exchange.url}/2010-04-01/Accounts/{exchange.account_sid}/Messages.json",
        data={"To": VEST, "From": exchange.number, "Body": "x"},
        auth=(exchange.account_sid, exchange.auth_token),
        trust_env=False,
    )
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json() == {
        "code": 20429,
        "message": "Too Many Requests",
        "more_info": "https://www.twilio.com/docs/errors/20429",
        "status": 429,
    }


def test_accept_then_500_delivers_all_the_same(client: Any, exchange: Exchange) -> None:
    exchange.fault(VEST, accept_then_500=True, times=1)
    assert fails(client, exchange)[0] == 500
    exchange.phone(VEST).expect_sms("你好")
    assert len(client.messages.list(to=VEST)) == 1


@pytest.mark.parametrize("taken", [True, False])
def test_a_caller_that_is_left_hanging_does_not_know(exchange: Exchange, taken: bool) -> None:
    exchange.fault(VEST, hang_seconds=2, taken=taken)
    hasty = client_of(exchange, timeout=0.3)
    with pytest.raises(ReadTimeout):
        send(hasty, exchange)
    hasty.http_client.session.close()
    assert len(exchange.texts()) == taken


def test_a_slow_answer_is_still_an_answer(client: Any, exchange: Exchange) -> None:
    exchange.fault(delay_ms=50, deliver_after_ms=50)
    assert send(client, exchange).status == "queued"
    exchange.phone(VEST).expect_sms("你好")


def test_a_number_that_is_never_reported_still_gets_its_texts(
    client: Any, exchange: Exchange, service: Service, until: Until
) -> None:
    exchange.fault(VEST, never_report=True)
    send(client, exchange, service)
    exchange.phone(VEST).expect_sms("你好")
    send(client, exchange, service, to=OTHER)
    until(lambda: len(service.statuses()) == 3)
    assert {form["To"] for form in service.forms("/status")} == {OTHER}


def test_callbacks_come_several_times(client: Any, exchange: Exchange, service: Service, until: Until) -> None:
    exchange.fault(VEST, repeat_callbacks=2)
    send(client, exchange, service)
    until(lambda: len(service.statuses()) == 6)
    assert service.statuses() == ["queued", "queued", "sent", "sent", "delivered", "delivered"]
    exchange.phone(VEST).reply("1K73")
    until(lambda: len(service.forms("/inbound")) == 2)


def test_callbacks_come_last_first(client: Any, exchange: Exchange, service: Service, until: Until) -> None:
    exchange.fault(VEST, reorder_callbacks=True)
    send(client, exchange, service)
    until(lambda: len(service.statuses()) == 3)
    assert service.statuses() == ["delivered", "sent", "queued"]


def test_callbacks_come_before_the_answer(client: Any, exchange: Exchange, service: Service) -> None:
    exchange.fault(VEST, callbacks_first=True)
    send(client, exchange, service)
    assert service.statuses() == ["queued", "sent", "delivered"]


@pytest.mark.parametrize(
    ("fault", "statuses", "code"),
    [
        ({"outcome": "undelivered", "error_code": 30005}, ["queued", "sent", "undelivered"], "30005"),
        ({"outcome": "failed", "error_code": 30007}, ["queued", "failed"], "30007"),
        ({"outcome": "failed"}, ["queued", "failed"], "30008"),
        ({"phone_off": True}, ["queued", "sent", "undelivered"], "30003"),
    ],
)
def test_a_text_that_does_not_arrive(
    client: Any,
    exchange: Exchange,
    service: Service,
    until: Until,
    fault: dict[str, Any],
    statuses: list[str],
    code: str,
) -> None:
    exchange.fault(VEST, **fault)
    sid = send(client, exchange, service).sid
    until(lambda: len(service.statuses()) == len(statuses))
    assert service.statuses() == statuses
    assert service.forms("/status")[-1]["ErrorCode"] == code
    fetched = client.messages(sid).fetch()
    assert (fetched.status, str(fetched.error_code)) == (statuses[-1], code)
    exchange.expect_nothing_else()


def test_a_phone_that_is_off_sends_nothing_until_it_is_on(exchange: Exchange) -> None:
    phone = exchange.phone(VEST)
    phone.switch_off()
    with pytest.raises(httpx.HTTPStatusError, match="off"):
        phone.reply("1K73")
    phone.switch_on()
    phone.reply("1K73")
    assert [text.body for text in phone.texts()] == ["1K73"]


def test_a_reset_forgets_texts_faults_and_opt_outs(client: Any, exchange: Exchange) -> None:
    exchange.fault(VEST, phone_off=True)
    exchange.phone(OTHER).reply("STOP")
    exchange.reset()
    assert exchange.texts() == []
    send(client, exchange)
    send(client, exchange, to=OTHER)
    exchange.phone(VEST).expect_sms("你好")
    exchange.phone(OTHER).expect_sms("你好")


def test_faults_in_force_are_listed(exchange: Exchange) -> None:
    exchange.control("faults", [{"phone": VEST, "phone_off": True}, {"delay_ms": 5, "times": 3}])
    listed = httpx.get(f"{exchange.url}/control/faults", trust_env=False).json()["faults"]
    assert listed == [{"phone": VEST, "phone_off": True}, {"times": 3, "delay_ms": 5}]


@pytest.mark.parametrize("fault", [{"phone": "12"}, {"delay": 3}, {"error_code": 30003}, {"repeat_callbacks": 0}])
def test_a_fault_that_makes_no_sense_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Fault(**fault)


def test_a_numbers_own_fault_comes_before_the_general_one() -> None:
    book = FaultBook()
    book.put(Fault(delay_ms=1))
    book.put(Fault(phone=VEST, delay_ms=2, times=1))
    assert [book.take(VEST).delay_ms for _ in range(2)] == [2, 1]
    assert book.take(OTHER).delay_ms == 1
