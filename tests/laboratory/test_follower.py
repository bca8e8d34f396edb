"""What a console notices while it follows: gaps, offers that expire, more people on a case or asked than there may be."""

from typing import Any

from laboratory.follower import Follower
from laboratory.history import History
from laboratory.town import BY_HAND


def following() -> Follower:
    return Follower("http://127.0.0.1:1", "li.na", "a password", History())


def offers(*states: str) -> list[dict[str, Any]]:
    reason = {"zh": "直线500米", "en": "500 m away"}
    return [{"id": f"offer-{n}", "state": state, "reason": reason} for n, state in enumerate(states, 1)]


def event(seq: int, kind: str, *states: str, offer: str = "", level: str = "high") -> dict[str, Any]:
    case = {"id": "case-1", "state": "accepted", "level": level, "offers": offers(*states)}
    return {"type": "event", "seq": seq, "kind": kind, "case_id": "case-1", "case": case, "data": {"offer": offer}}


def told(console: Follower, *frames: dict[str, Any], snapshot: dict[str, Any] | None = None) -> list[str]:
    console._read(snapshot or {"type": "snapshot", "epoch": "e", "seq": 0, "cases": []})
    for frame in frames:
        console._read(frame)
    return console._history.troubles


def test_a_number_that_is_left_out_is_noticed() -> None:
    assert told(following(), event(1, "case.opened"), event(3, "offer.queued")) == ["I4: a console at 1 was sent 3"]


def test_two_people_on_a_case_that_wants_one_are_noticed() -> None:
    troubles = told(
        following(), event(1, "offer.accepted", "accepted"), event(2, "offer.accepted", "accepted", "accepted")
    )
    assert [line.partition(":")[0] for line in troubles] == ["I2"]


def test_a_second_who_was_wanted_is_none_too_many() -> None:
    frames = event(1, "case.second_wanted", "accepted"), event(2, "offer.accepted", "accepted", "accepted")
    assert told(following(), *frames) == []


def test_of_a_case_from_before_nobody_knows_how_many_it_wants() -> None:
    old = {"type": "snapshot", "epoch": "e", "seq": 0, "cases": [{"id": "case-1", "state": "new", "offers": []}]}
    assert told(following(), event(1, "offer.accepted", "accepted", "accepted"), snapshot=old) == []


def test_more_people_asked_at_once_than_may_be_are_noticed() -> None:
    three, four = ["sent", "queued", "delivered"], ["sent", "queued", "delivered", "queued"]
    assert told(following(), event(1, "offer.queued", *three, "declined", "expired")) == []
    assert told(following(), event(1, "offer.queued", *four)) == [
        "I2: 4 people are asked at once for case case-1, and 3 may be"
    ]


def test_a_case_that_was_graver_before_may_have_asked_more() -> None:
    grave = event(1, "offer.queued", *["sent"] * 6, level="extreme")
    assert told(following(), grave, event(2, "case.updated", *["sent"] * 6, level="low")) == []
    assert told(following(), event(1, "offer.queued", *["sent"] * 6, level="low"))


def test_an_unsure_text_and_an_officers_choice_leave_room_for_one_more() -> None:
    frames = event(1, "offer.doubtful", *["sent"] * 3, offer="offer-2"), event(2, "offer.queued", *["sent"] * 4)
    assert told(following(), *frames) == []
    by_hand = event(1, "offer.queued", *["sent"] * 4)
    by_hand["case"]["offers"][3]["reason"] = {"zh": "由值班民警指派", "en": BY_HAND}
    assert told(following(), by_hand) == []


def test_of_a_case_from_before_nobody_knows_how_many_may_be_asked() -> None:
    old = {"type": "snapshot", "epoch": "e", "seq": 0, "cases": [{"id": "case-1", "state": "new", "offers": []}]}
    assert told(following(), event(1, "offer.queued", *["sent"] * 5), snapshot=old) == []


def test_offers_that_expire_and_cases_that_close_are_remembered() -> None:
    console = following()
    closed = event(2, "case.closed")
    closed["case"]["state"] = "closed"
    told(console, event(1, "offer.expired", "expired", offer="offer-1"), closed)
    assert (console.expired, console.cases, console.seq) == (["offer-1"], {}, 2)
