"""The life of a stop-payment at the officers' desks, by the interface."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from dispatcher.freezes.clocks import due_freezes, run_freeze
from dispatcher.model import Alarm, AlarmKind, AuditEntry, Case, Event, FreezeStep, Place, Role
from dispatcher.views import iso
from tests.access.world import LT, PASSWORD, XX, World
from tests.web.live import Live

SUSPECT = {
    "whose": "suspect",
    "asked_by": "police",
    "bank": "建设银行",
    "account": "6217 0000 0000 0099",
    "account_name": "张某",
    "other_bank": "工商银行",
    "other_account": "6222020000000017",
    "other_name": "王某丽",
    "amount": "50000.00",
    "transferred_at": "2026-04-29T15:30:00+08:00",
    "facts": "冒充公检法,要求转账到安全账户",
    "receipts": ["回单 20260429-1"],
}
OWN = {
    "whose": "own",
    "asked_by": "family",
    "bank": "工商银行",
    "account": "6222020000000017",
    "account_name": "王某丽",
    "facts": "家属来电,本人失联",
}
CHIEF = {"chief": "陈局", "chief_at": "2026-04-29T16:00:00+08:00"}


class Desk:
    """One officer at one case's requests."""

    def __init__(self, client: httpx.Client, case: Case, world: World) -> None:
        self.client, self.case, self.world = client, case, world
        self.path = f"/api/cases/{case.id}/freezes"

    @property
    def now(self) -> str | None:
        return iso(self.world.database.clock.now())

    def later(self, **span: float) -> None:
        """Time passes; whoever was away for long signs in again."""
        clock: Any = self.world.database.clock
        clock.forward(**span)
        self.client.post("/api/session", json={"username": "zhang", "password": PASSWORD})

    def draft(self, body: dict[str, Any] = SUSPECT, **more: Any) -> str:
        answer = self.client.post(self.path, json=body | more)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["freezes"][-1]["id"])

    def one(self, freeze: str) -> dict[str, Any]:
        return dict(self.client.get(f"{self.path}/{freeze}").json())

    def ask(self, freeze: str, act: str, key: str | None = None, **body: Any) -> httpx.Response:
        body.setdefault("version", self.one(freeze)["version"])
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(f"{self.path}/{freeze}/{act}", json=body, headers=headers)

    def does(self, freeze: str, act: str, **body: Any) -> dict[str, Any]:
        """The request as CASE shows it afterwards."""
        answer = self.ask(freeze, act, **body)
        assert answer.status_code == 200, answer.text
        return next(one for one in answer.json()["freezes"] if one["id"] == freeze)

    def stopped(self, body: dict[str, Any] = SUSPECT, **more: Any) -> str:
        freeze = self.draft(body)
        self.does(freeze, "send")
        self.does(freeze, "answer", result="stopped", at=self.now, **more)
        return freeze


def tick(world: World) -> None:
    for freeze in world.database.read(lambda session: due_freezes(session, world.database.clock.now())):
        world.database.transact(lambda work, freeze=freeze: run_freeze(work, freeze))  # type: ignore[misc]


def alarms(world: World) -> list[AlarmKind]:
    return world.database.read(lambda s: list(s.scalars(select(Alarm.kind).order_by(Alarm.raised_at))))


def acts(world: World) -> list[tuple[str, str]]:
    """What the audit says of requests, in order: who did what."""
    rows = select(AuditEntry).where(AuditEntry.act.startswith("freeze.")).order_by(AuditEntry.id)
    return [(row.actor, row.act) for row in world.database.read(lambda s: list(s.scalars(rows)))]


@pytest.fixture
def zhang(world: World, desk: Live) -> Any:
    world.officer("zhang")
    with desk.sign_in("zhang") as client:
        yield Desk(client, world.case(), world)


def refused(answer: httpx.Response, status: int, field: str, *words: str) -> None:
    problem = answer.json()
    assert (answer.status_code, problem.get("field")) == (status, field), problem
    assert all(word in problem["detail"] for word in words), problem


def test_a_suspects_account_from_the_draft_to_the_return(zhang: Desk, world: World) -> None:
    freeze = zhang.draft()
    assert zhang.does(freeze, "send")["state"] == "sent"
    zhang.later(minutes=10)
    said = {"result": "stopped", "at": "2026-04-29T16:05:00+08:00", "reference": "止2026-1", "amount": "42000.00"}
    stopped = zhang.does(freeze, "answer", **said)
    assert stopped["account"] == "****0099"
    assert (stopped["state"], stopped["stop_no"], stopped["until"]) == ("stopped", 1, "2026-05-01T08:05:00.000Z")

    zhang.later(hours=40)
    frozen = zhang.does(freeze, "freeze", **CHIEF, at=zhang.now, amount="42000.00", reference="冻2026-1")
    # 1 May at the station; the last day is 1 November, to its end.
    assert (frozen["state"], frozen["until"]) == ("frozen", "2026-11-01T16:00:00.000Z")
    zhang.later(days=180)
    renewed = zhang.does(freeze, "renew", **CHIEF, at=zhang.now, major=True)
    assert (renewed["state"], renewed["until"]) == ("renewed", "2027-10-28T16:00:00.000Z")
    refused(zhang.ask(freeze, "return", at=zhang.now, amount="42000.01"), 422, "amount", "42000.00")
    assert zhang.does(freeze, "return", at=zhang.now, amount="42000.00")["state"] == "returned"

    page = zhang.client.get(zhang.path).json()
    assert page["money"] == {"protected": "42000.00", "held": "0.00", "returned": "42000.00", "lost": "8000.00"}
    steps = page["requests"][0]["steps"]
    assert [step["act"] for step in steps] == ["drafted", "sent", "stopped", "frozen", "renewed", "returned"]
    assert (steps[3]["chief"], steps[3]["chief_at"]) == ("陈局", "2026-04-29T08:00:00.000Z")
    done = ["drafted", "sent", "answered", "frozen", "renewed", "returned"]
    assert acts(world) == [("zhang", f"freeze.{act}") for act in done]


def test_the_bank_finds_a_mismatch_and_the_request_goes_again(zhang: Desk) -> None:
    freeze = zhang.draft(account_name="张甲")
    zhang.does(freeze, "send")
    refused(zhang.ask(freeze, "answer", result="mismatch", at=zhang.now), 422, "words")
    with_sum = {"result": "mismatch", "at": zhang.now, "words": "户名不符", "amount": "1.00"}
    refused(zhang.ask(freeze, "answer", **with_sum), 422, "amount")
    said = zhang.does(freeze, "answer", result="mismatch", at=zhang.now, words="户名不符")
    assert (said["state"], said["until"], said["stop_no"]) == ("mismatch", None, None)
    assert zhang.one(freeze)["steps"][-1]["words"] == "户名不符"

    assert zhang.does(freeze, "correct", **SUSPECT)["state"] == "draft"
    assert zhang.does(freeze, "send")["state"] == "sent"
    refused(zhang.ask(freeze, "correct", **SUSPECT), 409, "state", "sent")
    assert zhang.does(freeze, "answer", result="stopped", at=zhang.now)["stop_no"] == 1


@pytest.mark.parametrize("name", [name for name in SUSPECT if name not in {"whose", "asked_by", "receipts"}])
def test_what_a_bank_must_be_told_is_named(zhang: Desk, name: str) -> None:
    freeze = zhang.draft(**{name: None})
    assert zhang.one(freeze)["missing"] == [name]
    refused(zhang.ask(freeze, "send"), 422, name, name)
    refused(zhang.ask(freeze, "submit"), 422, name, name)


def test_a_request_of_nothing_names_all_and_an_account_of_signs_is_none(zhang: Desk) -> None:
    empty = zhang.draft({"whose": "own", "asked_by": "vest"})
    refused(zhang.ask(empty, "send"), 422, "facts", "account_name", "account", "bank")
    refused(zhang.ask(zhang.draft(account="----"), "send"), 422, "account")


def test_an_account_is_stopped_twice_in_all_cases_together(zhang: Desk, world: World, desk: Live) -> None:
    zhang.stopped()
    other_case = Desk(zhang.client, world.case(), world)
    second = other_case.draft(account="6217000000000099")
    other_case.does(second, "send")
    third = zhang.draft(account="６２１７-0000-0000-0099")
    # One is stopped and one with the bank: if it says no, there is another stop to be had.
    refused(zhang.ask(third, "send"), 409, "account", zhang.case.number, other_case.case.number)
    other_case.does(second, "answer", result="mismatch", at=zhang.now, words="账号不符")
    assert zhang.does(third, "send")["state"] == "sent"
    assert zhang.does(third, "answer", result="stopped", at=zhang.now)["stop_no"] == 2
    refused(other_case.ask(second, "send"), 409, "account", f"{zhang.case.number} (2026-04-29T08:00:00.000Z)")
    # They have ended, and still there were two.
    zhang.later(hours=49)
    tick(world)
    refused(other_case.ask(second, "send"), 409, "account", zhang.case.number)
    # The victim's own account knows no such limit.
    for _ in range(3):
        zhang.stopped(OWN)


def test_a_second_officer_approves_where_the_station_asks_for_it(zhang: Desk, world: World, desk: Live) -> None:
    def ask_for_it(work: Any) -> None:
        work.session.get_one(Place, zhang.case.station_id).policy = {"stops": {"second_officer": True}}

    world.database.transact(ask_for_it)
    world.officer("li")
    freeze = zhang.draft()
    refused(zhang.ask(freeze, "send"), 409, "state", "second officer")
    refused(zhang.ask(freeze, "approve"), 409, "state")
    assert zhang.does(freeze, "submit")["state"] == "to_approve"
    refused(zhang.ask(freeze, "approve"), 409, "state", "another officer")
    refused(zhang.ask(freeze, "send"), 409, "state", "second officer")
    assert zhang.one(freeze)["submitted_by"] == "zhang"
    with desk.sign_in("li") as client:
        li = Desk(client, zhang.case, world)
        assert li.does(freeze, "correct", **SUSPECT | {"amount": "60000.00"})["state"] == "draft"
        zhang.does(freeze, "submit")
        assert li.does(freeze, "approve")["state"] == "sent"
    assert zhang.client.get(zhang.path).json()["second_officer"] is True
    assert [act for _, act in acts(world)][-3:] == ["freeze.corrected", "freeze.submitted", "freeze.approved"]


def test_the_victims_own_account_is_stopped_until_the_bank_says_and_never_frozen(zhang: Desk, world: World) -> None:
    freeze = zhang.stopped(OWN, until="2026-05-04T08:00:00Z", amount="10000000.00")
    one = zhang.one(freeze)
    assert (one["state"], one["until"], one["stop_no"]) == ("stopped", "2026-05-04T08:00:00.000Z", None)
    refused(zhang.ask(freeze, "freeze", **CHIEF, at=zhang.now), 409, "whose", "never frozen")
    open_ended = zhang.stopped(OWN)
    zhang.later(days=400)
    tick(world)
    assert (zhang.one(freeze)["state"], zhang.one(open_ended)["state"]) == ("lapsed", "stopped")


def test_a_warning_comes_before_the_end_and_the_lapse_by_itself(zhang: Desk, world: World) -> None:
    freeze = zhang.stopped()
    zhang.later(hours=41, minutes=59)
    tick(world)
    assert alarms(world) == []
    zhang.later(minutes=1)
    for _ in range(2):
        tick(world)
    assert alarms(world) == [AlarmKind.FREEZE_ENDING]
    zhang.later(hours=6)
    for _ in range(2):
        tick(world)
    assert alarms(world) == [AlarmKind.FREEZE_ENDING, AlarmKind.FREEZE_LAPSED]
    one = zhang.one(freeze)
    assert (one["state"], one["steps"][-1]["by"], one["steps"][-1]["at"]) == ("lapsed", "system", one["until"])
    assert acts(world)[-1] == ("system", "freeze.lapsed")
    refused(zhang.ask(freeze, "release", at=zhang.now, reason="x", confirm=True), 409, "at")


def test_who_was_away_for_long_is_told_of_the_end_alone(zhang: Desk, world: World) -> None:
    zhang.stopped()
    zhang.later(days=10)
    tick(world)
    assert alarms(world) == [AlarmKind.FREEZE_LAPSED]


def test_a_freeze_lapses_long_after_its_case_was_closed(zhang: Desk, world: World) -> None:
    freeze = zhang.stopped()
    zhang.does(freeze, "freeze", **CHIEF, at=zhang.now)
    zhang.client.post(f"/api/cases/{zhang.case.id}/close", json={"disposition": "already_defrauded", "reason": "立案"})
    zhang.later(days=176, hours=17)  # 29 October is the last day: a week before its end
    tick(world)
    assert alarms(world) == [AlarmKind.FREEZE_ENDING]
    zhang.later(days=7)
    tick(world)
    assert zhang.one(freeze)["state"] == "lapsed"


def test_what_the_bank_did_in_time_is_recorded_after_the_lapse(zhang: Desk, world: World) -> None:
    freeze = zhang.stopped()
    in_time = iso(world.database.clock.now() + timedelta(hours=47))
    zhang.later(hours=49)
    tick(world)
    refused(zhang.ask(freeze, "freeze", **CHIEF, at=zhang.now), 409, "at", "ended at")
    assert zhang.does(freeze, "freeze", **CHIEF, at=in_time)["state"] == "frozen"


def test_a_release_while_the_case_is_open_is_asked_twice(zhang: Desk, world: World) -> None:
    freeze = zhang.stopped()
    body = {"at": zhang.now, "reason": "核实为正常交易"}
    refused(zhang.ask(freeze, "release", **body | {"reason": " "}), 422, "reason")
    refused(zhang.ask(freeze, "release", **body), 409, "confirm", "open")
    assert zhang.does(freeze, "release", **body, confirm=True)["state"] == "released"
    closed = zhang.stopped(OWN)
    zhang.client.post(f"/api/cases/{zhang.case.id}/close", json={"disposition": "dissuaded", "reason": "已劝阻"})
    assert zhang.does(closed, "release", **body)["state"] == "released"
    zhang.later(hours=49)
    tick(world)
    assert alarms(world) == []


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
