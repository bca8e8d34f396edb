"""The console's built files over HTTP: one page for all its places, names that never change, nobody else's doors."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dispatcher.db import Database
from dispatcher.settings import Settings
from tests.web.live import Live, live
from web.app import Surface, create_app
from web.services import Services

INDEX = "<!doctype html><title>值班台</title>"
SCRIPT = "console.log('蓝马甲')\n" * 100


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text(INDEX)
    (built / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (built / "assets" / "index-4f2a.js").write_text(SCRIPT)
    (built / "assets" / "index-4f2a.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (built / "assets" / "index-4f2a.js.map").write_text("{}")
    (tmp_path / "keys.json").write_text('{"secret": 1}')
    return built


@pytest.fixture
def console(settings: Settings, database: Database, dist: Path) -> Iterator[Live]:
    with live(create_app(Services(settings, database), Surface.CONSOLE, None, console=dist)) as running:
        yield running


def get(server: Live, path: str, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.get(f"{server.url}{path}", headers=names, trust_env=False, timeout=60)


@pytest.mark.parametrize("path", ["/", "/map", "/cases/LT-20260429-003", "/people", "/sign-in", "/tasks", "/people/王"])
def test_every_place_of_the_console_is_its_one_page(console: Live, path: str) -> None:
    answer = get(console, path)
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


def test_only_our_own_files_may_run(console: Live) -> None:
    headers = get(console, "/map").headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["form-action"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["font-src"] == "'self'"
    assert policy["connect-src"] == "'self' ws://127.0.0.1:8000"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "geolocation=()" in headers["permissions-policy"]


def test_a_page_that_did_not_change_is_not_sent_again(console: Live, dist: Path) -> None:
    tag = get(console, "/").headers["etag"]
    again = get(console, "/people", if_none_match=tag)
    assert (again.status_code, again.content) == (304, b"")
    (dist / "index.html").write_text(INDEX.replace("台", "室"))  # as long as before
    assert get(console, "/", if_none_match=tag).status_code == 200


def test_a_name_with_a_hash_is_kept_for_ever_and_sent_packed_to_who_takes_it(console: Live) -> None:
    packed = get(console, "/assets/index-4f2a.js", accept_encoding="gzip, br")
    plain = get(console, "/assets/index-4f2a.js", accept_encoding="gzip;q=0, identity")
    assert packed.text == plain.text == SCRIPT
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(SCRIPT)
    assert "content-encoding" not in plain.headers
    for answer in (packed, plain):
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["vary"] == "Accept-Encoding"
    assert get(console, "/favicon.svg").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/index-old1.js",
        "/assets/nothing",
        "/assets/index-4f2a.js.map",
        "/assets/index-4f2a.js.gz",
        "/robots.txt",
        "/..%2fkeys.json",
        "/assets/..%2f..%2fkeys.json",
        "//etc/passwd.txt",
        "/a%00.js",
        f"/{'a' * 300}.js",
    ],
)
def test_what_was_not_built_is_not_there(console: Live, path: str) -> None:
    answer = get(console, path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/hooks/centre/alerts", "/ws/other", "/t/abc", "/t-static/x", "/check"]
)
def test_nobody_elses_door_is_a_page_of_the_console(console: Live, path: str) -> None:
    assert get(console, path).headers["content-type"] == "application/problem+json"
    assert get(console, path).status_code == 404


def test_a_wrong_method_is_still_told_apart_from_a_wrong_path(console: Live) -> None:
    assert get(console, "/api/hand_over").status_code == 405
    assert httpx.post(f"{console.url}/api/nothing", trust_env=False, timeout=60).status_code == 404


@pytest.mark.parametrize("surface", list(Surface))
def test_where_it_is_not_built_its_address_says_how(
    settings: Settings, database: Database, tmp_path: Path, surface: Surface
) -> None:
    has_console = surface in {Surface.ALL, Surface.CONSOLE}
    with live(create_app(Services(settings, database), surface, None, console=tmp_path / "none")) as server:
        answer = get(server, "/")
        assert answer.status_code == 200
        assert ("make console" in answer.text) == has_console
        assert get(server, "/map").status_code == 404


@pytest.mark.parametrize("surface", [Surface.HOOKS, Surface.VOLUNTEER])
def test_outside_there_is_no_console(settings: Settings, database: Database, dist: Path, surface: Surface) -> None:
    with live(create_app(Services(settings, database), surface, None, console=dist)) as server:
        assert INDEX not in get(server, "/").text
        assert get(server, "/assets/index-4f2a.js").status_code == 404
