"""A centre with the public Standard Webhooks client against the door, over HTTP (contract: Warning orders in)."""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import event, func, select, text, update
from standardwebhooks.webhooks import Webhook

from dispatcher.db import Database, make_engine
from dispatcher.errors import Unavailable
from dispatcher.intake.sources import rotate_secret
from dispatcher.model import Alert, Base, Case, Delivery, Source
from dispatcher.settings import Settings
from tests.intake.world import Town, body, build_town, withdrawal
from web import problems
from web.hooks import alerts
from web.hooks.batcher import Batcher
from web.services import Services

PATH = "/hooks/centre/alerts"
MIB = 1024 * 1024


@dataclass
class Centre:
    """The centre's side: signs as its library does and posts."""

    client: httpx.Client
    town: Town
    secret: str
    sent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def headers(self, body_: bytes, webhook_id: str | None = None, at: datetime | None = None) -> dict[str, str]:
        with self.lock:
            self.sent += 1
            webhook_id = webhook_id or f"msg_{self.sent}"
        at = at or datetime.now(UTC)
        return {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(webhook_id, at, body_.decode()),
        }

    def post(self, body_: bytes, webhook_id: str | None = None, **headers: str) -> httpx.Response:
        return self.client.post(PATH, content=body_, headers=self.headers(body_, webhook_id) | headers)


def make_app(settings: Settings, database: Database, batcher: Batcher) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        batcher.start()
        yield
        batcher.close()

    app = FastAPI(lifespan=lifespan)
    problems.install(app)
    app.include_router(alerts.router)
    app.state.services = Services(settings, database)
    app.state.batcher = batcher
    return app


@contextmanager
def served(settings: Settings, database: Database) -> Iterator[httpx.Client]:
    """The door on a free port of its own, and a client in front of it."""
    app = make_app(settings, database, Batcher(database))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            limits = httpx.Limits(max_connections=32)
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}", timeout=60, limits=limits, trust_env=False
            ) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def town(database: Database) -> Town:
    return build_town(database)


@pytest.fixture
def centre(town: Town, settings: Settings, database: Database) -> Iterator[Centre]:
    with served(settings, database) as client:
        yield Centre(client, town, town.secret)


def rows(town: Town) -> dict[str, int]:
    """How many rows each table has."""
    tables = Base.metadata.sorted_tables
    return town.database.read(lambda s: {t.name: s.scalar(select(func.count()).select_from(t)) or 0 for t in tables})


def is_problem(answer: httpx.Response, status: int, field_: str) -> bool:
    found = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, found["status"], found.get("field")) == (status, status, field_), found
    assert found["detail"]
    return True


class TestTheContractsTable:
    def test_202_when_it_is_durable(self, centre: Centre) -> None:
        answer = centre.post(body())
        assert answer.status_code == 202
        case = centre.town.case()
        assert answer.json() == {
            "alert_id": str(centre.town.alerts()[0].id),
            "case_id": str(case.id),
            "duplicate": False,
        }

    def test_200_and_the_same_ids_for_the_same_delivery_again(self, centre: Centre) -> None:
        first = centre.post(body(), "msg_a").json()
        again = centre.post(body(), "msg_a")
        assert again.status_code == 200
        assert again.json() == first | {"duplicate": True}

    def test_409_for_another_body_under_a_used_id(self, centre: Centre) -> None:
        centre.post(body(), "msg_a")
        before = rows(centre.town)
        assert is_problem(centre.post(body(level="low"), "msg_a"), 409, "webhook-id")
        assert rows(centre.town) == before

    def test_401_for_a_foreign_signature(self, centre: Centre) -> None:
        centre.secret = "whsec_" + base64.b64encode(b"x" * 32).decode()
        assert is_problem(centre.post(body()), 401, "webhook-signature")

    @pytest.mark.parametrize("minutes", [-6, 6])
    def test_401_for_a_timestamp_out_of_the_window(self, centre: Centre, minutes: int) -> None:
        at = datetime.now(UTC) + timedelta(minutes=minutes)
        answer = centre.client.post(PATH, content=body(), headers=centre.headers(body(), at=at))
        assert is_problem(answer, 401, "webhook-timestamp")

    def test_404_for_an_unknown_source(self, centre: Centre) -> None:
        answer = centre.client.post("/hooks/nobody/alerts", content=body(), headers=centre.headers(body()))
        assert is_problem(answer, 404, "source")

    def test_413_over_one_mebibyte(self, centre: Centre) -> None:
        padded = body() + b" " * (MIB + 1 - len(body()))
        assert is_problem(centre.post(padded), 413, "body")
        assert centre.post(padded[:MIB]).status_code == 202

    def test_413_without_a_length_too(self, centre: Centre) -> None:
        pieces = (b" " * 65536 for _ in range(17))
        answer = centre.client.post(PATH, content=pieces, headers=centre.headers(body()))
        assert is_problem(answer, 413, "body")

    def test_422_for_an_unknown_level(self, centre: Centre) -> None:
        assert is_problem(centre.post(body(level="doomsday")), 422, "data.level")

    def test_429_with_retry_after_over_the_sources_limit(self, centre: Centre) -> None:
        def narrow(work: Any) -> None:
            work.session.execute(update(Source).values(limit_per_second=2))

        centre.town.database.transact(narrow)
        answers = [centre.post(body()) for _ in range(12)]
        refused = [a for a in answers if a.status_code == 429]
        assert refused
        assert int(refused[0].headers["Retry-After"]) >= 1
        assert is_problem(refused[0], 429, None)  # type: ignore[arg-type]

    def test_503_when_it_cannot_be_made_durable(self, settings: Settings, town: Town) -> None:
        engine = make_engine(settings)
        database = Database(engine, town.database.clock)
        with served(settings, database) as client:
            centre = Centre(client, town, town.secret)
            assert centre.post(body()).status_code == 202
            with read_only(town.database):
                engine.dispose()
                answer = centre.post(body(alert_no="B"))
            assert answer.status_code == 503
            assert answer.headers["Retry-After"]
            engine.dispose()
            assert centre.post(body(alert_no="B")).status_code == 202
        engine.dispose()


class read_only:  # noqa: N801
    """While inside, new sessions of this database cannot write: as on a standby."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def _set(self, value: str) -> None:
        with self.database.engine.connect() as connection:
            name = connection.scalar(text("select current_database()"))
            connection.execute(text("set default_transaction_read_only = off"))
            connection.execute(text("commit"))
            connection.execute(text("set transaction read write"))
            connection.execute(text(f'alter database "{name}" set default_transaction_read_only = {value}'))
            connection.commit()

    def __enter__(self) -> None:
        self._set("on")

    def __exit__(self, *_: object) -> None:
        self._set("off")


class TestSigning:
    def test_an_older_secret_is_good_while_the_key_rotates_and_not_after(self, centre: Centre, clock: Any) -> None:
        new = centre.town.database.transact(lambda work: rotate_secret(work, "centre", timedelta(hours=1)))
        assert centre.post(body()).status_code == 202
        centre.secret, old = new, centre.secret
        assert centre.post(body()).status_code == 202
        clock.forward(hours=2)
        assert centre.post(body()).status_code == 202
        centre.secret = old
        assert is_problem(centre.post(body()), 401, "webhook-signature")

    def test_a_new_secret_is_good_at_once(self, centre: Centre) -> None:
        assert centre.post(body()).status_code == 202
        centre.secret = centre.town.database.transact(lambda work: rotate_secret(work, "centre", timedelta(0)))
        assert centre.post(body()).status_code == 202

    def test_one_good_signature_among_several_is_enough(self, centre: Centre) -> None:
        good = centre.headers(body(), "msg_several")
        signatures = f"v1,AAAA v9,=,= nonsense v1a,x {good['webhook-signature']}"
        answer = centre.client.post(PATH, content=body(), headers=good | {"webhook-signature": signatures})
        assert answer.status_code == 202

    def test_each_header_is_needed(self, centre: Centre) -> None:
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
            headers = centre.headers(body())
            del headers[name]
            assert is_problem(centre.client.post(PATH, content=body(), headers=headers), 401, name)

    def test_odd_signatures_are_no_signatures(self, centre: Centre) -> None:
        for odd in ("", "v1", ",", "v1,", "v1,é", "v1,%%%", "a,b,c", "v1," + "A" * 5000):
            headers: Any = centre.headers(body()) | {"webhook-signature": odd.encode("latin-1")}
            answer = centre.client.post(PATH, content=body(), headers=headers)
            assert is_problem(answer, 401, "webhook-signature")

    def test_odd_timestamps_are_no_timestamps(self, centre: Centre) -> None:
        for odd in ("now", "nan", "inf", "-1", "1e400", "9" * 400, "0x10", "१२३"):
            headers: Any = centre.headers(body()) | {"webhook-timestamp": odd.encode()}
            answer = centre.client.post(PATH, content=body(), headers=headers)
            assert is_problem(answer, 401, "webhook-timestamp")

    def test_an_id_too_long_to_remember_is_refused(self, centre: Centre) -> None:
        assert is_problem(centre.post(body(), "m" * 257), 422, "webhook-id")
        assert centre.post(body(), "m" * 256).status_code == 202


def _nested(depth: int) -> bytes:
    return b'{"type": "alert.raised", "x": ' + b"[" * depth + b"]" * depth + b"}"


BAD_BODIES: list[tuple[str, bytes, str]] = [
    ("empty", b"", "body"),
    ("no JSON", b"hello", "body"),
    ("NaN where nobody looks", body()[:-1] + b', "x": NaN}', "body"),
    ("Infinity", body()[:-1] + b', "x": -Infinity}', "body"),
    (
        "a number without end",
        body(resident={"location": {"lon": 1, "lat": 1, "crs": "wgs84"}}).replace(b'"lon": 1', b'"lon": 1e999'),
        "data.resident.location.lon",
    ),
    ("half a surrogate pair", body(summary="SURROGATE").replace(b"SURROGATE", b"\\ud800"), "body"),
    ("NUL", body(summary="a\0b"), "data.summary"),
    ("very deep", _nested(100_000), "body"),
    ("deep", _nested(500), "body"),
    ("a list", b"[]", "body"),
    ("a byte order mark", b"\xef\xbb\xbf" + body(), "body"),
    ("a member twice", b'{"type": "alert.raised", "type": "alert.raised"}', "body"),
    ("a very long number", b'{"type": "alert.raised", "x": ' + b"9" * 9000 + b"}", "body"),
    ("no type", b"{}", "type"),
    ("another type", body("alert.cancelled"), "type"),
    ("a type that is a list", b'{"type": ["alert.raised"]}', "type"),
    ("no data", b'{"type": "alert.raised"}', "data"),
    ("data that is none", b'{"type": "alert.raised", "data": null}', "data"),
    ("no alert_no", body(alert_no=None), "data.alert_no"),
    ("a blank alert_no", body(alert_no=" "), "data.alert_no"),
    ("a long alert_no", body(alert_no="9" * 65), "data.alert_no"),
    ("an alert_no that is a number", body(alert_no=17), "data.alert_no"),
    ("no level", body(level=None), "data.level"),
    ("unknown kind", body(kind="gossip"), "data.kind"),
    ("unknown crs", body(resident={"location": {"lon": 1, "lat": 1, "crs": "mars"}}), "data.resident.location.crs"),
    ("a position in words", body(resident={"location": {"lon": "113", "lat": 1}}), "data.resident.location.lon"),
    ("no resident", body().replace(b'"resident"', b'"someone"'), "data.resident"),
    ("a resident who is nobody", body(resident={"name": " ", "phone": ""}), "data.resident"),
    ("a long name", body(resident={"name": "王" * 201}), "data.resident.name"),
    ("a long summary", body(summary="x" * 4001), "data.summary"),
    ("10,000 kin", body(kin=[{"name": "李"}] * 10_000), "data.kin"),
    ("kin that are none", body(kin=["李"]), "data.kin.0"),
    ("51 accounts", body(money={"own_accounts": [{}] * 51}), "data.money.own_accounts"),
    ("a time without a zone", body().replace(b"+00:00", b""), "timestamp"),
    (
        "a time at the end of the calendar",
        body().replace(b"2026-04-29T08:00:00+00:00", b"9999-12-31T23:59:59-14:00"),
        "timestamp",
    ),
    ("a withdrawal of nothing", b'{"type": "alert.withdrawn", "data": {}}', "data.alert_no"),
    ("a withdrawal with a long reason", withdrawal(reason="x" * 501), "data.reason"),
]


def test_422_names_the_member_and_nothing_changes(centre: Centre) -> None:
    before = rows(centre.town)
    for _, wrong, field_ in BAD_BODIES:
        assert is_problem(centre.post(wrong, "msg_bad"), 422, field_)
    assert rows(centre.town) == before
    assert centre.post(body(), "msg_bad").status_code == 202


def test_422_for_a_body_that_is_not_utf8(centre: Centre) -> None:
    raw = body(summary="SUMMARY").replace(b"SUMMARY", "桃源".encode("gb18030"))
    at = str(int(datetime.now(UTC).timestamp()))
    key = base64.b64decode(centre.secret.removeprefix("whsec_"))
    mac = hmac.new(key, b".".join((b"msg_1", at.encode(), raw)), hashlib.sha256).digest()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": at,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }
    assert is_problem(centre.client.post(PATH, content=raw, headers=headers), 422, "body")


def test_what_is_wrong_is_never_repeated_to_the_asker(centre: Centre) -> None:
    answer = centre.post(body(kind="王某丽", level="13800000001"))
    assert answer.status_code == 422
    assert "王某丽" not in answer.text
    assert "13800000001" not in answer.text


def test_members_nobody_knows_are_passed_over(centre: Centre) -> None:
    assert centre.post(body(colour="purple", resident={"shoe_size": 38})).status_code == 202
    assert "colour" not in centre.town.alerts()[0].data


def test_the_least_an_order_needs(centre: Centre) -> None:
    least = {"type": "alert.raised", "data": {"alert_no": "1", "level": "low", "resident": {"name": "王"}}}
    answer = centre.post(json.dumps(least).encode())
    assert answer.status_code == 202
    assert centre.town.case().flags == ["no_position"]


def test_a_withdrawal_before_its_order_has_no_case_yet(centre: Centre) -> None:
    early = centre.post(withdrawal())
    assert (early.status_code, early.json()["case_id"]) == (202, None)
    late = centre.post(body())
    assert late.json()["alert_id"] == early.json()["alert_id"]
    assert late.json()["case_id"] == str(centre.town.case().id)


class TestManyAtOnce:
    def test_one_delivery_sent_by_many_threads_is_taken_once(self, centre: Centre) -> None:
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: centre.post(body(), "msg_same"), range(48)))
        assert sorted(a.status_code for a in answers) == [200] * 47 + [202]
        assert len({(a.json()["alert_id"], a.json()["case_id"]) for a in answers}) == 1

    def test_one_resident_in_many_orders_is_one_case(self, centre: Centre) -> None:
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda n: centre.post(body(alert_no=f"A{n}")), range(48)))
        assert {a.status_code for a in answers} == {202}
        assert centre.town.case().alert_count == 48
        assert sorted(centre.town.events()) == ["case.opened"] + ["case.repeated"] * 47

    def test_two_processes_at_once_make_one_case_of_one_resident(self, town: Town, settings: Settings) -> None:
        engines = [make_engine(settings) for _ in range(2)]
        databases = [Database(engine, town.database.clock) for engine in engines]
        with ExitStack() as stack, ThreadPoolExecutor(16) as pool:
            centres = [Centre(stack.enter_context(served(settings, db)), town, town.secret) for db in databases]

            def send(n: int) -> httpx.Response:
                return centres[n % 2].post(body(alert_no=f"A{n // 4}"), f"msg_{n // 2}")

            answers = list(pool.map(send, range(80)))
        assert {a.status_code for a in answers} <= {200, 202}
        assert sum(a.status_code == 202 for a in answers) == 40
        assert town.case().alert_count == 20
        for engine in engines:
            engine.dispose()

    def test_orders_that_wait_share_a_commit(self, town: Town) -> None:
        commits = 0

        def count(_connection: object) -> None:
            nonlocal commits
            commits += 1

        async def burst(batcher: Batcher) -> None:
            incomings = [
                town.incoming(body(alert_no=f"A{n}", resident={"phone": f"+86138{n:08d}"})) for n in range(300)
            ]
            outcomes = await asyncio.gather(*(batcher.accept(one) for one in incomings))
            assert len({o.case_id for o in outcomes}) == 300

        event.listen(town.database.engine, "commit", count)
        batcher = Batcher(town.database)
        batcher.start()
        try:
            asyncio.run(burst(batcher))
        finally:
            batcher.close()
            event.remove(town.database.engine, "commit", count)
        assert commits <= 10
        assert len(town.cases()) == 300


class TestBatcher:
    def test_an_order_that_fails_alone_takes_no_other_with_it(self, town: Town, monkeypatch: Any) -> None:
        from web.hooks import batcher as module

        real = module.accept_many

        def trip(work: Any, incomings: Any) -> Any:
            if any(i.order.alert_no == "POISON" for i in incomings):
                raise ValueError("a bug")
            return real(work, incomings)

        monkeypatch.setattr(module, "accept_many", trip)

        async def send() -> list[Any]:
            orders = [body(alert_no=no) for no in ("A", "POISON", "B")]
            waiting = [batcher.accept(town.incoming(order)) for order in orders]
            return await asyncio.gather(*waiting, return_exceptions=True)

        batcher = Batcher(town.database)
        batcher.start()
        good, bad, also_good = asyncio.run(send())
        batcher.close()
        assert isinstance(bad, Unavailable)
        assert good.case_id == also_good.case_id == town.case().id

    def test_whoever_hangs_up_has_still_sent_it(self, town: Town) -> None:
        async def hang_up() -> None:
            task = asyncio.ensure_future(batcher.accept(town.incoming(body())))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        batcher = Batcher(town.database)
        batcher.start()
        asyncio.run(hang_up())
        batcher.close()
        assert len(town.cases()) == 1

    def test_closing_finishes_what_waits_and_takes_no_more(self, town: Town) -> None:
        async def send_and_close() -> list[Any]:
            waiting = [
                asyncio.ensure_future(
                    batcher.accept(town.incoming(body(alert_no=f"A{n}", resident={"phone": f"+86138{n:08d}"})))
                )
                for n in range(20)
            ]
            await asyncio.sleep(0)
            batcher.close()
            with pytest.raises(Unavailable):
                await batcher.accept(town.incoming(body(alert_no="LATE")))
            return await asyncio.gather(*waiting)

        batcher = Batcher(town.database, largest=3)
        batcher.start()
        assert len(asyncio.run(send_and_close())) == 20
        assert len(town.cases()) == 20

    def test_a_full_queue_says_so_at_once(self, town: Town) -> None:
        async def send() -> None:
            with pytest.raises(Unavailable):
                await batcher.accept(town.incoming(body()))

        batcher = Batcher(town.database, waiting=0)
        batcher.start()
        asyncio.run(send())
        batcher.close()

    def test_with_the_database_gone_everybody_is_told(self, town: Town, settings: Settings) -> None:
        async def send() -> list[Any]:
            waiting = [batcher.accept(town.incoming(body(alert_no=f"A{n}"))) for n in range(20)]
            return await asyncio.gather(*waiting, return_exceptions=True)

        away = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/none"})
        engine = make_engine(away)
        batcher = Batcher(Database(engine), largest=3)
        batcher.start()
        answers = asyncio.run(send())
        batcher.close()
        engine.dispose()
        assert {type(a) for a in answers} == {Unavailable}


def test_a_bad_batch_leaves_no_trace(centre: Centre) -> None:
    counts = select(func.count()).select_from(Delivery), select(func.count()).select_from(Alert)
    centre.post(body(level="x"))
    assert [centre.town.database.read(lambda s, c=c: s.scalar(c)) for c in counts] == [0, 0]  # type: ignore[misc]
    assert centre.town.database.read(lambda s: s.scalar(select(func.count()).select_from(Case))) == 0


def test_the_door_is_described(centre: Centre) -> None:
    described = centre.client.get("/openapi.json").json()["paths"]["/hooks/{source}/alerts"]["post"]
    assert set(described["responses"]) >= {"200", "202", "401", "404", "409", "413", "422", "429", "503"}
    assert "$ref" not in json.dumps(described["requestBody"])
