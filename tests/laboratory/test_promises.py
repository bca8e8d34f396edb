"""Every promise is broken once on paper, and is seen to be; a night in order breaks none."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from laboratory.evidence import Evidence
from laboratory.history import Act, History, Order, Outage
from laboratory.promises import broken
from laboratory.town import BY_HAND, NEIGHBOUR
from simulator.handset import Text
from tests.line.service import STATION

NOON = datetime(2026, 4, 29, 12, 0, tzinfo=UTC)
Spoil = Callable[[Evidence], None]


def offer(**other: Any) -> dict[str, Any]:
    usual = {
        "id": "offer-1",
        "case_id": "case-1",
        "volunteer_id": "person-1",
        "state": "accepted",
        "round": 1,
        "seat": 1,
        "reason": "500 m away, about 5 min to the door on foot",
        "asked_at": NOON,
        "expires_at": NOON + timedelta(seconds=60),
        "accepted_at": NOON,
        "ended_at": None,
    }
    return usual | other


def case(**other: Any) -> dict[str, Any]:
    usual = {
        "id": "case-1",
        "station": STATION,
        "level": "high",
        "state": "dispatching",
        "held_by": None,
        "wanted": 1,
        "opened_at": NOON,
    }
    return usual | other


def alert(**other: Any) -> dict[str, Any]:
    return {"alert_no": "BA-1", "case_id": "case-1", "level": "high", "withdrawn_at": None} | other


def event(seq: int, kind: str, **other: Any) -> dict[str, Any]:
    return {"station": STATION, "seq": seq, "kind": kind, "case_id": "case-1"} | other


def asked(count: int, **other: Any) -> list[dict[str, Any]]:
    """So many offers of one case that may still be answered, each of another person."""
    return [offer(id=f"offer-{n}", volunteer_id=f"person-{n}", state="sent", **other) for n in range(1, count + 1)]


def message(**other: Any) -> dict[str, Any]:
    usual = {
        "id": "message-1",
        "purpose": "offer:offer-1",
        "attempt": 1,
        "state": "delivered",
        "provider_id": "SM1",
        "offer_id": "offer-1",
        "case_id": "case-1",
    }
    return usual | other


def text(sid: str) -> Text:
    return Text(1, sid, "outbound-api", "+8613655000001", "…", "delivered", received=True, webhook=None)


def night() -> Evidence:
    """One order, taken, one of two accepted, its case open on every screen."""
    history = History(orders=[Order("BA-1", "alert.raised", 202, "case-1")], acts=[Act("contact.recorded", "case-1")])
    screen = {"case-1": {"id": "case-1", "state": "dispatching"}}
    return Evidence(
        history,
        alerts=[alert()],
        cases=[case()],
        offers=[offer()],
        messages=[message()],
        events=[
            event(1, "case.opened"),
            event(1, "volunteer.added", station=NEIGHBOUR, case_id=None),
            event(2, "offer.accepted"),
        ],
        audit=[{"act": "contact.recorded", "subject": "case-1", "actor": "li.na"}],
        counters={STATION: 2, NEIGHBOUR: 1},
        ledger=[text("SM1")],
        screens=[screen],
        fresh=screen,
        positions=[2],
    )


def test_a_night_in_order_breaks_no_promise() -> None:
    assert broken(night()) == []


def _gap(evidence: Evidence) -> None:
    evidence.counters, evidence.positions = {STATION: 3, NEIGHBOUR: 1}, [3]


def _asked_by_two_stations(evidence: Evidence) -> None:
    evidence.cases = [case(), case(id="case-2", station=NEIGHBOUR)]
    evidence.midst = [offer(state="sent"), offer(id="offer-2", case_id="case-2", state="delivered")]


def _late(evidence: Evidence) -> None:
    evidence.offers = [offer(state="expired", ended_at=NOON + timedelta(seconds=90)), offer(id="offer-2")]


def _early(evidence: Evidence) -> None:
    evidence.offers = [offer(state="expired", ended_at=NOON + timedelta(seconds=30)), offer(id="offer-2")]


def _deadline_said_twice(evidence: Evidence) -> None:
    evidence.deadlines = [{"case_id": "case-1", "what": "meet", "at": NOON, "met_at": None, "missed_at": NOON}]
    evidence.offers = [offer(accepted_at=None)]
    evidence.events = [*evidence.events, event(3, "deadline.missed"), event(4, "deadline.missed")]
    evidence.counters, evidence.positions = {STATION: 4, NEIGHBOUR: 1}, [4]


def twos(evidence: Evidence) -> list[str]:
    return [line for line in broken(evidence) if line.startswith("I2")]


def setting(name: str, value: Any) -> Spoil:
    return lambda evidence: setattr(evidence, name, value)


@pytest.mark.parametrize(
    ("promise", "spoil"),
    [
        ("I1", setting("alerts", [])),
        ("I1", setting("alerts", [alert(case_id="case-9")])),
        ("I1", lambda evidence: evidence.history.sent(Order("BA-2", "alert.raised", 0, None))),
        ("I1", setting("offers", [])),
        ("I2", setting("offers", [offer(), offer(id="offer-2", case_id="case-2")])),
        ("I2", _asked_by_two_stations),
        ("I2", setting("midst", asked(4))),
        ("I2", setting("offers", asked(4))),
        ("I2", setting("offers", [offer(state="declined"), offer(id="offer-2")])),
        ("I2", lambda evidence: evidence.history.broken("I2: 2 people are on case case-1, which wants 1")),
        ("I3", setting("ledger", [text("SM1"), text("SM2")])),
        ("I3", setting("messages", [message(), message(id="message-2")])),
        ("I3", setting("messages", [message(), message(id="message-2", attempt=2, provider_id="SM2")])),
        ("I4", _gap),
        ("I4", setting("counters", {STATION: 2, NEIGHBOUR: 2})),
        ("I4", setting("fresh", {})),
        ("I4", setting("screens", [{"case-1": {"id": "case-1", "state": "new"}}])),
        ("I4", setting("positions", [1])),
        ("I4", lambda evidence: evidence.history.broken("I4: a console at 3 was sent 5")),
        ("I5", setting("audit", [])),
        ("I6", setting("leaks", ["web.log"])),
        ("I7", setting("undrained", ["3 texts not sent"])),
        ("I8", _late),
        ("I8", _early),
        ("I8", _deadline_said_twice),
        ("I8", setting("expired", ["offer-1", "offer-1"])),
    ],
)
def test_a_broken_promise_is_named(promise: str, spoil: Spoil) -> None:
    evidence = night()
    spoil(evidence)
    assert promise in {line.partition(":")[0] for line in broken(evidence)}


@pytest.mark.parametrize(
    ("more", "spoil"),
    [
        ("the gravest level may ask six", setting("cases", [case(level="extreme")])),
        ("it was of the gravest level before an order was withdrawn", setting("alerts", [alert(level="extreme")])),
        ("more are wanted than a wave has people", setting("cases", [case(wanted=4)])),
    ],
)
def test_a_case_may_ask_more_people_when(more: str, spoil: Spoil) -> None:
    evidence = night()
    evidence.midst = asked(4)
    assert twos(evidence) == ["I2: 4 people are asked at once for case case-1, and 3 may be"]
    spoil(evidence)
    assert twos(evidence) == [], more


def test_whoever_is_asked_in_the_place_of_somebody_unsure_is_none_too_many() -> None:
    evidence = night()
    evidence.midst = asked(4)
    evidence.events = [*evidence.events, event(3, "offer.doubtful")]
    evidence.counters, evidence.positions = {STATION: 3, NEIGHBOUR: 1}, [3]
    assert twos(evidence) == []
    evidence.midst = asked(5)
    assert twos(evidence)


def test_whom_an_officer_chose_is_none_too_many() -> None:
    evidence = night()
    chosen = offer(id="offer-9", volunteer_id="person-9", state="sent", reason=BY_HAND)
    evidence.midst = [*asked(3), chosen]
    assert twos(evidence) == []


def test_who_has_answered_or_ended_is_not_asked_any_more() -> None:
    evidence = night()
    ended = [offer(id=f"offer-{state}", state=state) for state in ("accepted", "declined", "expired", "stood_down")]
    evidence.midst = [*asked(3), *(one | {"volunteer_id": one["id"]} for one in ended)]
    assert twos(evidence) == []


def test_two_stations_may_have_the_same_numbers_and_a_console_shows_its_own() -> None:
    evidence = night()
    evidence.cases = [case(), case(id="case-2", station=NEIGHBOUR)]
    evidence.offers = [offer(), offer(id="offer-2", case_id="case-2", volunteer_id="person-2")]
    assert broken(evidence) == []
    evidence.cases = [case(), case(id="case-2")]
    assert {line.partition(":")[0] for line in broken(evidence)} == {"I4"}


def test_a_clock_may_be_late_by_the_outage_and_no_more() -> None:
    evidence = night()
    _late(evidence)
    evidence.history.outages = [
        Outage("a", NOON + timedelta(seconds=50), NOON + timedelta(seconds=70)),
        Outage("b", NOON + timedelta(seconds=65), NOON + timedelta(seconds=85)),
    ]
    assert [line for line in broken(evidence) if line.startswith("I8")] == []
    evidence.history.outages.pop()
    assert [line for line in broken(evidence) if line.startswith("I8")]


def test_the_clock_of_arriving_begins_anew_with_each_acceptance() -> None:
    evidence = night()
    evidence.deadlines = [{"case_id": "case-1", "what": "arrive", "at": NOON, "met_at": None, "missed_at": None}]
    evidence.events = [*evidence.events, event(3, "deadline.missed")]
    evidence.counters, evidence.positions = {STATION: 3, NEIGHBOUR: 1}, [3]
    assert broken(evidence) == []
    evidence.events = [*evidence.events, event(4, "deadline.missed")]
    evidence.counters, evidence.positions = {STATION: 4, NEIGHBOUR: 1}, [4]
    assert [line for line in broken(evidence) if line.startswith("I8")]


def test_what_a_slow_clock_wrote_is_excused_and_what_fired_before_it_is_not() -> None:
    evidence = Evidence(History())
    slow = Outage("slow", NOON + timedelta(seconds=60), NOON + timedelta(seconds=66), timedelta(seconds=20))
    evidence.history.outages = [slow]
    written_while_slow = NOON + timedelta(seconds=46), NOON + timedelta(seconds=67)
    fired_before = NOON + timedelta(seconds=46), NOON + timedelta(seconds=59)
    assert evidence.history.excused(*written_while_slow) == timedelta(seconds=20)
    assert evidence.history.excused(*fired_before) == timedelta(0)
