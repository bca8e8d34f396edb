"""The centre's programmer reads the README and writes a client: every answer of its table comes, and means what it says."""

import datetime as dt
import json
import re
import signal
import textwrap
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from os import kill as send_signal
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from dispatcher.intake.sources import SourceBook
from tests.line.processes import PATIENCE_S, child_pids, kill, until
from tests.line.service import ROOT, SOURCE, RunningService, data_folder, foreign_provider

OTHER_SECRET = "whsec_" + "AAAA" * 8
MIB = 1024 * 1024


class ReadmeClient:
    """What the README tells to do, and nothing else."""

    def __init__(self, url: str, secret: str, source: str) -> None:
        self.source = source
        self.address = f"{url}/hooks/{source}/alerts"
        self.secret = secret

    def send(
        self,
        body: str | bytes,
        message_id: str | None = None,
        at: dt.datetime | None = None,
        signed: str | None = None,
    ) -> httpx.Response:
        """`signed` is what the signature is about, when that is not the body."""
        now = at or dt.datetime.now(dt.UTC)
        message_id = message_id or f"msg_{uuid.uuid4().hex}"
        text = signed if signed is not None else body if isinstance(body, str) else body.decode("utf-8", "replace")
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(message_id, now, text),
            "content-type": "application/json",
        }
        content = body if isinstance(body, bytes) else body.encode()
        return httpx.post(self.address, content=content, headers=headers, timeout=PATIENCE_S, trust_env=False)


def order(**changes: Any) -> str:
    number = f"BA-{uuid.uuid4().hex[:12]}"
    resident = {"name": "王某丽", "location": {"lon": 113.8712, "lat": 22.5741, "crs": "gcj02"}}
    data = {"alert_no": number, "station": "440306-LT", "level": "high", "resident": resident}
    return json.dumps({"type": "alert.raised", "timestamp": "2026-04-29T08:00:00Z", "data": data | changes})


def refused(answer: httpx.Response, status: int, field: str | None) -> httpx.Response:
    """Problem JSON (RFC 9457) that names the field."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem.get("field") == field, problem
    return answer


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    with foreign_provider() as provider, data_folder() as folder, RunningService(folder, provider) as running:
        running.command("demo-places")
        yield running


@pytest.fixture
def client(service: RunningService, request: pytest.FixtureRequest) -> ReadmeClient:
    """A centre of each test's own."""
    return ReadmeClient(service.url, service.add_source(request.node.name[:60]), request.node.name[:60])


def test_the_ten_lines_of_the_readme_run_as_printed(service: RunningService) -> None:
    readme = (ROOT / "README.md").read_text()
    block = re.search(r"```python\n(import datetime.*?)```", readme, re.DOTALL)
    assert block
    code = textwrap.dedent(block[1])
    for printed, ours in {"whsec_…": service.add_source(SOURCE), "https://bluevest.example": service.url}.items():
        assert printed in code
        code = code.replace(printed, ours)
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)
    assert names["answer"].status_code == 202
    assert names["answer"].json()["case_id"]


def test_every_status_of_the_table(service: RunningService, client: ReadmeClient) -> None:
    body, message_id = order(), "msg_first"
    first = client.send(body, message_id)
    assert (first.status_code, first.json()["duplicate"]) == (202, False)
    again = client.send(body, message_id)
    assert (again.status_code, again.json()) == (200, first.json() | {"duplicate": True})
    refused(client.send(order(), message_id), 409, "webhook-id")

    now = dt.datetime.now(dt.UTC)
    refused(client.send(order(), at=now - dt.timedelta(minutes=6)), 401, "webhook-timestamp")
    refused(client.send(order(), signed=order()), 401, "webhook-signature")
    refused(ReadmeClient(service.url, OTHER_SECRET, client.source).send(order()), 401, "webhook-signature")
    refused(ReadmeClient(service.url, client.secret, "nobody").send(order()), 404, "source")

    refused(client.send(order(summary="长" * MIB)), 413, "body")
    refused(client.send(order(level="purple")), 422, "data.level")
    refused(client.send(order(resident={})), 422, "data.resident")
    refused(client.send(order(resident={"name": "王某丽", "phone": 7})), 422, "data.resident.phone")
    for not_json in ("{", "[]", order().replace('"high"', "NaN")):
        refused(client.send(not_json), 422, "body")
    refused(client.send(b'{"type": "\xff"}'), 422, "body")


def test_over_the_limit_is_told_when_to_come_again(service: RunningService, client: ReadmeClient) -> None:
    with service.sql() as connection:
        connection.execute("UPDATE sources SET limit_per_second = 1 WHERE name = %s", [client.source])
    ids = iter(range(10_000))

    def burst() -> list[tuple[str, str, httpx.Response]]:
        orders = [(order(), f"msg_{next(ids)}") for _ in range(8)]
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda one: client.send(*one), orders))
        return [(body, message_id, answer) for (body, message_id), answer in zip(orders, answers, strict=True)]

    over: list[tuple[str, str, httpx.Response]] = []

    def refused_some() -> bool:
        answers = burst()
        assert {answer.status_code for _, _, answer in answers} <= {202, 429}
        over.extend(one for one in answers if one[2].status_code == 429)
        return bool(over)

    until(refused_some, "somebody over the limit")
    body, message_id, answer = over[0]
    assert int(refused(answer, 429, None).headers["retry-after"]) >= 1
    until(lambda: client.send(body, message_id).status_code == 202, "the same order is taken later")


def test_no_order_is_taken_that_cannot_be_kept(service: RunningService, client: ReadmeClient) -> None:
    """The database is gone, and whoever would start it again is asleep."""
    body, message_id = order(), "msg_kept"
    postgres = service.pid("postgres")
    send_signal(service.top.pid, signal.SIGSTOP)
    try:
        kill(postgres)
        answer = refused(client.send(body, message_id), 503, None)
        assert int(answer.headers["retry-after"]) >= 1
        assert httpx.get(f"{service.url}/readyz", trust_env=False).status_code == 503
    finally:
        send_signal(service.top.pid, signal.SIGCONT)
    until(lambda: client.send(body, message_id).status_code == 202, "orders are taken again")
    assert client.send(body, message_id).json()["duplicate"] is True


def many_at_once(service: RunningService) -> None:
    """Requests enough that several idle connections to the database wait for the next one."""

    def ask(_: int) -> httpx.Response:
        wrong = {"username": "nobody", "password": "wrong"}
        return httpx.post(f"{service.url}/api/session", json=wrong, trust_env=False, timeout=PATIENCE_S)

    with ThreadPoolExecutor(12) as threads:
        assert {answer.status_code for answer in threads.map(ask, range(24))} <= {401, 429}


def test_a_database_that_hangs_is_answered_for_too(service: RunningService, client: ReadmeClient) -> None:
    body, message_id = order(), "msg_hanging"
    many_at_once(service)
    assert client.send(order()).status_code == 202
    postgres = service.pid("postgres")
    frozen = [postgres, *child_pids(postgres)]
    for pid in frozen:
        send_signal(pid, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(2) as threads:
            first = threads.submit(client.send, body, message_id)
            time.sleep(2 * SourceBook.FRESH_S)
            later = threads.submit(client.send, order())  # by now it has to look again who may send
            for answer in (first.result(), later.result()):
                assert int(refused(answer, 503, None).headers["retry-after"]) >= 1
        assert httpx.get(f"{service.url}/readyz", trust_env=False).status_code == 503
        assert httpx.get(f"{service.url}/healthz", trust_env=False).status_code == 200
    finally:
        for pid in frozen:
            send_signal(pid, signal.SIGCONT)
    until(lambda: client.send(body, message_id).is_success, "orders are taken again")
    assert client.send(body, message_id).json()["duplicate"] is True
