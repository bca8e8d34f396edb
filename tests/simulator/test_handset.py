"""The story helper itself: it must fail when the story goes otherwise."""

from typing import Any

import httpx
import pytest

from simulator.handset import Exchange
from simulator.settings import ExchangeSettings

VEST, OTHER = "+8613800000101", "+8613800000102"


def send(client: Any, exchange: Exchange, body: str, to: str = VEST) -> None:
    client.messages.create(to=to, from_=exchange.number, body=body)


def test_a_story_with_an_offer_and_an_answer(client: Any, exchange: Exchange) -> None:
    phone = exchange.phone(VEST)
    send(client, exchange, '【蓝马甲】特急 K73 桃源社区。回"1K73"接单,"2K73"不能去 http://127.0.0.1/t/1A22')
    text = phone.expect_sms("特急", "接单")
    assert text.startswith("【蓝马甲】")
    assert phone.texts()[0].code == "K73"
    phone.reply("1K73")
    exchange.expect_nothing_else()


def test_a_text_is_consumed_once(client: Any, exchange: Exchange) -> None:
    send(client, exchange, "接单")
    exchange.phone(VEST).expect_sms("接单")
    with pytest.raises(AssertionError, match="nothing"):
        exchange.phone(VEST).expect_sms("接单", timeout=0.1)


def test_a_missing_text_fails_and_says_what_came(client: Any, exchange: Exchange) -> None:
    send(client, exchange, "别的事")
    exchange.phone(VEST).expect_sms("别的", timeout=5)
    send(client, exchange, "又一件")
    with pytest.raises(AssertionError, match="instead came"):
        exchange.phone(VEST).expect_sms("接单", timeout=0.2)


def test_an_unexpected_text_fails_the_story(client: Any, exchange: Exchange) -> None:
    send(client, exchange, "多余的", to=OTHER)
    exchange.phone(VEST).expect_silence(0.2)
    with pytest.raises(AssertionError, match="多余的"):
        exchange.expect_nothing_else()
    with pytest.raises(AssertionError, match="多余的"):
        exchange.phone(OTHER).expect_silence()


def test_texts_on_two_phones_do_not_mix(client: Any, exchange: Exchange) -> None:
    send(client, exchange, "给一")
    send(client, exchange, "给二", to=OTHER)
    assert exchange.phone(OTHER).expect_sms("给") == "给二"
    assert exchange.phone(VEST).expect_sms("给") == "给一"
    exchange.expect_nothing_else()


def test_a_second_helper_attaches_over_http(client: Any, exchange: Exchange) -> None:
    send(client, exchange, "以前的")
    exchange.phone(VEST).expect_sms("以前的")
    with Exchange.attach(exchange.url) as attached:
        attached.forget()
        send(client, exchange, "现在的")
        attached.phone(VEST).expect_sms("现在的")
        attached.expect_nothing_else()
        attached.phone(VEST).reply("1K73")
    assert [text.body for text in exchange.texts()] == ["以前的", "现在的", "1K73"]


def test_the_ledger_is_bounded() -> None:
    with Exchange(ExchangeSettings(keep=3)) as small:
        for number in range(5):
            small.phone(VEST).reply(str(number))
        with Exchange.attach(small.url) as late:
            assert [text.body for text in late.texts()] == ["2", "3", "4"]
        book = httpx.get(f"{small.url}/control/ledger", trust_env=False).json()
        assert book["forgotten"] == 2


def test_only_what_changed_is_read_again(exchange: Exchange) -> None:
    exchange.phone(VEST).reply("一")
    book = httpx.get(f"{exchange.url}/control/ledger", trust_env=False).json()
    exchange.phone(VEST).reply("二")
    query = {"epoch": book["epoch"], "after": book["version"], "wait": 5}
    news = httpx.get(f"{exchange.url}/control/ledger", params=query, trust_env=False).json()
    assert [entry["body"] for entry in news["entries"]] == ["二"]


def test_the_line_tells_its_number(exchange: Exchange) -> None:
    line = httpx.get(f"{exchange.url}/control/line", trust_env=False).json()
    assert line == {"account_sid": exchange.account_sid, "from": exchange.number, "inbound_url": None}
