import socket
from collections.abc import Iterator

import pytest

from dispatcher.feedback.post import MOST_READ, Answer, Post
from tests.feedback.receiver import Receiver, answer, drip, hang, hang_up

BODY = b'{"type":"case.opened","data":{"case":"1"}}'
HEADERS = {"webhook-id": "1", "webhook-timestamp": "0", "webhook-signature": "v1,x"}


@pytest.fixture
def post() -> Iterator[Post]:
    with Post(timeout_s=0.5, whole_s=0.8) as made:
        yield made


def test_an_answer_is_its_status_and_when_to_come_back(centre: Receiver, post: Post) -> None:
    centre.acts = [answer(429, retry_after="17")]
    assert post.send(centre.url, HEADERS, BODY) == Answer(429, "HTTP 429", "17")
    assert centre.calls[0].body == BODY


def test_a_redirect_is_not_followed(centre: Receiver, post: Post) -> None:
    centre.acts = [answer(307, location=centre.url)]
    assert post.send(centre.url, HEADERS, BODY).status == 307
    assert len(centre.calls) == 1


def test_silence_is_a_timeout(centre: Receiver, post: Post) -> None:
    centre.acts = [hang]
    assert post.send(centre.url, HEADERS, BODY) == Answer(None, "timeout")


def test_a_byte_now_and_then_is_a_timeout_too(centre: Receiver, post: Post) -> None:
    centre.acts = [drip]
    assert post.send(centre.url, HEADERS, BODY) == Answer(None, "timeout")


def test_hanging_up_is_a_broken_answer(centre: Receiver, post: Post) -> None:
    centre.acts = [hang_up]
    assert post.send(centre.url, HEADERS, BODY) == Answer(None, "broken answer")


def test_nobody_there_is_no_connection(post: Post) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert post.send(f"http://127.0.0.1:{bound.getsockname()[1]}/", HEADERS, BODY) == Answer(None, "no connection")


@pytest.mark.parametrize("length", [0, MOST_READ, 50_000_000])
def test_the_status_counts_however_long_the_body(centre: Receiver, post: Post, length: int) -> None:
    centre.acts = [answer(200, b"x" * length)]
    assert post.send(centre.url, HEADERS, BODY) == Answer(200, "HTTP 200")


def test_a_proxy_of_the_environment_is_not_used(centre: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with Post() as post:
        assert post.send(centre.url, HEADERS, BODY).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "//127.0.0.1",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://a" + "b" * 80 + ".localhost/",
        "http://127.0.0.1/\x00",
        "javascript:1",
    ],
)
def test_what_is_no_address_is_no_error(post: Post, url: str) -> None:
    assert post.send(url, HEADERS, BODY).status is None
