"""A bad evening, as the officer, the console, the provider's ledger and the centre saw it: each oddity for itself."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest

from dispatcher.geo.coordinates import Crs, Point, distance_m, to_wgs84
from simulator.stories import play
from simulator.stories.evening_vests import ON_FOOT, PHONE_OFF, RECEIVED, SAYS_RECEIVED, VESTS, Habit
from simulator.stories.evening_warnings import ACROSS_THE_BORDER, HOME, MOST, NEIGHBOUR
from tests.line.console import Frame
from tests.line.evening import Evening, evening
from tests.line.hands import ASKED, hands, passed_over, untrue
from tests.line.processes import until
from tests.line.service import OFFICER

RESIDENTS = MOST - 2
CARRIED = {"delivered", "undelivered", "failed"}
"""Ends of a text; one that was called back before it left has failed."""
DIGEST_S = 60
"""Many at once raise one digest alarm (contract: States): so long it takes in more."""


def test_every_case_is_in_somebodys_hands_and_the_console_says_whose(subtests: pytest.Subtests) -> None:
    with evening() as there:
        lines: list[str] = []

        def say(line: str) -> None:
            lines.append(line)
            there.samples.append(there.console.snapshot())

        assert play(there.story, there.stage, pace=0, say=say) is True, lines[-1]
        assert len(lines) == len(there.story.steps)
        settle(there)
        for check in CHECKS:
            with subtests.test(check.__name__):
                check(there)


def settle(there: Evening) -> None:
    """Offers that nobody answers run out; every text has come, and was one that somebody at a phone waited for."""
    until(lambda: not {o["state"] for case in there.end["cases"] for o in case["offers"]} & ASKED, "nobody is asked")
    until(lambda: {row["state"] for _, row in there.texts_on_pages()} <= CARRIED, "every text has come")
    until(there.nothing_unread, "no text that nobody waits for")
    there.feed.screen(there.end["seq"])


def forty_warnings_became_thirty_eight_cases(there: Evening) -> None:
    receipts = [receipt for _, receipt in there.story.receipts]
    assert [(receipt.status, receipt.body["duplicate"]) for receipt in receipts] == [(202, False)] * MOST
    cases = {receipt.case_id for receipt in receipts}
    opened = [event["case_id"] for event in there.of_kind("case.opened")]
    assert (len(cases), sorted(opened)) == (RESIDENTS, sorted(cases))


def who_is_warned_about_twice_has_one_case_at_the_graver_level(there: Evening) -> None:
    for twice in there.story.warnings.twice:
        case_id = there.story.case_id(twice.first)
        assert there.story.case_id(twice.again) == case_id
        page = there.page(twice.first)
        assert (page["case"]["alerts"], page["case"]["level"]) == (2, twice.again["level"])
        assert [alert["alert_no"] for alert in page["alerts"]] == [twice.first["alert_no"], twice.again["alert_no"]]
        [repeated] = there.of_kind("case.repeated", case_id)
        assert (repeated["case"]["alerts"], repeated["case"]["level"]) == (2, twice.again["level"])
    alerts = Counter(case["alerts"] for case in there.last_seen().values())
    assert alerts == {1: RESIDENTS - 2, 2: 2}


def what_is_taken_back_with_a_vest_on_the_way_is_for_the_officer_to_close(there: Evening) -> None:
    case_id, withdrawal = there.story.case_id(there.story.warnings.taken_back), there.story.withdrawal
    assert withdrawal
    assert (withdrawal.status, withdrawal.case_id) == (202, case_id)
    [asked] = there.of_kind("case.withdrawal_asked", case_id)
    assert (asked["case"]["state"], hands(asked["case"])) == ("accepted", "vest")
    [alarm] = [e for e in there.of_kind("alarm.raised", case_id) if e["data"]["alarm"]["kind"] == "withdrawal_asked"]
    [closed] = there.of_kind("case.closed", case_id)
    between = [e for e in there.of_case(case_id) if e["seq"] >= asked["seq"] and e["at"] < closed["at"]]
    assert {event["case"]["state"] for event in between} == {"accepted"}, "it never closes by itself"
    assert (closed["case"]["disposition"], alarm["seq"] < closed["seq"]) == ("withdrawn", True)
    until(lambda: case_id in there.cases_told("case.closed"), "the centre knows")
    [told] = [item for item in there.told("case.closed") if item["data"]["case"] == case_id]
    assert told["data"]["by"] == "officer"
    [closing] = [text.body for text in there.texts(ON_FOOT) if "不用去了" in text.body]
    assert "任务已结束" in closing


def a_position_in_gcj02_is_in_its_own_community(there: Evening) -> None:
    page = there.page(there.story.warnings.across_the_border)
    case = page["case"]
    assert (case["community"], {"no_position", "outside_areas"} & {*case["flags"]}) == (HOME, set())
    true = to_wgs84(float(ACROSS_THE_BORDER["lon"]), float(ACROSS_THE_BORDER["lat"]), Crs.GCJ02)
    assert distance_m(Point(**case["location"]), true) < 1
    offers = [text["body"] for text in page["texts"] if text["template"] == "offer"]
    assert offers
    assert all(HOME in body and NEIGHBOUR not in body for body in offers)


def a_warning_without_coordinates_is_flagged_and_somebody_is_asked(there: Evening) -> None:
    case = there.page(there.story.warnings.unplaced)["case"]
    assert (case["location"], case["community"], case["flags"].count("no_position")) == (None, None, 1)
    assert case["offers"]
    assert all("距离不明" in offer["reason"]["zh"] for offer in case["offers"])
    flagged = [case for case in there.last_seen().values() if "no_position" in case["flags"]]
    assert len(flagged) == 1


def a_wrong_number_is_flagged_and_somebody_is_asked(there: Evening) -> None:
    case = there.page(there.story.warnings.wrong_number)["case"]
    assert case["flags"].count("bad_phone") == 1
    assert case["offers"]
    flagged = [case for case in there.last_seen().values() if "bad_phone" in case["flags"]]
    assert len(flagged) == 1


def a_phone_that_is_off_is_passed_over(there: Evening) -> None:
    states = {offer["state"] for offer in there.offers_to(PHONE_OFF)}
    assert "undeliverable" in states
    assert states <= {"undeliverable", "stood_down"}
    first, *others = there.page(there.story.warnings.at_phone_off)["case"]["offers"]
    assert (first["volunteer"], first["state"]) == (there.story.people[PHONE_OFF.name], "undeliverable")
    assert others, "the next is asked"
    assert {(text.status, text.received) for text in there.texts(PHONE_OFF)} == {("undelivered", False)}


def received_is_for_the_officer_to_read_and_no_acceptance(there: Evening) -> None:
    me = there.story.people[SAYS_RECEIVED.name]
    said = [text for text in there.provider.texts(SAYS_RECEIVED.phone) if text.direction == "inbound"]
    assert {text.body for text in said} == {RECEIVED}
    inbox = [text for text in [*there.inbox(handled=True), *there.inbox(handled=False)] if text["volunteer"] == me]
    assert len(inbox) == len(said)
    assert {(text["body"], text["outcome"]) for text in inbox} == {(RECEIVED, "unclear")}
    assert {offer["state"] for offer in there.offers_to(SAYS_RECEIVED)} <= {"expired", "stood_down"}
    first, *others = there.page(there.story.warnings.at_says_received)["case"]["offers"]
    assert first["volunteer"] == me
    assert others, "the next is asked"
    for event in there.feed.events:
        mine = {offer["state"] for offer in (event["case"] or {"offers": []})["offers"] if offer["volunteer"] == me}
        assert not mine & {"accepted", "completed", "declined"}


def the_others_accept_decline_and_keep_silent(there: Evening) -> None:
    states = Counter(o["state"] for vest in VESTS if vest.habit is Habit.USUAL for o in there.offers_to(vest))
    assert states["accepted"] + states["completed"] == sum(v.tasks for v in VESTS if v.habit is Habit.USUAL)
    assert states["declined"]
    assert states["expired"]


def nobody_is_texted_twice_for_one_task(there: Evening) -> None:
    """Every text in the ledger is one that a case's page tells of; one offer and one closing a person and case."""
    rows = list(there.texts_on_pages())
    sent = {
        (row["volunteer"], row["body"].partition("http")[0]): (case_id, row) for case_id, row in rows if row["body"]
    }
    told: Counter[tuple[str, str, str]] = Counter()
    for vest in VESTS:
        for text in there.texts(vest):
            if "没看懂" in text.body:
                continue  # an answer is about what they wrote, and about no task
            me = there.story.people[vest.name]
            case_id, row = sent[me, text.body.partition("http")[0]]
            told[case_id, me, "offer" if row["template"] == "offer" else "closing"] += 1
    assert set(told.values()) == {1}
    offers = {(case_id, o["volunteer"]) for case_id, case in there.last_seen().items() for o in case["offers"]}
    assert {(case_id, who) for case_id, who, what in told if what == "offer"} <= offers
    assert {text.phone for text in there.provider.texts()} == {vest.phone for vest in VESTS}, "no resident is texted"


def at_every_moment_the_state_says_in_whose_hands_a_case_is(there: Evening) -> None:
    events = there.feed.events
    assert [wrong for event in events if event["case"] and (wrong := untrue(event["case"]))] == []
    assert list(passed_over(events)) == []
    assert {"vest", "asked", "escalated"} <= {hands(event["case"]) for event in events if event["case"]}


def many_at_once_are_one_alarm_that_says_how_many(there: Evening) -> None:
    ringing: dict[str, tuple[str, set[str]]] = {}
    first: set[str] = set()
    for event in there.feed.events:
        alarm = event["data"].get("alarm")
        if not alarm or alarm["kind"] != "nobody_left":
            continue
        if event["kind"] == "alarm.raised":
            assert not [at for at, _ in ringing.values() if round(seconds(at, alarm["raised_at"])) < DIGEST_S]
        if event["kind"] == "alarm.acknowledged":
            first = first or ringing[alarm["id"]][1]
            del ringing[alarm["id"]]
            continue
        _, members = ringing.setdefault(alarm["id"], (alarm["raised_at"], set()))
        members.add(event["case_id"])
        assert alarm["cases"] == len(members)
    assert len(first) >= 3


def seconds(before: str, after: str) -> float:
    return (datetime.fromisoformat(after) - datetime.fromisoformat(before)).total_seconds()


def whoever_starts_a_console_sees_what_the_one_that_ran_on_shows(there: Evening) -> None:
    assert len(there.samples) == len(there.story.steps)
    for sample in [*there.samples, there.end]:
        assert {case["id"]: case for case in sample["cases"]} == there.feed.screen(sample["seq"])
        doing = {o["volunteer"]: c["id"] for c in sample["cases"] for o in c["offers"] if o["state"] == "accepted"}
        assert {person["id"]: person["task"] for person in sample["volunteers"] if person["task"]} == doing


def the_console_shows_what_the_interface_answers(there: Evening) -> None:
    shown: list[Frame] = []
    answered: list[Frame] = []

    def nothing_happened_meanwhile() -> bool:
        before, answered[:], after = there.end, there.stage.officer.open_cases(), there.end
        shown[:] = before["cases"]
        return bool(before["seq"] == after["seq"])

    until(nothing_happened_meanwhile, "a moment at which nothing happens")
    assert {case["id"]: case for case in answered} == {case["id"]: case for case in shown}


def the_officer_has_in_hand_what_nobody_is_on(there: Evening) -> None:
    cases = there.end["cases"]
    assert {hands(case) for case in cases} == {"vest", "officer"}
    assert {case["held_by"] for case in cases} == {None, OFFICER}
    closed = there.of_kind("case.closed")
    assert len(cases) + len(closed) == RESIDENTS
    assert {text["body"] for text in there.inbox(handled=False)} <= {RECEIVED}, "said after the officer had looked"


def the_centre_is_told_of_every_case(there: Evening) -> None:
    cases = set(there.last_seen())
    closed = {event["case_id"] for event in there.of_kind("case.closed")}
    for kind, wanted in (("case.opened", cases), ("case.signed_for", cases), ("case.closed", closed)):
        until(lambda kind=kind, wanted=wanted: there.cases_told(kind) == wanted, kind)  # type: ignore[misc]
    assert {item["answer"] for item in there.feedback.desk.received} == {204}, "a signature did not fit"


CHECKS: Sequence[Callable[[Evening], None]] = (
    forty_warnings_became_thirty_eight_cases,
    who_is_warned_about_twice_has_one_case_at_the_graver_level,
    what_is_taken_back_with_a_vest_on_the_way_is_for_the_officer_to_close,
    a_position_in_gcj02_is_in_its_own_community,
    a_warning_without_coordinates_is_flagged_and_somebody_is_asked,
    a_wrong_number_is_flagged_and_somebody_is_asked,
    a_phone_that_is_off_is_passed_over,
    received_is_for_the_officer_to_read_and_no_acceptance,
    the_others_accept_decline_and_keep_silent,
    nobody_is_texted_twice_for_one_task,
    at_every_moment_the_state_says_in_whose_hands_a_case_is,
    many_at_once_are_one_alarm_that_says_how_many,
    whoever_starts_a_console_sees_what_the_one_that_ran_on_shows,
    the_console_shows_what_the_interface_answers,
    the_officer_has_in_hand_what_nobody_is_on,
    the_centre_is_told_of_every_case,
)
