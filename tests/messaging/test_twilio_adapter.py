import json
import logging
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from dispatcher.lifecycle import MessageState
from dispatcher.messaging.port import PermanentRefusal, Sent, SmsError, TemporaryRefusal, Unsure, message_state
from dispatcher.messaging.twilio_adapter import TwilioSms, valid_signature, with_reference

ACCOUNT, TOKEN, SENDER = "AC" + "1" * 32, "secret-token", "+8613900009999"
PHONE, BODY = "+8613800000001", '【蓝马甲】特急 K73。回"1K73"接单,"2K73"不能去 https://vest.example.cn/t/abc'
CALLBACK = "https://vest.example.cn/hooks/twilio/status"
NOW = datetime(2026, 4, 29, 8, 0, tzinfo=UTC)


@dataclass
class Seen:
    """One request as the provider saw it."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    authorization: str


Behaviour = Callable[["Handler", Seen], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Provider"

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        url = urlsplit(self.path)
        seen = Seen(
            self.command,
            url.path,
            dict(parse_qsl(url.query)),
            dict(parse_qsl(form)),
            self.headers.get("Authorization", ""),
        )
        self.server.seen.append(seen)
        try:
            self.server.behave(self, seen)
        except OSError:
            self.close_connection = True

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *args: Any) -> None:
        pass

    def answer(self, status: int, body: object, **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(raw)

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True


class Provider(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[Seen] = []
        self.behave: Behaviour = accepts
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


def accepts(handler: Handler, seen: Seen) -> None:
    handler.answer(201, record(seen.form["Body"], sid=f"SM{len(handler.server.seen):032d}", status="queued"))


def answers(status: int, body: object, **headers: str) -> Behaviour:
    return lambda handler, _seen: handler.answer(status, body, **headers)


def record(body: str, at: datetime = NOW, sid: str = "SM" + "0" * 32, status: str = "sent") -> dict[str, Any]:
    return {
        "sid": sid,
        "status": status,
        "body": body,
        "to": PHONE,
        "date_created": format_datetime(at),
        "date_sent": None,
        "error_code": None,
    }


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def connect() -> Iterator[Callable[..., TwilioSms]]:
    made: list[TwilioSms] = []

    def build(base_url: str, sender: str = SENDER, timeout_s: float = 5.0, callback: str = CALLBACK) -> TwilioSms:
        made.append(TwilioSms(ACCOUNT, TOKEN, sender, base_url, callback, timeout_s=timeout_s))
        return made[-1]

    yield build
    for sms in made:
        sms.close()


Connect = Callable[..., TwilioSms]


# --- what goes out


def test_a_text_goes_out_as_twilio_wants_it(provider: Provider, connect: Connect) -> None:
    sent = connect(provider.url).send(PHONE, BODY, "m-1")

    assert sent == Sent("SM" + "1".zfill(32), MessageState.SENT)
    (seen,) = provider.seen
    assert (seen.method, seen.path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert seen.form == {"To": PHONE, "From": SENDER, "Body": BODY, "StatusCallback": f"{CALLBACK}?message=m-1"}
    assert seen.authorization.startswith("Basic ")


def test_the_base_address_may_have_a_path_and_the_sender_be_a_messaging_service(
    provider: Provider, connect: Connect
) -> None:
    connect(provider.url + "/twilio/", sender="MG" + "2" * 32).send(PHONE, BODY, "m-1")
    assert provider.seen[0].path == f"/twilio/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert provider.seen[0].form["MessagingServiceSid"] == "MG" + "2" * 32
    assert "From" not in provider.seen[0].form


def test_a_reference_joins_a_query_that_is_there_and_is_quoted() -> None:
    assert with_reference("https://a.cn/s", "a b&c") == "https://a.cn/s?message=a%20b%26c"
    assert with_reference("https://a.cn/s?station=1", "x") == "https://a.cn/s?station=1&message=x"


def test_many_threads_share_one_sender_and_each_gets_its_own_answer(provider: Provider, connect: Connect) -> None:
    provider.behave = lambda handler, seen: handler.answer(201, record(seen.form["Body"], sid=seen.form["Body"]))
    sms = connect(provider.url)
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda n: sms.send(PHONE, f"SM-{n}", str(n)).provider_id, range(96)))
    assert got == [f"SM-{n}" for n in range(96)]
    assert len(provider.seen) == 96


def test_no_proxy_of_the_environment_stands_before_a_provider_on_this_machine(
    provider: Provider, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    connect(provider.url).send(PHONE, BODY, "m-1")
    assert len(provider.seen) == 1


# --- certainly not taken


TWILIO_503 = {"code": 20503, "message": "Service unavailable", "status": 503}
RFC_429 = {"type": "https://x", "title": "Too many", "status": 429, "code": 20429}


@pytest.mark.parametrize(
    ("status", "body", "headers", "after"),
    [
        (429, {"code": 20429, "message": "Too Many Requests"}, {"Retry_After": "7"}, 7.0),
        (429, RFC_429, {}, None),
        (429, b"slow down", {"Retry_After": "Wed, 29 Apr 2026 08:00:00 GMT"}, None),
        (503, TWILIO_503, {"Retry_After": "30"}, 30.0),
        (400, {"code": 21611, "message": "queue full"}, {}, None),
    ],
)
def test_told_to_come_back_later(
    provider: Provider, connect: Connect, status: int, body: object, headers: dict[str, str], after: float | None
) -> None:
    provider.behave = answers(status, body, **headers)
    with pytest.raises(TemporaryRefusal) as caught:
        connect(provider.url).send(PHONE, BODY, "m-1")
    assert caught.value.retry_after_s == after
    assert len(provider.seen) == 1


def test_nobody_listens(connect: Connect) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(TemporaryRefusal):
            connect(f"http://127.0.0.1:{closed.getsockname()[1]}").send(PHONE, BODY, "m-1")


def test_a_name_that_does_not_exist(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    with pytest.raises(TemporaryRefusal):
        connect("http://provider.invalid").send(PHONE, BODY, "m-1")


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"code": 21211, "message": f"The 'To' number {PHONE} is not a valid phone number."}, 21211),
        (401, {"code": 20003, "message": "Authenticate"}, 20003),
        (404, b"<html>no such page</html>", 404),
        (400, {"code": "21211"}, 400),
        (400, {"code": True, "message": 5}, 400),
        (403, [1, 2], 403),
        (422, b"[" * 100_000, 422),
        (400, {"type": "t", "title": "Bad To", "status": 400, "code": 21211}, 21211),
    ],
)
def test_refused_for_good(provider: Provider, connect: Connect, status: int, body: object, code: int) -> None:
    provider.behave = answers(status, body)
    with pytest.raises(PermanentRefusal) as caught:
        connect(provider.url).send(PHONE, BODY, "m-1")
    assert caught.value.code == code
    assert "138000" not in str(caught.value)
    assert len(provider.seen) == 1


# --- taken or not: nobody knows


def hangs(handler: Handler, _seen: Seen) -> None:
    handler.server.released.wait(30)
    handler.close_connection = True


def resets(handler: Handler, _seen: Seen) -> None:
    handler.reset()


def closes(handler: Handler, _seen: Seen) -> None:
    handler.close_connection = True


def talks_nonsense(handler: Handler, _seen: Seen) -> None:
    handler.wfile.write(b"\x16\x03\x01 not http at all\r\n\r\n")
    handler.close_connection = True


def drips(handler: Handler, _seen: Seen) -> None:
    handler.send_response(201)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    while not handler.server.released.wait(0.05):
        handler.wfile.write(b" ")


def floods(handler: Handler, _seen: Seen) -> None:
    handler.send_response(201)
    handler.send_header("Connection", "close")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" " * 65536)
    handler.wfile.write(json.dumps(record(BODY)).encode())  # good at last, had anybody read that far
    handler.close_connection = True


def cuts_short(handler: Handler, _seen: Seen) -> None:
    handler.send_response(201)
    handler.send_header("Content-Length", "500")
    handler.end_headers()
    handler.wfile.write(b'{"sid": "SM1", "sta')
    handler.close_connection = True


UNSURE: dict[str, Behaviour] = {
    "hangs": hangs,
    "resets after reading": resets,
    "closes after reading": closes,
    "nonsense": talks_nonsense,
    "drips": drips,
    "floods": floods,
    "cut short": cuts_short,
    "500 after accepting": answers(500, {"code": 20500, "message": "Internal Server Error"}),
    "502 of a gateway": answers(502, b"<html>bad gateway</html>"),
    "503 of a gateway": answers(503, b"<html>unavailable</html>"),
    "503 with other JSON": answers(503, {"code": 7, "message": "x"}),
    "504": answers(504, b""),
    "408": answers(408, b""),
    "redirect": answers(307, b"", Location="/elsewhere"),
    "201 without JSON": answers(201, b"OK"),
    "201 with a list": answers(201, [1]),
    "201 with null": answers(201, None),
    "201 without sid": answers(201, {"status": "queued"}),
    "201 with odd sid": answers(201, {"sid": 5, "status": "queued"}),
    "201 not UTF-8": answers(201, b'{"sid": "\xff\xfe'),
    "204": answers(204, b""),
}


@pytest.mark.parametrize("name", UNSURE)
def test_unsure_is_said_once_and_never_tried_again(provider: Provider, connect: Connect, name: str) -> None:
    provider.behave = UNSURE[name]
    with pytest.raises(Unsure) as caught:
        connect(provider.url, timeout_s=0.4).send(PHONE, BODY, "m-1")
    assert "138000" not in str(caught.value)
    assert [seen.method for seen in provider.seen] == ["POST"]


def test_a_reset_on_a_pooled_connection_is_unsure_too(provider: Provider, connect: Connect) -> None:
    sms = connect(provider.url)
    sms.send(PHONE, BODY, "m-1")
    provider.behave = resets
    with pytest.raises(Unsure):
        sms.send(PHONE, BODY, "m-2")
    assert len(provider.seen) == 2


def test_after_any_failure_the_next_text_goes_out(provider: Provider, connect: Connect) -> None:
    sms = connect(provider.url, timeout_s=0.4)
    for behave in UNSURE.values():
        provider.behave = behave
        with pytest.raises(Unsure):
            sms.send(PHONE, BODY, "m-1")
        provider.behave = accepts
        assert sms.send(PHONE, BODY, "m-2").status == MessageState.SENT


def test_a_pooled_connection_the_provider_closed_while_idle_is_replaced(provider: Provider, connect: Connect) -> None:
    closed = threading.Event()

    def once(handler: Handler, seen: Seen) -> None:
        accepts(handler, seen)
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True
        closed.set()

    provider.behave = once
    sms = connect(provider.url)
    sms.send(PHONE, BODY, "m-1")
    assert closed.wait(10)
    time.sleep(0.05)  # for the end of the stream to cross the loopback
    provider.behave = accepts
    sms.send(PHONE, BODY, "m-2")
    assert [seen.form["StatusCallback"][-3:] for seen in provider.seen] == ["m-1", "m-2"]


def test_neither_phone_nor_words_nor_token_reach_a_log(
    provider: Provider, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    sms = connect(provider.url, timeout_s=0.4)
    sms.send(PHONE, BODY, "m-1")
    provider.behave = listed([])
    sms.find(PHONE, BODY, NOW)
    provider.behave = hangs
    with pytest.raises(Unsure) as caught:
        sms.find(PHONE, BODY, NOW)
    told = caplog.text + str(caught.value)
    assert not [secret for secret in ("138000", "K73", TOKEN) if secret in told]
    assert caught.value.__suppress_context__


# --- looking a text up


@dataclass
class Listing:
    """Twilio's list, newest first, in pages."""

    records: list[dict[str, Any]]
    size: int = 50
    paths: list[str] = field(default_factory=list)

    def __call__(self, handler: Handler, seen: Seen) -> None:
        page = int(seen.query.get("Page", 0))
        rest = self.records[page * self.size :]
        after = f"{seen.path}?To={PHONE.replace('+', '%2B')}&Page={page + 1}" if len(rest) > self.size else None
        handler.answer(200, {"messages": rest[: self.size], "next_page_uri": after, "page": page})


def listed(records: list[dict[str, Any]], size: int = 50) -> Listing:
    return Listing(records, size)


def test_a_text_that_was_taken_is_found_with_its_state(provider: Provider, connect: Connect) -> None:
    provider.behave = listed([record("something else"), record(BODY, sid="SM7", status="delivered")])
    assert connect(provider.url).find(PHONE, BODY, NOW) == Sent("SM7", MessageState.DELIVERED)
    assert provider.seen[0].query["To"] == PHONE
    assert not [name for name in provider.seen[0].query if name.startswith("DateSent")]  # a queued text has none yet


def test_the_words_a_trial_account_puts_in_front_do_not_hide_it(provider: Provider, connect: Connect) -> None:
    provider.behave = listed([record("Sent from your Twilio trial account - " + BODY)])
    assert connect(provider.url).find(PHONE, BODY, NOW) is not None


def test_a_text_that_was_not_taken_is_not_found(provider: Provider, connect: Connect) -> None:
    provider.behave = listed([record("something else"), record(BODY, at=NOW - timedelta(minutes=10))])
    assert connect(provider.url).find(PHONE, BODY, NOW) is None
    provider.behave = listed([])
    assert connect(provider.url).find(PHONE, BODY, NOW) is None


def test_clocks_may_differ_a_little(provider: Provider, connect: Connect) -> None:
    provider.behave = listed([record(BODY, at=NOW - timedelta(seconds=90))])
    assert connect(provider.url).find(PHONE, BODY, NOW) is not None


def test_it_looks_on_the_next_pages_and_stops_where_the_list_is_older(provider: Provider, connect: Connect) -> None:
    newer = [record(f"other {n}", at=NOW + timedelta(seconds=100 - n)) for n in range(100)]
    older = [record(f"old {n}", at=NOW - timedelta(hours=2 + n)) for n in range(500)]
    sms = connect(provider.url + "/prefix")
    provider.behave = listed([*newer, record(BODY, sid="SM9"), *older])
    assert sms.find(PHONE, BODY, NOW) == Sent("SM9", MessageState.SENT)
    assert [seen.path.startswith("/prefix/2010-04-01/") for seen in provider.seen[:1]] == [True]
    provider.seen.clear()
    provider.behave = listed([*newer, *older])
    assert connect(provider.url).find(PHONE, BODY, NOW) is None
    assert len(provider.seen) == 3


def test_a_list_that_runs_the_other_way_is_read_to_its_end(provider: Provider, connect: Connect) -> None:
    older = [record(f"old {n}", at=NOW - timedelta(hours=200 - n)) for n in range(190)]
    provider.behave = listed([*older, record(BODY, sid="SM9")])
    assert connect(provider.url).find(PHONE, BODY, NOW) == Sent("SM9", MessageState.SENT)


def test_a_list_without_end_is_no_answer(provider: Provider, connect: Connect) -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json?Page=1"
    provider.behave = answers(200, {"messages": [], "next_page_uri": path, "page": 0})
    with pytest.raises(Unsure):
        connect(provider.url).find(PHONE, BODY, NOW)


def test_credentials_do_not_follow_a_page_that_leads_elsewhere(provider: Provider, connect: Connect) -> None:
    page = {"meta": {"key": "messages", "next_page_url": "http://127.0.0.1:9/steal"}, "messages": [record("x")]}
    provider.behave = answers(200, page)
    with pytest.raises(Unsure):
        connect(provider.url).find(PHONE, BODY, NOW)
    assert [seen.path for seen in provider.seen[1:2]] == ["/steal"]  # asked of our provider, not of theirs


@pytest.mark.parametrize(
    "behave",
    [
        hangs,
        resets,
        drips,
        answers(429, {"code": 20429, "message": "x"}),
        answers(401, {"code": 20003, "message": "x"}),
        answers(500, b""),
        answers(200, b"not json"),
        answers(200, []),
        answers(200, {"messages": 5}),
        answers(200, {"a": [], "b": []}),
        answers(200, {"messages": [None]}),
        answers(200, {"messages": [{"body": BODY}]}),
    ],
)
def test_a_list_that_cannot_be_read_is_no_answer(provider: Provider, connect: Connect, behave: Behaviour) -> None:
    provider.behave = behave
    with pytest.raises(Unsure):
        connect(provider.url, timeout_s=0.4).find(PHONE, BODY, NOW)


# --- states and signatures


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *[(word, "sent") for word in ("accepted", "scheduled", "queued", "sending", "sent", "partially_delivered")],
        ("delivered", "delivered"),
        ("read", "delivered"),
        ("undelivered", "undelivered"),
        ("failed", "failed"),
        ("canceled", "failed"),
        (" Delivered ", "delivered"),
        ("a word of next year", "sent"),
        ("", "sent"),
    ],
)
def test_the_provider_s_words_in_ours(status: str, state: str) -> None:
    assert message_state(status) == state
    assert message_state(state) == state


FIELDS = {"MessageSid": "SM1", "From": PHONE, "Body": "1K73 好的🚓"}
SIGNED = str(RequestValidator(TOKEN).compute_signature(f"{CALLBACK}?message=m-1", FIELDS))


def test_a_signed_callback_is_genuine_and_a_touched_one_is_not() -> None:
    url = f"{CALLBACK}?message=m-1"
    assert valid_signature(TOKEN, url, FIELDS, SIGNED)
    assert not valid_signature(TOKEN, url, FIELDS | {"Body": "2K73"}, SIGNED)
    assert not valid_signature(TOKEN, url, FIELDS | {"Extra": ""}, SIGNED)
    assert not valid_signature(TOKEN, url.replace("m-1", "m-2"), FIELDS, SIGNED)
    assert not valid_signature("another token", url, FIELDS, SIGNED)
    assert not valid_signature(TOKEN, url, FIELDS, "")
    assert not valid_signature(TOKEN, url, FIELDS, SIGNED[:-1])


def test_nobody_can_sign_with_an_empty_token() -> None:
    forged = str(RequestValidator("").compute_signature(CALLBACK, FIELDS))
    assert not valid_signature("", CALLBACK, FIELDS, forged)


def test_repeated_fields_are_signed_together() -> None:
    class Form(dict[str, str]):
        def getlist(self, name: str) -> list[str]:
            return {"MediaUrl": ["b", "a"]}[name]

    form = Form(MediaUrl="a")
    assert valid_signature(TOKEN, CALLBACK, form, str(RequestValidator(TOKEN).compute_signature(CALLBACK, form)))


anything = st.text(st.characters(codec=None), max_size=40)


@given(anything, anything, st.dictionaries(anything, anything, max_size=4), anything)
def test_no_odd_callback_raises_or_passes(token: str, url: str, params: dict[str, str], signature: str) -> None:
    assert valid_signature(token, url, params, signature) is False


@pytest.mark.parametrize("url", ["https://[::1", "https://a:b/c", "https://a:99999/", "", "\ud800", "//"])
def test_an_odd_address_is_not_genuine(url: str) -> None:
    assert not valid_signature(TOKEN, url, FIELDS, SIGNED)


@pytest.mark.parametrize(
    ("account", "token", "sender", "base"),
    [
        ("", TOKEN, SENDER, None),
        (ACCOUNT, "", SENDER, None),
        (ACCOUNT, TOKEN, "", None),
        (ACCOUNT, TOKEN, SENDER, "ftp://x"),
    ],
)
def test_a_sender_that_could_never_send_is_not_made(account: str, token: str, sender: str, base: str | None) -> None:
    with pytest.raises(ValueError, match=r"needed|http"):
        TwilioSms(account, token, sender, base, CALLBACK)


def test_every_way_to_fail_is_an_sms_error() -> None:
    assert all(issubclass(kind, SmsError) for kind in (TemporaryRefusal, PermanentRefusal, Unsure))
