"""Personal data stay encrypted in the database and appear nowhere else (field guide §6)."""

from collections.abc import Iterator
from pathlib import Path

from psycopg import sql

from simulator.centre import Centre
from simulator.codes import offer_code
from simulator.handset import Exchange
from tests.line.people import ACCOUNT, RESIDENT, SUSPECT, order, roster, vests
from tests.line.processes import PATIENCE_S
from tests.line.service import SOURCE, RunningService

VESTS = vests(3)
STRANGER = "+8613511112222"


def test_nothing_personal_is_left_lying_about(service: RunningService, provider: Exchange) -> None:
    service.add_people(roster(VESTS))
    a_whole_story(service, provider)
    nowhere(searched_for(resident=True), in_texts(provider))
    everything = searched_for(resident=True, people=True)
    nowhere(everything, in_logs(service.data))
    nowhere(everything, in_redis(service))
    rows = dict(in_database(service))
    nowhere(everything, rows)
    assert b"BA-20260429-0001" in rows["alerts"], "the search does see what is not encrypted"


def a_whole_story(service: RunningService, provider: Exchange) -> None:
    """Taken, reported, a stop-payment drafted, unmasked once; a stranger and nonsense wrote as well."""
    secret = service.add_source()
    console = service.add_officer()
    console.start()
    with Centre(service.url, SOURCE, secret) as centre:
        case_id = str(centre.send_alert(order()).case_id)
        centre.send_alert({"alert_no": "BA-1", "level": RESIDENT["name"], "resident": {"phone": RESIDENT["phone"]}})
    vest = provider.phone(VESTS[0])
    code = offer_code(vest.expect_sms("接单", timeout=PATIENCE_S))
    vest.reply(f"1{code}")
    console.expect("offer.accepted", case_id)
    vest.reply(f"6{code}")
    console.expect("freeze.changed", case_id)
    vest.reply(f"我到了,{RESIDENT['name']}的卡{ACCOUNT}怎么办")
    console.expect("text.received")
    provider.phone(STRANGER).reply("你们是谁")
    console.expect("text.received")
    seen = console.post(f"/cases/{case_id}/unmask", reason="核对")
    assert seen["resident"]["phone"] == RESIDENT["phone"]
    vest.reply(f"4{code}")
    console.expect("resident.met", case_id)
    console.post(f"/cases/{case_id}/close", disposition="dissuaded", reason="已见面劝阻")
    console.expect("case.closed", case_id)
    console.close()


def searched_for(*, resident: bool = False, people: bool = False) -> list[bytes]:
    """Names, numbers in E.164 and without the country, accounts."""
    found = [RESIDENT["name"], "欧阳建国", "司徒某", ACCOUNT, SUSPECT] if resident else []
    phones = [RESIDENT["phone"], "+8613512349999"] if resident else []
    if people:
        phones += [*VESTS, STRANGER]
        found += [f"志愿{phone[-6:]}" for phone in VESTS]
    return [text.encode() for text in (*found, *phones, *(phone.removeprefix("+86") for phone in phones))]


def nowhere(secrets: list[bytes], places: dict[str, bytes]) -> None:
    assert places
    found = [(place, secret.decode()) for place, content in places.items() for secret in secrets if secret in content]
    assert not found


def in_texts(provider: Exchange) -> dict[str, bytes]:
    texts = [text for text in provider.texts() if text.direction != "inbound"]
    return {f"{text.seq} to {text.phone}": text.body.encode() for text in texts}


def in_logs(data: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in (data / "log").iterdir()}


def in_redis(service: RunningService) -> dict[str, bytes]:
    """Every key with its value as Redis itself would write it down, and its file on the disk."""
    with service.redis() as redis:
        dumped = {repr(key): key + (redis.dump(key) or b"") for key in redis.scan_iter()}
    files = [file for file in (service.data / "valkey" / "data").rglob("*") if file.is_file()]
    return dumped | {str(file): file.read_bytes() for file in files}


def in_database(service: RunningService) -> Iterator[tuple[str, bytes]]:
    """Every table as COPY writes it."""
    with service.sql() as connection:
        tables = [
            str(row[0])
            for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        ]
        assert {"cases", "alerts", "volunteers", "messages", "inbound_texts", "events", "feedbacks"} <= set(tables)
        for table in tables:
            with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
                yield table, b"".join(bytes(part) for part in copy)
