"""Yongning: several channels, tried by several people on one case; none of them closes it."""

from simulator.stories import Yongning, play
from tests.line.stories import scene


def test_they_were_at_the_door_when_she_got_home() -> None:
    with scene("liutang-b", "liutang-c") as world:
        stage, lines = world.stage(), []
        story = Yongning(stage)
        assert play(story, stage, pace=0, say=lines.append) is True
        assert len(lines) == len(story.steps)

        console, case_id = world.console, story.case_id
        opened = console.expect("case.opened", case_id)["case"]
        assert (opened["flags"], opened["resident"]["address"]) == (["no_position"], None)
        tries = [console.expect("contact.attempted", case_id)["case"] for _ in range(4)]
        known = console.expect("case.updated", case_id)["case"]
        assert (known["flags"], known["resident"]["name"], known["location"] is None) == ([], "何**", False)
        held = console.expect("case.held", case_id)["case"]
        assert held["held_by"] == "liutang-b"
        tries += [console.expect("contact.attempted", case_id)["case"] for _ in range(3)]
        assert "closed" not in {case["state"] for case in tries}, "no attempt closes a case"
        contacts = [(c["channel"], c["result"], c["by"]) for c in tries[-1]["contacts"]]
        vest = next(offer["volunteer"] for offer in tries[-1]["offers"] if offer["state"] == "completed")
        assert contacts == [
            ("phone", "no_answer", "liutang-b"),
            ("96110", "no_answer", "liutang-b"),
            ("sms", "no_answer", "liutang-c"),
            ("workplace", "not_found", "liutang-c"),
            ("wechat", "spoken", "liutang-c"),
            ("door", "arrived", vest),
            ("door", "met", vest),
        ]
        closed = console.expect("case.closed", case_id)["case"]
        assert (closed["disposition"], closed["held_by"]) == ("dissuaded", "liutang-b")

        told = [item["type"] for item in world.told(case_id, "case.closed")]
        assert told.count("contact.attempted") == 7
        assert (told[0], told[-2:]) == ("case.opened", ["resident.met", "case.closed"])
        world.provider.expect_nothing_else()
