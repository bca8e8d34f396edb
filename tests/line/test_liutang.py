"""Liutang: ten million in a car park, over real processes, as the console, the phones and the centre see it."""

from collections.abc import Iterator

import pytest

from simulator.stories import Liutang, play
from tests.line.service import OFFICER
from tests.line.stories import Scene, scene


@pytest.fixture(scope="module")
def world() -> Iterator[Scene]:
    with scene("liutang-b") as open_scene:
        yield open_scene


def steps_until(story: Liutang, last: str) -> None:
    """Play the steps up to and including the one of this name."""
    for step in story.steps:
        step.play()
        if step.name == last:
            return
    raise AssertionError(f"there is no step {last}")


def test_from_the_order_to_the_closing(world: Scene) -> None:
    stage, lines = world.stage(), []
    story = Liutang(stage)
    assert play(story, stage, pace=0, say=lines.append) is True
    assert [line.partition(" ")[0] for line in lines] == ["流塘"] * len(story.steps)
    assert all(" · " in line for line in lines), "a line is in both languages"

    console, case_id = world.console, story.case_id
    opened = console.expect("case.opened", case_id)["case"]
    assert (opened["level"], opened["fraud_type"]) == ("extreme", "impersonating_authorities")
    assert (opened["community"], opened["resident"]["name"]) == ("桃源社区", "王**")
    accepted = console.expect("offer.accepted", case_id)["case"]
    assert [offer["state"] for offer in accepted["offers"]].count("accepted") == 1
    stood_down = console.expect("offer.stood_down", case_id)["case"]
    assert sorted(offer["state"] for offer in stood_down["offers"]) == ["accepted", "stood_down", "stood_down"]
    stop = console.expect("freeze.changed", case_id)["case"]["freezes"][0]
    assert (stop["whose"], stop["asked_by"], stop["account"], stop["state"]) == ("own", "family", "****0017", "draft")
    husband = console.expect("contact.attempted", case_id)["case"]["contacts"][-1]
    assert (husband["channel"], husband["result"], husband["by"]) == ("family", "spoken", "liutang-b")
    assert console.expect("contact.attempted", case_id)["case"]["state"] == "on_scene"
    searching = console.expect("contact.attempted", case_id)["case"]
    assert (searching["contacts"][-1]["result"], searching["flags"]) == ("not_found", ["searching"])
    found = console.expect("resident.met", case_id)["case"]
    met = found["contacts"][-1]
    assert (met["channel"], met["result"], met["by"]) == ("door", "met", story.finder.volunteer)
    assert "searching" not in found["flags"]
    assert story.finder.phone != story.vest.phone
    done = console.expect("offer.completed", case_id)["case"]
    assert (done["state"], done["flags"]) == ("on_scene", ["dissuaded_reported"]), "no reply closes a case"
    closed = console.expect("case.closed", case_id)["case"]
    assert (closed["state"], closed["disposition"]) == ("closed", "dissuaded")

    told = [item["type"] for item in world.told(case_id, "case.closed")]
    assert list(dict.fromkeys(told)) == [
        "case.opened",
        "case.signed_for",
        "freeze.changed",
        "contact.attempted",
        "resident.met",
        "case.closed",
    ]
    assert told.count("resident.met") == 1
    assert told[-3:] == ["contact.attempted", "resident.met", "case.closed"]
    world.provider.expect_nothing_else()


def test_the_meeting_has_its_place_and_the_officers_look_at_the_account_its_reason(world: Scene) -> None:
    story = Liutang(world.stage())
    steps_until(story, "meet")
    [met] = [c for c in world.console.case(story.case_id)["contacts"] if c["result"] == "met"]
    [where] = [c for c in world.console.get(f"/cases/{story.case_id}")["contacts_detail"] if c["id"] == met["id"]]
    assert (round(where["lon"], 4), round(where["lat"], 4)) == (113.8679, 22.5757)
    with world.service.sql() as sql:
        [(reason,)] = sql.execute(
            "SELECT details->>'reason' FROM audit_entries WHERE act = 'case.unmasked' AND subject = %s",
            [story.case_id],
        ).fetchall()
    assert "止付" in reason
    story.close()
    world.told(story.case_id, "case.closed")
    world.provider.expect_nothing_else()


def test_whoever_holds_the_case_goes_on_with_it_and_the_story_says_so(world: Scene) -> None:
    stage, lines = world.stage(), []
    story = Liutang(stage)

    def say(line: str) -> None:
        lines.append(line)
        if "接单" in line:
            world.console.post(f"/cases/{story.case_id}/hold")

    assert play(story, stage, pace=0, say=say) is False
    assert "8/10 已由真人接手" in lines[-1], "whom else to ask is for the holder to say"
    assert OFFICER in lines[-1], "who holds it is named"
    assert world.console.case(story.case_id)["held_by"] == OFFICER, "and it stays theirs"
    world.console.post(f"/cases/{story.case_id}/close", disposition="dissuaded", reason="已见面")
    world.provider.expect_nothing_else()


def test_a_case_closed_by_somebody_else_ends_the_story_quietly(world: Scene) -> None:
    stage, lines = world.stage(), []
    story = Liutang(stage)

    def say(line: str) -> None:
        lines.append(line)
        if "接单" in line:
            world.console.post(f"/cases/{story.case_id}/close", disposition="not_matching", reason="核实不符")

    assert play(story, stage, pace=0, say=say) is False
    assert (len(lines), "已由真人接手" in lines[-1]) == (4, True)
    world.provider.phone(story.vest.phone).expect_sms(story.vest.code, "任务已结束")
    world.provider.expect_nothing_else()


def test_another_vest_who_was_quicker_has_the_task(world: Scene) -> None:
    stage, lines = world.stage(), []
    story = Liutang(stage)
    quicker = []

    def say(line: str) -> None:
        lines.append(line)
        if "收到短信" in line:
            quicker.append(story.others[0])
            stage.says(story.case_id, quicker[0], 1)

    assert play(story, stage, pace=0, say=say) is False
    assert "已由真人接手" in lines[-1]
    world.provider.phone(story.vest.phone).expect_sms(story.vest.code, "不用去了")
    world.provider.phone(story.others[1].phone).expect_sms(story.others[1].code, "不用去了")
    stage.says(story.case_id, quicker[0], 4)
    world.officers[0].close(story.case_id, "dissuaded", "已见面")
    world.provider.expect_nothing_else()
