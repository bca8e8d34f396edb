"""Status callbacks and texts from handsets reach the service signed, in order, and again when it fails."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from simulator.handset import Exchange
from tests.simulator.conftest import Service

VEST = "+8613800000101"
Until = Callable[[Callable[[], bool]], None]


def send(client: Any, exchange: Exchange, service: Service, body: str = "你好") -> str:
    callback = f"{service.url}/status?message=m-1&x=%E4%B8%AD"
    return str(client.messages.create(to=VEST, from_=exchange.number, body=body, status_callback=callback).sid)


def test_a_message_is_reported_from_queued_to_delivered(
    client: Any, exchange: Exchange, service: Service, until: Until
) -> None:
    sid = send(client, exchange, service)
    until(lambda: len(service.statuses()) == 3)
    assert service.statuses() == ["queued", "sent", "delivered"]
    first = service.forms("/status?message=m-1")[0]
    assert first["MessageSid"] == first["SmsSid"] == sid
    assert (first["To"], first["From"]) == (VEST, exchange.number)
    assert (first["AccountSid"], first["ApiVersion"]) == (exchange.account_sid, "2010-04-01")
    assert "ErrorCode" not in first


def test_a_callback_is_repeated_while_the_service_fails(
    client: Any, exchange: Exchange, service: Service, until: Until
) -> None:
    service.answers = [503, 500]
    send(client, exchange, service)
    until(lambda: len(service.statuses()) == 5)
    assert service.statuses() == ["queued", "queued", "queued", "sent", "delivered"]


def test_a_callback_that_is_refused_is_not_repeated(
    client: Any, exchange: Exchange, service: Service, until: Until
) -> None:
    service.answers = [403]
    send(client, exchange, service)
    until(lambda: "delivered" in service.statuses())
    assert service.statuses() == ["queued", "sent", "delivered"]


def test_a_text_from_a_handset_is_posted_signed(exchange: Exchange, service: Service, until: Until) -> None:
    sid = exchange.phone(VEST).reply("1K73 好 😀")
    until(lambda: bool(service.forms("/inbound")))
    (form,) = service.forms("/inbound")
    assert (form["MessageSid"], form["From"], form["To"]) == (sid, VEST, exchange.number)
    assert (form["Body"], form["NumMedia"], form["SmsStatus"]) == ("1K73 好 😀", "0", "received")
    until(lambda: exchange.phone(VEST).texts()[0].webhook == 200)


def test_a_text_waits_for_a_service_that_is_down(exchange: Exchange, service: Service, until: Until) -> None:
    service.answers = [502]
    exchange.phone(VEST).reply("1K73")
    until(lambda: len(service.forms("/inbound")) == 2)
    assert len({form["MessageSid"] for form in service.forms("/inbound")}) == 1


def test_a_dead_address_hurts_nobody(client: Any, exchange: Exchange, until: Until) -> None:
    exchange.post_inbound_to("http://127.0.0.1:1/inbound")
    exchange.phone(VEST).reply("1K73")
    until(lambda: exchange.phone(VEST).texts()[0].webhook == 0)
    client.messages.create(to=VEST, from_=exchange.number, body="还在", status_callback="http://127.0.0.1:1/s")
    exchange.phone(VEST).expect_sms("还在")


class TestTwiliosOwnWords:
    def test_stop_blocks_until_start(self, client: Any, exchange: Exchange, service: Service, until: Until) -> None:
        phone = exchange.phone(VEST)
        phone.reply(" stop ")
        phone.expect_sms("unsubscribed")
        with pytest.raises(Exception, match="unsubscribed recipient") as caught:
            send(client, exchange, service)
        assert (caught.value.status, caught.value.code) == (400, 21610)  # type: ignore[attr-defined]
        phone.reply("START")
        phone.expect_sms("re-subscribed")
        send(client, exchange, service)
        phone.expect_sms("你好")
        until(lambda: [form["Body"] for form in service.forms("/inbound")] == [" stop ", "START"])
        exchange.expect_nothing_else()

    @pytest.mark.parametrize("word", ["STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"])
    def test_every_word_that_stops(self, exchange: Exchange, word: str) -> None:
        exchange.phone(VEST).reply(word)
        exchange.phone(VEST).expect_sms("unsubscribed")

    @pytest.mark.parametrize("word", ["HELP", "Info"])
    def test_help_is_answered(self, exchange: Exchange, word: str) -> None:
        exchange.phone(VEST).reply(word)
        exchange.phone(VEST).expect_sms("Reply STOP")

    @pytest.mark.parametrize("body", ["STOP please", "yes", "1K73", "停"])
    def test_other_texts_are_not(self, exchange: Exchange, body: str) -> None:
        exchange.phone(VEST).reply(body)
        exchange.expect_nothing_else()


@pytest.mark.parametrize(
    ("phone", "body", "status"),
    [("+8613800000101", {"body": ""}, 422), ("12", {"body": "x"}, 422), ("+8613800000101", {"text": "x"}, 422)],
)
def test_an_odd_text_is_refused(exchange: Exchange, phone: str, body: dict[str, str], status: int) -> None:
    answer = httpx.post(f"{exchange.url}/control/handsets/{phone}/send", json=body, trust_env=False)
    assert answer.status_code == status
    assert exchange.texts() == []
