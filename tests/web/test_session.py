from datetime import timedelta

import httpx
import pyotp
import pytest
from sqlalchemy import select
from starlette.datastructures import Headers

from dispatcher.access.sign_in import TOTP_MISSING
from dispatcher.db import Database
from dispatcher.errors import NotAllowed
from dispatcher.model import AuditEntry, Role
from dispatcher.settings import Settings
from tests.access.world import CITY, LT, PASSWORD, XX, World
from tests.conftest import FixedClock
from tests.web.live import COOKIE, Live, live
from web.app import Surface, create_app
from web.origin import check_origin
from web.services import Services
from web.session import BY_ITSELF, cookie_name


def post(server: Live, **body: object) -> httpx.Response:
    return httpx.post(f"{server.url}/api/session", json=body, trust_env=False, timeout=60)


def test_signing_in_needs_nothing_but_the_password(world: World, desk: Live) -> None:
    world.officer("zhang", Role.CHIEF, CITY)

    answer = post(desk, username="zhang", password=PASSWORD)

    assert answer.status_code == 200
    me = answer.json()
    assert (me["name"], me["role"], me["place"], me["needs_enrolment"]) == ("zhang", "chief", CITY, False)
    assert me["stations"] == [LT, XX]
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    assert answer.headers["cache-control"] == "no-store"


def test_under_https_the_cookie_is_bound_to_host_and_transport(
    world: World, optional: Settings, database: Database
) -> None:
    world.officer("zhang")
    secure = optional.model_copy(update={"public_url": "https://bluevest.example"})
    with live(create_app(Services(secure, database), Surface.CONSOLE, None)) as server:
        cookie = post(server, username="zhang", password=PASSWORD).headers["set-cookie"]
    assert cookie.startswith("__Host-bluevest=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert cookie_name(secure) == "__Host-bluevest"


def test_who_am_i_until_signing_out(world: World, desk: Live) -> None:
    world.officer("zhang")
    with desk.sign_in("zhang") as client:
        token = client.cookies[COOKIE]
        assert client.get("/api/session").json()["stations"] == [LT]
        assert client.delete("/api/session").status_code == 204
        assert COOKIE not in client.cookies
        again = httpx.get(f"{desk.url}/api/session", cookies={COOKIE: token}, trust_env=False, timeout=60)
    assert again.status_code == 401
    assert again.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
@pytest.mark.parametrize("sent", ["{", "[]", '"zhang"'])
def test_a_body_that_is_no_object_is_named_as_the_body(desk: Live, sent: str, kind: str) -> None:
    answer = httpx.post(
        f"{desk.url}/api/session", content=sent, headers={"content-type": kind}, trust_env=False, timeout=60
    )
    assert (answer.status_code, answer.json()["field"]) == (422, "body")


@pytest.mark.parametrize("name", ["zhang", "nobody"])
def test_a_refusal_tells_nothing_and_the_sixth_says_when_to_come_back(world: World, desk: Live, name: str) -> None:
    world.officer("zhang")
    answers = [post(desk, username=name, password="no such password") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[0].json()["detail"] == "the name or the password is not right"
    assert int(answers[-1].headers["retry-after"]) == 600


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"[]",
        b"\xff\xfe",
        b'{"username": "zhang"}',
        b'{"username": 1, "password": "x"}',
        b'{"username": "a\\u0000b", "password": "x"}',
        b'{"username": "\\ud800", "password": "\\ud800"}',
        b'{"username": "zhang", "password": NaN}',
        b'{"username": "zhang", "password": "x", "admin": true}',
        b"[" * 30_000,
    ],
    ids=range(11),
)
def test_a_body_that_is_no_sign_in_is_refused_clearly(world: World, desk: Live, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = httpx.post(f"{desk.url}/api/session", content=body, headers=headers, trust_env=False, timeout=60)
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_body_that_is_too_long_is_not_read_to_its_end(desk: Live) -> None:
    url, headers = f"{desk.url}/api/session", {"Content-Type": "application/json"}
    said = httpx.post(url, content=b"x" * 70_000, headers=headers, trust_env=False, timeout=60)
    streamed = httpx.post(url, content=iter([b"x" * 10_000] * 7), headers=headers, trust_env=False, timeout=60)
    assert (said.status_code, streamed.status_code) == (413, 413)
    assert streamed.headers["content-type"] == "application/problem+json"


def test_another_site_cannot_act_with_the_cookie(world: World, desk: Live) -> None:
    world.officer("zhang")
    with desk.sign_in("zhang") as client:
        for origin in ("http://evil.example", "null", f"http://evil.example:{desk.port}", "http://127.0.0.1:1"):
            assert client.delete("/api/session", headers={"Origin": origin}).status_code == 403, origin
            assert client.get("/api/session", headers={"Origin": origin}).status_code == 200
        for origin in (desk.url, "http://127.0.0.1:8000"):
            assert client.post("/api/session/totp", headers={"Origin": origin}).status_code == 200


def test_what_a_page_asks_by_itself_keeps_no_session_alive(
    world: World, desk: Live, optional: Settings, clock: FixedClock
) -> None:
    world.officer("zhang")
    half = timedelta(minutes=optional.session_idle_minutes) / 2
    with desk.sign_in("zhang") as client:
        clock.forward(seconds=half.total_seconds())
        assert client.get("/api/session").status_code == 200
        clock.forward(seconds=half.total_seconds())
        assert client.get("/api/session", headers={BY_ITSELF: "1"}).status_code == 200
        clock.forward(seconds=half.total_seconds())
        assert client.get("/api/session").status_code == 401


def test_a_host_that_is_not_loopback_vouches_for_nobody(settings: Settings) -> None:
    check_origin(Headers({"origin": "http://localhost:9", "host": "localhost:9"}), settings)
    check_origin(Headers({"origin": "http://[::1]:9", "host": "[::1]:9"}), settings)
    for origin, host in (("http://evil.example", "evil.example"), ("http://localhost:9", "localhost:8")):
        with pytest.raises(NotAllowed):
            check_origin(Headers({"origin": origin, "host": host}), settings)


def test_an_officer_without_a_second_factor_may_only_enrol_and_then_needs_it(
    world: World, settings: Settings, database: Database, clock: FixedClock
) -> None:
    world.officer("zhang")
    with live(create_app(Services(settings, database), Surface.ALL, None)) as server, server.sign_in("zhang") as client:
        assert client.get("/api/session").json()["needs_enrolment"]
        for path in ("/api/cases", "/api/volunteers", "/api/alarms", "/api/inbox", "/api/places"):
            answer = client.get(path)
            assert (answer.status_code, "enrol" in answer.json()["detail"]) == (403, True)

        totp = pyotp.TOTP(client.post("/api/session/totp").json()["secret"])
        wrong = client.post("/api/session/totp/confirm", json={"totp": "no code"})
        assert (wrong.status_code, wrong.json()["field"]) == (422, "totp")
        confirmed = client.post("/api/session/totp/confirm", json={"totp": totp.at(clock.now())})
        assert not confirmed.json()["needs_enrolment"]
        assert client.get("/api/cases").status_code == 200
        assert client.post("/api/session/totp").status_code == 409

        clock.forward(minutes=1)
        missing = post(server, username="zhang", password=PASSWORD)
        assert (missing.status_code, missing.json()["field"], missing.json()["detail"]) == (401, "totp", TOTP_MISSING)
        with server.sign_in("zhang", totp=totp.at(clock.now())) as second:
            assert not second.get("/api/session").json()["needs_enrolment"]

    acts = database.read(lambda s: s.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all())
    assert {"sign_in", "sign_in.totp_asked", "totp.enrolled", "totp.confirm_failed", "totp.confirmed"} <= set(acts)
