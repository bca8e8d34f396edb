"""Every promise is broken once on paper, and is seen to be; a night in order breaks none."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from laboratory.evidence import Evidence
from laboratory.history import Act, History, Order, Outage
from laboratory.promises import broken
from simulator.handset import Text

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
        "asked_at": NOON,
        "expires_at": NOON + timedelta(seconds=60),
        "accepted_at": NOON,
        "ended_at": None,
    }
    return usual | other


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
        alerts=[{"alert_no": "BA-1", "case_id": "case-1", "withdrawn_at": None}],
        cases=[{"id": "case-1", "state": "dispatching", "held_by": None, "wanted": 1, "opened_at": NOON}],
        offers=[offer()],
        messages=[message()],
        events=[
            {"seq": 1, "kind": "case.opened", "case_id": "case-1"},
            {"seq": 2, "kind": "offer.accepted", "case_id": "case-1"},
        ],
        audit=[{"act": "contact.recorded", "subject": "case-1", "actor": "li.na"}],
        counter=2,
        ledger=[text("SM1")],
        screens=[screen],
        fresh=screen,
        positions=[2],
    )


def test_a_night_in_order_breaks_no_promise() -> None:
    assert broken(night()) == []


def _gap(evidence: Evidence) -> None:
    evidence.counter, evidence.positions = 3, [3]


def _late(evidence: Evidence) -> None:
    evidence.offers = [offer(state="expired", ended_at=NOON + timedelta(seconds=90)), offer(id="offer-2")]


def _early(evidence: Evidence) -> None:
    evidence.offers = [offer(state="expired", ended_at=NOON + timedelta(seconds=30)), offer(id="offer-2")]


def _deadline_said_twice(evidence: Evidence) -> None:
    evidence.deadlines = [{"case_id": "case-1", "what": "meet", "at": NOON, "met_at": None, "missed_at": NOON}]
    evidence.offers = [offer(accepted_at=None)]
    said = {"kind": "deadline.missed", "case_id": "case-1"}
    evidence.events = [*evidence.events, said | {"seq": 3}, said | {"seq": 4}]
    evidence.counter, evidence.positions = 4, [4]


def setting(name: str, value: Any) -> Spoil:
    return lambda evidence: setattr(evidence, name, value)


@pytest.mark.parametrize(
    ("promise", "spoil"),
    [
        ("I1", setting("alerts", [])),
        ("I1", setting("alerts", [{"alert_no": "BA-1", "case_id": "case-9", "withdrawn_at": None}])),
        ("I1", lambda evidence: evidence.history.sent(Order("BA-2", "alert.raised", 0, None))),
        ("I1", setting("offers", [])),
        ("I2", setting("offers", [offer(), offer(id="offer-2", case_id="case-2")])),
        ("I2", setting("offers", [offer(state="declined"), offer(id="offer-2")])),
        ("I2", lambda evidence: evidence.history.broken("I2: 2 people are on case case-1, which wants 1")),
        ("I3", setting("ledger", [text("SM1"), text("SM2")])),
        ("I3", setting("messages", [message(), message(id="message-2")])),
        ("I3", setting("messages", [message(), message(id="message-2", attempt=2, provider_id="SM2")])),
        ("I4", _gap),
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
    said = {"seq": 3, "kind": "deadline.missed", "case_id": "case-1"}
    evidence.events = [*evidence.events, said]
    evidence.counter, evidence.positions = 3, [3]
    assert broken(evidence) == []
    evidence.events = [*evidence.events, said | {"seq": 4}]
    evidence.counter, evidence.positions = 4, [4]
    assert [line for line in broken(evidence) if line.startswith("I8")]


def test_what_a_slow_clock_wrote_is_excused_and_what_fired_before_it_is_not() -> None:
    evidence = Evidence(History())
    slow = Outage("slow", NOON + timedelta(seconds=60), NOON + timedelta(seconds=66), timedelta(seconds=20))
    evidence.history.outages = [slow]
    written_while_slow = NOON + timedelta(seconds=46), NOON + timedelta(seconds=67)
    fired_before = NOON + timedelta(seconds=46), NOON + timedelta(seconds=59)
    assert evidence.history.excused(*written_while_slow) == timedelta(seconds=20)
    assert evidence.history.excused(*fired_before) == timedelta(0)
