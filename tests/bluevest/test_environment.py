from pathlib import Path

import pytest

from bluevest.environment import Addresses, exchange_wanted, for_parts, own_url, traffic_wanted
from bluevest.errors import OneLineError
from bluevest.parts import SIMULATED_CREDENTIALS, TABLE, Shape, parts

WITH_EXCHANGE = Addresses("postgresql://d", "redis://r", Path("/data"), 8000, 8001, Path("/data/keys.json"))
WITHOUT_EXCHANGE = Addresses("postgresql://d", "redis://r", Path("/data"), 8000, None, None)
REAL = {"TWILIO_ACCOUNT_SID": "AC1234", "TWILIO_AUTH_TOKEN": "secret", "TWILIO_FROM": "+15005550006"}
ELSEWHERE = {"BLUEVEST_TWILIO_BASE_URL": "http://127.0.0.1:9999"}


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({}, True),
        ({"TWILIO_ACCOUNT_SID": ""}, True),
        (SIMULATED_CREDENTIALS, True),
        (REAL, False),
        (ELSEWHERE, False),
        (REAL | ELSEWHERE, False),
    ],
)
def test_the_exchange_runs_when_no_provider_was_named(env: dict[str, str], wanted: bool) -> None:
    assert exchange_wanted(env) is wanted


def test_traffic_comes_by_itself_only_in_a_demo_whose_texts_stay_here() -> None:
    assert traffic_wanted({}, asked=None, demo=True) is True
    assert traffic_wanted({}, asked=None, demo=False) is False
    assert traffic_wanted({}, asked=False, demo=True) is False
    assert traffic_wanted({}, asked=True, demo=False) is True
    assert traffic_wanted(REAL, asked=None, demo=True) is False
    assert traffic_wanted(ELSEWHERE, asked=True, demo=False) is True


def test_made_up_people_are_never_texted_through_the_real_provider() -> None:
    with pytest.raises(OneLineError, match="TWILIO_ACCOUNT_SID"):
        traffic_wanted(REAL, asked=True, demo=True)


def test_without_a_provider_the_parts_talk_to_the_exchange_with_simulated_credentials() -> None:
    env = for_parts({"HOME": "/h"}, WITH_EXCHANGE, demo=False)
    assert env["BLUEVEST_TWILIO_BASE_URL"] == "http://127.0.0.1:8001"
    assert SIMULATED_CREDENTIALS.items() <= env.items()
    assert env["BLUEVEST_PUBLIC_URL"] == "http://127.0.0.1:8000"
    assert env["BLUEVEST_KEYS_FILE"] == "/data/keys.json"
    assert env["HOME"] == "/h"
    assert "BLUEVEST_SECOND_FACTOR" not in env


def test_a_provider_elsewhere_without_credentials_gets_the_simulated_ones() -> None:
    env = for_parts(ELSEWHERE, WITHOUT_EXCHANGE, demo=False)
    assert (ELSEWHERE | SIMULATED_CREDENTIALS).items() <= env.items()


def test_what_was_set_by_hand_stays() -> None:
    by_hand = REAL | {
        "BLUEVEST_PUBLIC_URL": "https://vest.example",
        "BLUEVEST_SECOND_FACTOR": "required",
        "BLUEVEST_KEYS_FILE": "/elsewhere/keys.json",
    }
    assert by_hand.items() <= for_parts(by_hand, WITHOUT_EXCHANGE, demo=True).items()


def test_a_real_account_is_never_pointed_at_the_exchange() -> None:
    env = for_parts(REAL, WITHOUT_EXCHANGE, demo=True)
    assert "BLUEVEST_TWILIO_BASE_URL" not in env


def test_in_a_demo_the_second_factor_is_optional() -> None:
    assert for_parts({}, WITH_EXCHANGE, demo=True)["BLUEVEST_SECOND_FACTOR"] == "optional"


def test_a_proxy_is_not_asked_for_this_machine() -> None:
    env = for_parts({"HTTP_PROXY": "http://proxy:1", "NO_PROXY": "intra.example"}, WITH_EXCHANGE, demo=False)
    assert env["NO_PROXY"] == "intra.example,127.0.0.1,localhost"
    assert env["no_proxy"] == "127.0.0.1,localhost"


def test_with_a_certificate_the_service_is_https() -> None:
    assert own_url({"BLUEVEST_TLS_CERT": "/cert.pem"}, 8443) == "https://127.0.0.1:8443"


def test_passwords_do_not_stand_in_representations() -> None:
    assert "postgresql" not in repr(WITH_EXCHANGE)
    [part, *_] = parts(Shape(8000, 8001, traffic=False), ["bluevest"], {"SECRET": "hidden"}, Path("/log"))
    assert "hidden" not in repr(part)


@pytest.mark.parametrize(
    ("shape", "commands"),
    [
        (
            Shape(8000, 8001, traffic=True),
            {
                "simulator exchange --port 8001",
                "web --port 8000",
                "worker dispatch",
                "worker messages",
                "worker feedback",
                "timekeeper",
                "simulator traffic",
            },
        ),
        (
            Shape(8000, None, traffic=False),
            {"web --port 8000", "worker dispatch", "worker messages", "worker feedback", "timekeeper"},
        ),
    ],
)
def test_parts_run_by_their_public_commands(shape: Shape, commands: set[str]) -> None:
    started = {" ".join(part.recipe.command[1:]) for part in parts(shape, ["bluevest"], {}, Path("/log"))}
    assert started == commands


def test_parts_stop_in_the_settled_order() -> None:
    order = sorted(TABLE, key=lambda row: row.stop_rank)
    kinds = [row.name.partition("-")[0] for row in order]
    assert kinds == ["traffic", "exchange", "web", "worker", "worker", "worker", "timekeeper"]
