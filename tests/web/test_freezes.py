"""The life of a stop-payment at the officers' desks, by the interface."""

from datetime import timedelta
from typing import Any

import pytest

from dispatcher.model import AlarmKind, Place
from dispatcher.views import iso
from tests.access.world import World
from tests.web.live import Live
from tests.web.stops import CHIEF, OWN, SUSPECT, Desk, acts, alarms, refused, tick


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
    assert tick(world) == 1
    (ringing,) = zhang.client.get("/api/alarms").json()
    zhang.client.post(f"/api/alarms/{ringing['id']}/acknowledge")
    assert tick(world) == 0, "who has seen the warning is not called again"
    assert alarms(world) == [AlarmKind.FREEZE_ENDING]
    zhang.later(hours=6)
    assert (tick(world), tick(world)) == (1, 0)
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
