"""A stranger who sends slowly, too much or nothing is hung up on; everybody else is served."""

import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from dispatcher.db import Database
from dispatcher.settings import Settings
from tests.web.test_serve import served
from web import patience

_SOON_S = 10.0
HEAD = b"POST /api/session HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"


@pytest.fixture
def url(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(patience, "HEAD_S", 0.3)
    monkeypatch.setattr(patience, "BODY_S", 0.3)
    with served(settings, database) as address:
        yield address


def call(url: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=_SOON_S)


def hears(line: socket.socket) -> bytes:
    """Everything until the other end hangs up."""
    found = b""
    try:
        while data := line.recv(4096):
            found += data
    except ConnectionResetError:
        pass  # it hung up while we were still sending
    return found


def alive(url: str) -> bool:
    return httpx.get(f"{url}/healthz", trust_env=False, timeout=_SOON_S).is_success


def test_who_says_nothing_is_hung_up_on(url: str) -> None:
    with call(url) as line:
        assert hears(line) == b""
    assert alive(url)


def test_who_never_ends_the_head_is_hung_up_on(url: str) -> None:
    with call(url) as line:
        line.sendall(HEAD)
        assert hears(line) == b""
    assert alive(url)


def test_who_never_ends_the_body_is_hung_up_on(url: str) -> None:
    with call(url) as line:
        line.sendall(HEAD + b'Content-Length: 100\r\n\r\n{"username":')
        hears(line)
    assert alive(url)


def test_a_second_request_may_take_its_time_to_begin_and_not_to_end(url: str) -> None:
    with call(url) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 200")
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost:")
        assert hears(line) == b""


@pytest.mark.parametrize("piece", [1, 5000], ids=["many small headers", "one long header"])
def test_a_head_that_is_too_long_is_answered_so(url: str, piece: int) -> None:
    with call(url) as line:
        line.sendall(HEAD)
        for number in range(100_000 // (piece + 8)):
            try:
                line.sendall(b"X-%04d: %s\r\n" % (number, b"a" * piece))
            except (BrokenPipeError, ConnectionResetError):
                break
        said = hears(line)
    assert said == b"" or said.startswith(b"HTTP/1.1 431"), said
    assert alive(url)


def test_a_long_body_is_no_long_head(url: str) -> None:
    body = b'{"username": "%s", "password": "x"}' % (b"a" * 50_000)
    with call(url) as line:
        line.sendall(HEAD + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        assert hears(line).startswith(b"HTTP/1.1 422")


def test_nor_is_one_that_comes_together_with_the_end_of_the_head(url: str) -> None:
    body = b'{"username": "%s", "password": "x"}' % (b"a" * 50_000)
    with call(url) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(HEAD + b"Content-Length: %d\r\nConnection: close\r\n\r" % len(body))
        time.sleep(0.05)  # so that the last byte of the head comes with the body
        line.sendall(b"\n" + body)
        assert hears(line).startswith(b"HTTP/1.1 422")
