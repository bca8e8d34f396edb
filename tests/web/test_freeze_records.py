"""What is recorded of stop-payments, once and for whom to see: two officers, lost answers, masks, roles, alarms."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dispatcher.model import Alarm, AlarmKind, AuditEntry, Event, FreezeStep, Role
from tests.access.world import LT, XX, World
from tests.web.live import Live
from tests.web.stops import CHIEF, OWN, SUSPECT, Desk, acts, refused


def test_whoever_acts_on_what_another_has_changed_hears_by_whom_and_what(zhang: Desk, world: World, desk: Live) -> None:
    world.officer("li")
    freeze = zhang.draft()
    seen = zhang.one(freeze)["version"]
    with desk.sign_in("li") as client:
        li = Desk(client, zhang.case, world)
        li.does(freeze, "send")
        refused(zhang.ask(freeze, "send", version=seen), 409, "version", "li was first: sent")
        answered = li.does(freeze, "answer", result="stopped", at=zhang.now)["version"]
    mismatch = {"result": "mismatch", "at": zhang.now, "words": "户名不符"}
    refused(zhang.ask(freeze, "answer", version=answered - 1, **mismatch), 409, "version", "li was first: stopped")


def test_a_draft_is_known_again_also_after_it_says_something_else(zhang: Desk) -> None:
    key = {"Idempotency-Key": "k"}
    first = zhang.client.post(zhang.path, json=SUSPECT, headers=key).json()["freezes"]
    zhang.does(first[0]["id"], "correct", **SUSPECT | {"bank": "中国银行"})
    again = zhang.client.post(zhang.path, json=SUSPECT, headers=key)
    assert (again.status_code, [one["id"] for one in again.json()["freezes"]]) == (200, [first[0]["id"]])
    refused(zhang.client.post(zhang.path, json=OWN, headers=key), 409, "Idempotency-Key")


def test_an_act_whose_answer_was_lost_is_done_once(zhang: Desk, world: World) -> None:
    freeze = zhang.draft()
    version = zhang.one(freeze)["version"]
    for _ in range(2):
        assert zhang.ask(freeze, "send", key="k", version=version).status_code == 200
    refused(zhang.ask(freeze, "send", key="k", version=version + 1), 409, "Idempotency-Key")
    said = {"result": "stopped", "at": zhang.now, "version": version + 1}
    for _ in range(2):
        assert zhang.ask(freeze, "answer", key="k", **said).status_code == 200
    steps = world.database.read(lambda s: list(s.scalars(select(FreezeStep.act).order_by(FreezeStep.version))))
    assert steps == ["drafted", "sent", "stopped"]
    assert [act for _, act in acts(world)] == ["freeze.drafted", "freeze.sent", "freeze.answered"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", "2026-04-29T08:00:00"),
        ("at", "0001-01-01T00:00:00Z"),
        ("at", "2026-04-29T08:00:01Z"),
        ("until", "2026-05-01T00:00:00Z"),
        ("amount", "-1"),
        ("amount", "NaN"),
        ("version", 0),
        ("result", "maybe"),
    ],
)
def test_an_answer_that_cannot_be_names_its_field(zhang: Desk, field: str, value: object) -> None:
    freeze = zhang.draft()
    zhang.does(freeze, "send")
    refused(zhang.ask(freeze, "answer", **{"result": "stopped", "at": zhang.now} | {field: value}), 422, field)
    assert zhang.one(freeze)["state"] == "sent"


def test_a_freeze_is_recorded_with_the_chief_who_decided_it(zhang: Desk) -> None:
    freeze = zhang.stopped()
    for body, field in (
        ({"at": zhang.now, "chief_at": zhang.now}, "chief"),
        ({"at": zhang.now, "chief": "陈局"}, "chief_at"),
    ):
        refused(zhang.ask(freeze, "freeze", **body), 422, field)
    late = CHIEF | {"chief_at": "2026-04-29T08:00:01Z"}
    refused(zhang.ask(freeze, "freeze", **late, at=zhang.now), 422, "chief_at", "before")


def test_personal_data_are_masked_and_whole_for_a_reason(zhang: Desk) -> None:
    freeze = zhang.draft()
    answers = [zhang.client.get(zhang.path), zhang.client.get(f"{zhang.path}/{freeze}")]
    for answer in answers:
        for secret in ("6217", "张某", "王某丽", "62220200", "安全账户", "回单"):
            assert secret not in answer.text
    one = answers[1].json()
    assert (one["account_name"], one["other_account"], one["other_name"]) == ("张**", "****0017", "王**")
    whole = zhang.client.post(f"/api/cases/{zhang.case.id}/unmask", json={"reason": "电话核对"}).json()["freezes"][0]
    assert (whole["account"], whole["facts"], whole["receipts"]) == (
        SUSPECT["account"],
        SUSPECT["facts"],
        SUSPECT["receipts"],
    )


def test_consoles_and_the_audit_hear_of_every_change_without_an_account(zhang: Desk, world: World) -> None:
    freeze = zhang.stopped()
    rows = world.database.read(
        lambda s: list(s.scalars(select(Event).where(Event.kind == "freeze.changed").order_by(Event.seq)))
    )
    assert [(row.data["act"], row.data["state"], row.data["by"]) for row in rows] == [
        ("drafted", "draft", "zhang"),
        ("sent", "sent", "zhang"),
        ("stopped", "stopped", "zhang"),
    ]
    assert {row.data["freeze"] for row in rows} == {freeze}
    details = world.database.read(lambda s: list(s.scalars(select(AuditEntry.details))))
    for secret in ("6217", "张某"):
        assert secret not in str(details)
        assert secret not in str([row.data for row in rows] + [row.case for row in rows])


def test_nothing_of_another_stations_requests_exists(zhang: Desk, world: World, desk: Live) -> None:
    freeze = zhang.draft()
    world.officer("xi", place=XX)
    with desk.sign_in("xi") as xi:
        assert xi.get(zhang.path).status_code == xi.get(f"{zhang.path}/{freeze}").status_code == 404
        assert xi.post(f"{zhang.path}/{freeze}/send", json={"version": 1}).status_code == 404
    elsewhere = world.case()
    path = f"/api/cases/{elsewhere.id}/freezes/{freeze}"
    assert (
        zhang.client.get(path).status_code == zhang.client.post(f"{path}/send", json={"version": 1}).status_code == 404
    )


def test_the_auditor_reads_and_the_centre_reads_no_words(zhang: Desk, world: World, desk: Live) -> None:
    freeze = zhang.stopped()
    zhang.does(freeze, "release", at=zhang.now, reason="核实为正常交易", confirm=True)
    for role, words in ((Role.AUDITOR, "核实为正常交易"), (Role.CENTRE, None)):
        world.officer(role.value, role)
        with desk.sign_in(role.value) as client:
            assert client.get(zhang.path).json()["requests"][0]["steps"][-1]["words"] == words
            assert client.post(f"{zhang.path}/{freeze}/send", json={"version": 1}).status_code == 403


def test_alarms_about_stops_come_before_all_that_is_newer(zhang: Desk, world: World) -> None:
    station = world.place(LT).id
    kinds = [AlarmKind.FREEZE_LAPSED, AlarmKind.NOBODY_LEFT, AlarmKind.MONEY_MOVING, AlarmKind.HELP_ASKED]

    def ring(work: Any) -> None:
        for minutes, kind in enumerate(kinds):
            work.session.add(Alarm(station_id=station, kind=kind, raised_at=work.now + timedelta(minutes=minutes)))

    world.database.transact(ring)
    shown = [one["kind"] for one in zhang.client.get("/api/alarms").json()]
    assert shown == ["money_moving", "freeze_lapsed", "help_asked", "nobody_left"]
    first = zhang.client.get("/api/alarms", params={"limit": 1}).json()
    assert [one["kind"] for one in first] == ["money_moving"]
