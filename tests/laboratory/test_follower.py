"""What a console notices while it follows: gaps, offers that expire, more people on a case than it wants."""

from typing import Any

from laboratory.follower import Follower
from laboratory.history import History


def following() -> Follower:
    return Follower("http://127.0.0.1:1", "li.na", "a password", History())


def event(seq: int, kind: str, *states: str, offer: str = "") -> dict[str, Any]:
    case = {"id": "case-1", "state": "accepted", "offers": [{"state": state} for state in states]}
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


def test_offers_that_expire_and_cases_that_close_are_remembered() -> None:
    console = following()
    closed = event(2, "case.closed")
    closed["case"]["state"] = "closed"
    told(console, event(1, "offer.expired", "expired", offer="offer-1"), closed)
    assert (console.expired, console.cases, console.seq) == (["offer-1"], {}, 2)
