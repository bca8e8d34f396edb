from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from dispatcher.ids import new_id
from dispatcher.lifecycle import CaseState, MessageState
from dispatcher.model import (
    Alarm,
    AlarmKind,
    AuditEntry,
    Freeze,
    InboundText,
    Message,
    Role,
    Volunteer,
)
from dispatcher.work import Work
from tests.access.world import CITY, LT, XX, World
from tests.web.live import Live
from web.api import cases

WHOLE = ("王某丽", "李某强", "+8613800000001", "+8613700001234", "6222020000000017", "6217000000000099", "13900000")


def last_act(world: World) -> AuditEntry:
    return world.database.read(lambda s: s.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one())


def add(world: World, row: Any) -> Any:
    world.database.transact(lambda work: work.session.add(row))
    return row


def text_in(world: World, station: str | None, **values: Any) -> InboundText:
    station_id = world.place(station).id if station else None
    row = {
        "provider_id": str(new_id()),
        "phone": "+8613900001234",
        "phone_index": b"x",
        "body": "在哪里?",
        "station_id": station_id,
        "outcome": "unread",
        "in_inbox": True,
        "received_at": world.database.clock.now(),
    }
    return add(world, InboundText(**row | values))


def alarm(world: World, station: str) -> Alarm:
    now = world.database.clock.now()
    return add(world, Alarm(station_id=world.place(station).id, kind=AlarmKind.NOBODY_LEFT, raised_at=now))


def test_a_list_of_cases_by_page_state_and_station(world: World, desk: Live) -> None:
    world.officer("chief", Role.CHIEF, CITY)
    ids = [str(world.case(LT if n % 2 else XX).id) for n in range(5)]
    closed = world.case(state=CaseState.CLOSED)
    with desk.sign_in("chief") as client:
        first = client.get("/api/cases", params={"state": ["new", "escalated"], "limit": 2}).json()
        assert (first["total"], [c["id"] for c in first["cases"]]) == (5, [ids[4], ids[3]])
        world.case()  # a new one shifts nothing
        second = client.get("/api/cases", params={"state": "new", "limit": 2, "after": first["next"]}).json()
        assert [c["id"] for c in second["cases"]] == [ids[2], ids[1]]
        last = client.get("/api/cases", params={"state": "new", "limit": 2, "after": second["next"]}).json()
        assert ([c["id"] for c in last["cases"]], last["next"]) == ([ids[0]], None)

        assert client.get("/api/cases", params={"state": "closed"}).json()["cases"][0]["id"] == str(closed.id)
        assert client.get("/api/cases", params={"station": XX}).json()["total"] == 3
        assert client.get("/api/cases", params={"number": closed.number}).json()["total"] == 1
        assert client.get("/api/cases", params={"level": "low"}).json()["total"] == 0


def test_a_list_is_counted_no_further_than_anybody_reads(
    world: World, desk: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.officer("chief", Role.CHIEF, CITY)
    for _ in range(4):
        world.case()
    monkeypatch.setattr(cases, "MOST_COUNTED", 2)
    with desk.sign_in("chief") as client:
        found = client.get("/api/cases", params={"limit": 1}).json()
    assert (found["total"], len(found["cases"])) == (3, 1)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "lost"}, "state"),
        ({"limit": "1000"}, "limit"),
        ({"after": "x"}, "after"),
        ({"after": str(new_id())}, "after"),
        ({"station": "\x00"}, "station"),
        ({"number": "a\x00"}, "number"),
    ],
    ids=range(6),
)
def test_a_wrong_question_names_its_field(world: World, desk: Live, query: dict[str, str], field: str) -> None:
    world.officer("zhang")
    with desk.sign_in("zhang") as client:
        answer = client.get("/api/cases", params=query)
    assert answer.status_code == 422
    assert answer.json()["field"].startswith(field)


def test_nothing_of_another_station_exists(world: World, desk: Live) -> None:
    world.officer("zhang", Role.CHIEF, LT)
    case, person = world.case(XX), world.volunteer(XX)
    text, ringing = text_in(world, XX), alarm(world, XX)
    with desk.sign_in("zhang") as client:
        assert client.get("/api/cases").json()["cases"] == []
        assert client.get("/api/volunteers").json() == []
        assert client.get("/api/inbox").json() == []
        assert client.get("/api/alarms").json() == []
        codes = {f["properties"]["code"] for f in client.get("/api/places").json()["features"]}
        assert codes == {LT, "LT-TY"}
        for kind in ("cases", "volunteers", "inbox", "alarms", "places"):
            assert client.get(f"/api/{kind}", params={"station": XX}).status_code == 404, kind
        assert client.get(f"/api/cases/{case.id}").status_code == 404
        reason = {"reason": "calling"}
        for act, body in {
            "unmask": reason,
            "hold": None,
            "release": None,
            "close": reason | {"disposition": "dissuaded"},
            "reopen": reason,
            "contacts": {"channel": "phone", "result": "no_answer"},
            "freezes": {"whose": "own", "asked_by": "family"},
            "hand_over": {"to": "zhang", "note": "x"},
            "offers": {"volunteer": str(person.id)},
            f"offers/{new_id()}/recall": reason,
        }.items():
            assert client.post(f"/api/cases/{case.id}/{act}", json=body).status_code == 404, act
        assert client.post(f"/api/volunteers/{person.id}/duty", json={"on_duty": False}).status_code == 404
        assert client.post(f"/api/inbox/{text.id}/handled").status_code == 404
        assert client.post(f"/api/alarms/{ringing.id}/acknowledge").status_code == 404


def test_one_case_is_on_one_page_and_masked(world: World, desk: Live) -> None:
    world.officer("zhang")
    case, person = world.case(), world.volunteer()
    offer = world.accept(case, person)
    now = world.database.clock.now()
    body = '【蓝马甲】特急 K73 桃源社区。回"1K73"接单 https://bluevest.example/t/SeCrEt123'
    add(
        world,
        Message(
            purpose="offer",
            template="offer",
            params={},
            language="zh",
            phone=person.phone,
            body=body,
            case_id=case.id,
            state=MessageState.DELIVERED,
            volunteer_id=person.id,
            not_before=now,
            created_at=now,
        ),
    )
    text_in(world, LT, in_inbox=False, offer_id=offer.id, body="1K73", volunteer_id=person.id)

    with desk.sign_in("zhang") as client:
        answer = client.get(f"/api/cases/{case.id}")

    page = answer.json()
    assert page["case"]["resident"] == {"name": "王**", "phone": "138****0001", "address": "桃源社区一栋"}
    assert page["alerts"][0]["at_risk"] == "10000000.00"
    assert page["kin"] == [{"name": "李**", "relation": "husband", "phone": "137****1234"}]
    assert {(t["direction"], t["body"][:4]) for t in page["texts"]} == {("out", "【蓝马甲"), ("in", "1K73")}
    assert [e["kind"] for e in page["events"]] == ["case.opened", "offer.accepted"]
    assert "SeCrEt123" not in answer.text
    for secret in WHOLE:
        assert secret not in answer.text


def test_the_case_is_the_same_on_the_socket_and_in_the_list(world: World, desk: Live) -> None:
    world.officer("zhang")
    case = world.case(lon=113.87, lat=22.57)
    world.accept(case, world.volunteer())
    with desk.sign_in("zhang") as client, desk.watch(client) as connection:
        connection.send('{"type":"start"}')
        pushed = httpx.Response(200, text=str(connection.recv(timeout=30))).json()
        assert client.get("/api/cases").json()["cases"] == pushed["cases"]
        assert client.get("/api/volunteers").json() == pushed["volunteers"]


def test_unmasking_needs_a_reason_and_leaves_a_trace(world: World, desk: Live) -> None:
    world.officer("zhang")
    case = world.case()
    with desk.sign_in("zhang") as client:
        for reason in ({}, {"reason": ""}, {"reason": "  "}):
            assert client.post(f"/api/cases/{case.id}/unmask", json=reason).status_code == 422
        assert last_act(world).act == "sign_in"

        found = client.post(f"/api/cases/{case.id}/unmask", json={"reason": "家属来电核实"}).json()

    assert found["resident"]["name"] == "王某丽"
    assert found["kin"] == [{"name": "李某强", "relation": "husband", "phone": "+8613700001234"}]
    assert {a["account"] for a in found["accounts"]} == {"6222020000000017", "6217000000000099"}
    trace = last_act(world)
    assert (trace.actor, trace.act, trace.subject) == ("zhang", "case.unmasked", str(case.id))
    assert trace.details is not None
    assert trace.details["reason"] == "家属来电核实"
    assert not any(secret in str(trace.details) for secret in WHOLE)


def test_an_officer_takes_a_case_and_the_other_is_told_by_whom(world: World, desk: Live) -> None:
    for name, role in (("zhang", Role.DUTY), ("li", Role.DUTY), ("chief", Role.CHIEF)):
        world.officer(name, role)
    case = world.case()
    path = f"/api/cases/{case.id}"
    with desk.sign_in("zhang") as zhang, desk.sign_in("li") as li, desk.sign_in("chief") as chief:
        assert zhang.post(f"{path}/hold").json()["held_by"] == "zhang"
        assert zhang.post(f"{path}/hold").status_code == 200
        closing = {"disposition": "dissuaded", "reason": "识破骗局"}
        for answer in (li.post(f"{path}/hold"), li.post(f"{path}/release"), li.post(f"{path}/close", json=closing)):
            assert answer.status_code == 409
            assert "zhang" in answer.json()["detail"]
        # Trying and stopping payment wait for nobody.
        tried = li.post(f"{path}/contacts", json={"channel": "96110", "result": "spoken", "note": "已说明"})
        assert tried.json()["contacts"][0]["by"] == "li"

        assert chief.post(f"{path}/release").json()["held_by"] is None
        assert li.post(f"{path}/close", json=closing).json()["disposition"] == "dissuaded"
        assert li.post(f"{path}/close", json=closing).status_code == 409
        assert li.post(f"{path}/reopen", json={"reason": "又接到电话"}).json()["state"] == "dispatching"
    entry = last_act(world)
    assert (entry.act, entry.actor, entry.details) == (
        "case.reopened",
        "li",
        {"number": case.number, "reason": "又接到电话"},
    )


def test_a_stop_payment_is_drafted_and_its_account_shown_by_four_digits(world: World, desk: Live) -> None:
    world.officer("zhang")
    path = f"/api/cases/{world.case().id}/freezes"
    asked = {"whose": "suspect", "asked_by": "family", "bank": "建设银行", "account": "6217000000000099"}
    with desk.sign_in("zhang") as client:
        for amount in ("NaN", "-1", "1.234", "1e30", 0):
            assert client.post(path, json=asked | {"amount": amount}).status_code == 422, amount
        assert client.post(path, json=asked | {"whose": "mine"}).status_code == 422
        freeze = client.post(path, json=asked | {"amount": "50000.00"}).json()["freezes"][0]
    assert (freeze["account"], freeze["state"], freeze["whose"]) == ("****0099", "draft", "suspect")
    kept = world.database.read(lambda s: s.scalars(select(Freeze)).one())
    assert (kept.account, str(kept.amount)) == ("6217000000000099", "50000.00")


def test_people_go_on_and_off_duty(world: World, desk: Live) -> None:
    world.officer("zhang")
    person = world.volunteer(on_duty=False)
    with desk.sign_in("zhang") as client:
        assert client.get("/api/volunteers", params={"on_duty": "true"}).json() == []
        on = client.post(f"/api/volunteers/{person.id}/duty", json={"on_duty": True}).json()
        assert (on["id"], on["on_duty"]) == (str(person.id), True)
        assert [p["id"] for p in client.get("/api/volunteers").json()] == [str(person.id)]
    assert last_act(world).details == {"on_duty": True}


def test_the_list_of_people_says_when_each_ones_shift_begins_or_ends(world: World, desk: Live) -> None:
    world.officer("zhang")
    person, without = world.volunteer(on_duty=False), world.volunteer()
    turns = datetime(2026, 4, 29, 20, 0, tzinfo=UTC)

    def planned(work: Work) -> None:
        row = work.session.get_one(Volunteer, person.id)
        row.turn_at, row.turn_on_duty = turns, False

    world.database.transact(planned)
    with desk.sign_in("zhang") as client:
        shown = {one["id"]: one["next_turn"] for one in client.get("/api/volunteers").json()}
    assert shown == {str(person.id): {"at": "2026-04-29T20:00:00.000Z", "on_duty": False}, str(without.id): None}


def test_the_officers_word_on_duty_is_noted_also_when_it_changes_nothing(world: World, desk: Live) -> None:
    """A shift plan leaves it alone until its next boundary."""
    world.officer("zhang")
    person = world.volunteer(on_duty=True)
    with desk.sign_in("zhang") as client:
        client.post(f"/api/volunteers/{person.id}/duty", json={"on_duty": True})
    now = world.database.read(lambda session: session.get_one(Volunteer, person.id))
    assert (now.duty_said_at, now.duty_changed_at) == (world.database.clock.now(), None)


def test_the_inbox_and_the_alarms_belong_to_who_was_first(world: World, desk: Live) -> None:
    world.officer("zhang")
    world.officer("li")
    text, ringing = text_in(world, LT), alarm(world, LT)
    stranger = text_in(world, None)
    with desk.sign_in("zhang") as zhang, desk.sign_in("li") as li:
        assert {t["phone"] for t in zhang.get("/api/inbox").json()} == {"139****1234"}
        for path, by in (
            (f"inbox/{text.id}/handled", "handled_by"),
            (f"alarms/{ringing.id}/acknowledge", "acknowledged_by"),
        ):
            assert zhang.post(f"/api/{path}").json()[by] == "zhang"
            assert zhang.post(f"/api/{path}").json()[by] == "zhang"
            late = li.post(f"/api/{path}")
            assert (late.status_code, "zhang" in late.json()["detail"]) == (409, True)
        assert li.post(f"/api/inbox/{stranger.id}/handled").status_code == 200
        assert zhang.get("/api/inbox").json() == []
        assert len(zhang.get("/api/inbox", params={"handled": "true"}).json()) == 2
        assert zhang.get("/api/alarms").json() == []


def test_who_calls_a_texter_back_sees_the_number_for_a_reason_that_is_kept(world: World, desk: Live) -> None:
    world.officer("zhang")
    world.officer("xi", Role.DUTY, XX)
    text = text_in(world, LT)
    path = f"/api/inbox/{text.id}/unmask"
    with desk.sign_in("zhang") as zhang, desk.sign_in("xi") as xi:
        assert zhang.post(path, json={"reason": " "}).status_code == 422
        assert xi.post(path, json={"reason": "回电"}).status_code == 404
        assert zhang.post(path, json={"reason": "回电"}).json() == {"phone": "+8613900001234"}
    entry = last_act(world)
    assert (entry.act, entry.actor, entry.details) == ("text.unmasked", "zhang", {"reason": "回电"})


MAY = {
    # path: who gets 200
    "GET /api/cases": {"duty", "chief", "auditor", "centre"},
    "GET /api/cases/{case}": {"duty", "chief", "auditor", "centre"},
    "POST /api/cases/{case}/unmask": {"duty", "chief"},
    "POST /api/cases/{case}/contacts": {"duty", "chief"},
    "POST /api/cases/{case}/freezes": {"duty", "chief"},
    "GET /api/cases/{case}/freezes": {"duty", "chief", "auditor", "centre"},
    "GET /api/volunteers": {"duty", "chief", "admin", "auditor"},
    "POST /api/volunteers/{person}/duty": {"duty", "chief", "admin"},
    "GET /api/inbox": {"duty", "chief", "auditor"},
    "POST /api/inbox/{text}/unmask": {"duty", "chief"},
    "GET /api/alarms": {"duty", "chief", "auditor"},
    "GET /api/places": {"duty", "chief", "admin", "auditor", "centre"},
    "GET /api/audit": {"chief", "auditor"},
    "GET /api/officers": {"duty", "chief"},
}
BODIES = {
    "unmask": {"reason": "x"},
    "contacts": {"channel": "door", "result": "no_answer"},
    "freezes": {"whose": "own", "asked_by": "bank"},
    "duty": {"on_duty": True},
}


def test_every_role_may_what_the_table_says(world: World, desk: Live) -> None:
    case, person, text = world.case(), world.volunteer(), text_in(world, LT)
    found: dict[str, set[str]] = {line: set() for line in MAY}
    for role in Role:
        world.officer(role.value, role)
        with desk.sign_in(role.value) as client:
            for line in MAY:
                method, path = line.format(case=case.id, person=person.id, text=text.id).split()
                body = BODIES.get(path.rsplit("/", 1)[-1])
                status = client.request(method, path, json=body).status_code
                assert status in {200, 403}, (role, line, status)
                if status == 200:
                    found[line].add(role.value)
    assert found == MAY


OPEN = {("/api/session", "post"), ("/api/about", "get")}


def test_without_a_session_there_is_nothing_to_see(world: World, desk: Live) -> None:
    schema = httpx.get(f"{desk.url}/openapi.json", trust_env=False, timeout=60).json()
    tried = 0
    for path, methods in schema["paths"].items():
        for method in methods:
            if path.startswith("/api/") and (path, method) not in OPEN:
                place = path.replace("{", "").replace("}", "")
                url = f"{desk.url}{place}" if "{" not in path else f"{desk.url}{_filled(path)}"
                assert httpx.request(method.upper(), url, trust_env=False).status_code == 401, (method, path)
                tried += 1
    assert tried >= 20


def _filled(path: str) -> str:
    return "/".join(str(new_id()) if part.startswith("{") else part for part in path.split("/"))


def test_the_audit_is_read_by_page_and_within_the_scope(world: World, desk: Live) -> None:
    world.officer("liu", Role.AUDITOR, LT)
    world.officer("xi", Role.CHIEF, XX)
    world.officer("city", Role.AUDITOR, CITY)
    httpx.post(f"{desk.url}/api/session", json={"username": "nobody", "password": "x"}, trust_env=False, timeout=60)
    with desk.sign_in("liu") as liu, desk.sign_in("xi") as xi, desk.sign_in("city") as city:
        assert {e["actor"] for e in liu.get("/api/audit").json()["entries"]} == {"liu"}
        assert {e["actor"] for e in xi.get("/api/audit").json()["entries"]} == {"xi"}
        assert {"liu", "xi", "city", "unknown"} <= {e["actor"] for e in city.get("/api/audit").json()["entries"]}
        page = city.get("/api/audit", params={"limit": 2}).json()
        rest = city.get("/api/audit", params={"before": page["next"]}).json()
        ids = [e["id"] for e in page["entries"] + rest["entries"]]
        assert ids == sorted(ids, reverse=True)
        assert len(ids) == len(set(ids)) > 4


def test_made_up_ground_says_so(world: World, desk: Live) -> None:
    world.officer("zhang")
    with desk.sign_in("zhang") as client:
        found = client.get("/api/places", params={"station": LT}).json()
    assert found["type"] == "FeatureCollection"
    assert {(f["properties"]["code"], f["properties"]["synthetic"]) for f in found["features"]} == {
        (LT, False),
        ("LT-TY", False),
    }
