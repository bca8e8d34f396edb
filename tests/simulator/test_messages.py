"""The real Twilio SDK talks to the exchange as it would to Twilio."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]

from simulator.handset import Exchange
from tests.simulator.conftest import client_of

VEST = "+8613800000101"
OTHER = "+8613800000102"


def send(client: Any, exchange: Exchange, body: str = "你好", to: str = VEST, **more: Any) -> Any:
    return client.messages.create(to=to, from_=exchange.number, body=body, **more)


def refused(client: Any, **fields: Any) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(**fields)
    return caught.value.status, caught.value.code


def test_a_created_message_is_a_full_resource(client: Any, exchange: Exchange) -> None:
    made = send(client, exchange, "【蓝马甲】特急 K73")
    assert made.sid.startswith("SM")
    assert len(made.sid) == 34
    assert (made.status, made.direction, made.num_segments) == ("queued", "outbound-api", "1")
    assert made.account_sid == exchange.account_sid
    assert abs(datetime.now(UTC) - made.date_created) < timedelta(minutes=5)
    assert exchange.phone(VEST).expect_sms("K73") == "【蓝马甲】特急 K73"


def test_a_message_can_be_fetched_until_it_is_delivered(client: Any, exchange: Exchange) -> None:
    made = send(client, exchange)
    exchange.phone(VEST).expect_sms("你好")
    fetched = client.messages(made.sid).fetch()
    assert (fetched.sid, fetched.status, fetched.body) == (made.sid, "delivered", "你好")
    assert fetched.date_sent is not None


def test_an_unknown_message_is_404(client: Any) -> None:
    with pytest.raises(TwilioRestException) as caught:
        client.messages("SM" + "0" * 32).fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_listing_is_newest_first_and_pages_through_everything(client: Any, exchange: Exchange) -> None:
    for number in range(7):
        send(client, exchange, f"第{number}条")
    send(client, exchange, "别人的", to=OTHER)
    listed = client.messages.list(to=VEST, page_size=3)
    assert [message.body for message in listed] == [f"第{number}条" for number in reversed(range(7))]
    assert [message.body for message in client.messages.list(limit=1)] == ["别人的"]


def test_paging_does_not_shift_when_new_messages_come(client: Any, exchange: Exchange) -> None:
    for number in range(4):
        send(client, exchange, f"旧{number}")
    pages = client.messages.page(page_size=2)
    first = [message.body for message in pages]
    send(client, exchange, "新的")
    second = [message.body for message in pages.next_page()]
    assert first + second == ["旧3", "旧2", "旧1", "旧0"]


def test_listing_filters_by_sender_and_time(client: Any, exchange: Exchange) -> None:
    send(client, exchange)
    now = datetime.now(UTC)
    earlier, later = now - timedelta(hours=1), now + timedelta(hours=1)
    assert len(client.messages.list(from_=exchange.number, date_sent_after=earlier, date_sent_before=later)) == 1
    assert client.messages.list(from_=OTHER) == []
    assert client.messages.list(date_sent_after=later) == []
    assert client.messages.list(date_sent_before=earlier) == []
    assert client.messages.list(date_sent=now.date() - timedelta(days=2)) == []


def test_texts_from_handsets_are_listed_too(client: Any, exchange: Exchange) -> None:
    sid = exchange.phone(VEST).reply("1K73")
    (inbound,) = client.messages.list(from_=VEST)
    assert (inbound.sid, inbound.direction, inbound.status) == (sid, "inbound", "received")


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"to": ""}, (400, 21604)),
        ({"to": "12345"}, (400, 21211)),
        ({"to": "+86 abc"}, (400, 21211)),
        ({"from_": ""}, (400, 21603)),
        ({"from_": "BlueVest"}, (400, 21212)),
        ({"from_": "+8613900000000"}, (400, 21606)),
        ({"body": ""}, (400, 21602)),
        ({"body": "长" * 1601}, (400, 21617)),
        ({"status_callback": "not a url"}, (400, 21609)),
        ({"status_callback": "ftp://127.0.0.1/x"}, (400, 21609)),
    ],
)
def test_what_twilio_refuses_is_refused(
    client: Any, exchange: Exchange, change: dict[str, str], answer: tuple[int, int]
) -> None:
    fields = {"to": VEST, "from_": exchange.number, "body": "你好"} | change
    assert refused(client, **fields) == answer
    assert exchange.texts() == []


def test_1600_characters_are_still_taken(client: Any, exchange: Exchange) -> None:
    assert send(client, exchange, "长" * 1600).num_segments == "24"


def test_a_number_is_read_as_people_write_it(client: Any, exchange: Exchange) -> None:
    assert send(client, exchange, to="+86 138-0000-0101").to == VEST


def test_a_messaging_service_may_stand_for_the_number(client: Any, exchange: Exchange) -> None:
    made = client.messages.create(to=VEST, body="你好", messaging_service_sid="MG" + "a" * 32)
    assert (made.status, made.messaging_service_sid) == ("accepted", "MG" + "a" * 32)
    exchange.phone(VEST).expect_sms("你好")


def test_a_wrong_token_is_401(exchange: Exchange) -> None:
    stranger = client_of(exchange, token="wrong")
    answer = refused(stranger, to=VEST, from_=exchange.number, body="你好")
    assert answer == (401, 20003)
    stranger.http_client.session.close()


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Bearer abc", "Basic //79"])
def test_odd_credentials_are_401(exchange: Exchange, header: str) -> None:
    path = f"{exchange.url}/2010-04-01/Accounts/{exchange.account_sid}/Messages.json"
    answer = httpx.get(path, headers={"Authorization": header} if header else {}, trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_another_accounts_path_is_401(exchange: Exchange) -> None:
    path = f"{exchange.url}/2010-04-01/Accounts/AC{'1' * 32}/Messages.json"
    answer = httpx.get(path, auth=(exchange.account_sid, exchange.auth_token), trust_env=False)
    assert answer.status_code == 401


@pytest.mark.parametrize("query", ["PageSize=x", "Page=-1", "DateSent%3E=yesterday", "PageSize=²"])
def test_odd_list_queries_are_400(client: Any, exchange: Exchange, query: str) -> None:
    send(client, exchange)
    path = f"{exchange.url}/2010-04-01/Accounts/{exchange.account_sid}/Messages.json?{query}"
    answer = httpx.get(path, auth=(exchange.account_sid, exchange.auth_token), trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
