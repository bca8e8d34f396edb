"""What anybody may know: what this installation is, and how its interface is described."""

from importlib.metadata import version

import httpx
import pytest

from dispatcher.db import Database
from dispatcher.settings import Settings
from tests.web.live import Live, live
from web.app import Surface, create_app
from web.services import Services


def about(server: Live) -> dict[str, object]:
    found: dict[str, object] = httpx.get(f"{server.url}/api/about", trust_env=False, timeout=60).json()
    return found


def test_before_the_sign_in_a_console_knows_that_it_is_a_simulation(desk: Live) -> None:
    assert about(desk) == {
        "name": "bluevest",
        "version": version("bluevest"),
        "simulated": True,
        "second_factor": "optional",
        "languages": ["zh", "en"],
    }


def test_a_real_provider_and_two_factors(settings: Settings, database: Database) -> None:
    real = settings.model_copy(update={"twilio_account_sid": "AC" + "1" * 32})
    with live(create_app(Services(real, database), Surface.CONSOLE, None)) as server:
        assert (about(server)["simulated"], about(server)["second_factor"]) == (False, "required")


@pytest.mark.parametrize(
    ("public", "name"), [("http://127.0.0.1:8000", "bluevest"), ("https://bluevest.example", "__Host-bluevest")]
)
def test_the_description_says_by_which_cookie_one_is_signed_in(
    settings: Settings, database: Database, public: str, name: str
) -> None:
    there = settings.model_copy(update={"public_url": public})
    with live(create_app(Services(there, database), Surface.CONSOLE, None)) as server:
        found = httpx.get(f"{server.url}/openapi.json", trust_env=False, timeout=60).json()
    assert found["components"]["securitySchemes"]["session"] | {"description": ""} == {
        "type": "apiKey",
        "in": "cookie",
        "name": name,
        "description": "",
    }
    asks = {
        f"{method.upper()} {path}": operation.get("security")
        for path, methods in found["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/api/")
    }
    open_to_all = {line for line, security in asks.items() if not security}
    assert open_to_all == {"GET /api/about", "POST /api/session"}
    assert asks["POST /api/cases/{case_id}/hand_over"] == [{"session": []}]
