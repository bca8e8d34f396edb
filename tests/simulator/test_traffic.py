"""The demonstration's traffic: a day that never ends until it is told to, and is another one every time."""

import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from standardwebhooks import Webhook

from simulator import traffic
from simulator.centre import Centre
from simulator.day import deeds
from simulator.handset import Exchange
from simulator.serving import Served
from simulator.settings import TrafficSettings

SECRET = "whsec_" + "bWFkZS11cC1zZWNyZXQtb2YtdGhlLXRlc3Rz"
NOW = datetime(2026, 4, 29, 8, 0, tzinfo=UTC)


def a_day(seed: int, length: int = 400, run: str = "20260429") -> list[Any]:
    return list(itertools.islice(deeds(seed, "440306-LT", run, lambda: NOW), length))


def test_a_day_follows_from_its_seed_and_its_run() -> None:
    assert a_day(1) == a_day(1)
    assert a_day(1) != a_day(2)


def test_after_a_restart_other_residents_are_in_danger() -> None:
    def phones(run: str) -> set[str]:
        return {deed.order["resident"]["phone"] for deed in a_day(1, 60, run) if deed.event == "alert.raised"}

    yesterday, today = phones("20260429"), phones("20260430")
    assert len(yesterday & today) < len(today) / 10


def test_a_day_holds_gaps_bursts_repeats_and_withdrawals() -> None:
    day = a_day(3)
    assert all(deed.after <= 20 for deed in day)
    assert any(deed.after < 1 for deed in day[1:])
    raised = [deed.order for deed in day if deed.event == "alert.raised"]
    phones = [order["resident"]["phone"] for order in raised]
    assert len(set(phones)) < len(phones)
    numbers = [order["alert_no"] for order in raised]
    assert len(set(numbers)) == len(numbers)
    withdrawn = [deed.order for deed in day if deed.event == "alert.withdrawn"]
    assert withdrawn
    assert all(order["alert_no"] in numbers for order in withdrawn)


def test_orders_are_sent_until_the_end_is_called(
    exchange: Exchange, until: Callable[[Callable[[], bool]], None]
) -> None:
    taken: list[Any] = []

    def numbers() -> list[tuple[str, str]]:
        return [(order["type"], order["data"]["alert_no"]) for order in taken]  # one may be taken back, too

    app = FastAPI()
    app.state.on_stop = lambda: None

    @app.post("/hooks/city/alerts")
    async def take(request: Request) -> Response:
        taken.append(Webhook(SECRET).verify(await request.body(), dict(request.headers)))
        return Response(status_code=503 if len(taken) == 1 else 202)

    stop = threading.Event()
    with Served(app) as served:
        settings = TrafficSettings(
            exchange_url=exchange.url, public_url=served.url, source="city", secret=SECRET, pace=200
        )
        running = threading.Thread(target=traffic.run, args=(settings, stop))
        running.start()
        until(lambda: len(taken) >= 6 and numbers().count(numbers()[0]) == 2)
        stop.set()
        running.join(20)
        assert not running.is_alive()
    assert len(set(numbers())) == len(numbers()) - 1, "only the one answered 503 was sent again"


def test_the_end_comes_at_once_also_when_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, tried = threading.Event(), threading.Event()

    def nobody(_centre: Centre, _body: str, _webhook_id: str) -> httpx.Response:
        tried.set()
        raise httpx.ConnectError("nobody there")

    monkeypatch.setattr(Centre, "post", nobody)
    settings = TrafficSettings(
        exchange_url="http://127.0.0.1:1", public_url="http://127.0.0.1:1", secret=SECRET, pace=50
    )
    running = threading.Thread(target=traffic.run, args=(settings, stop))
    running.start()
    assert tried.wait(20)
    stop.set()
    running.join(20)
    assert not running.is_alive()


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLUEVEST_PUBLIC_URL", "http://127.0.0.1:9000")
    monkeypatch.setenv("BLUEVEST_SIM_SECRET", SECRET)
    monkeypatch.setenv("BLUEVEST_SIM_PACE", "3")
    monkeypatch.setenv("BLUEVEST_SIM_OFFICERS", '{"liutang-b": "a long password"}')
    settings = TrafficSettings()
    assert (settings.public_url, settings.secret, settings.pace) == ("http://127.0.0.1:9000", SECRET, 3)
    assert settings.officers == {"liutang-b": "a long password"}
    assert "a long password" not in repr(settings)


def test_a_missing_secret_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BLUEVEST_SIM_SECRET", raising=False)
    with pytest.raises(SystemExit) as ended:
        traffic.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "traffic: setting missing or wrong: BLUEVEST_SIM_SECRET\n"
