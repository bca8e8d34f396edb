"""In whose hands a case is, and whether its state says so (contract: States)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Case = Mapping[str, Any]

ASKED = frozenset({"queued", "sent", "delivered"})

_STATES = {
    "vest": {"accepted", "on_scene"},
    "reported": {"on_scene"},
    "asked": {"dispatching"},
    "escalated": {"escalated"},
    "plan": {"new", "dispatching"},
    "closed": {"closed"},
}
_MOST_PLANS = 3
"""One that was under way need not have seen the case, and one may find whom it chose taken; the next must ask or call."""


def hands(case: Case) -> str:
    """Who has the case: a vest on the way, whoever is asked, an officer who holds it, or the officer whom it calls.

    `plan`: nobody yet, or not any more; the next plan asks somebody or calls the officer.
    """
    states = {offer["state"] for offer in case["offers"]}
    checks = {
        "closed": case["state"] == "closed",
        "vest": "accepted" in states,
        "officer": case["held_by"] is not None,
        "reported": "dissuaded_reported" in case["flags"],
        "asked": bool(states & ASKED),
        "escalated": case["state"] == "escalated",
    }
    return next((name for name, holds in checks.items() if holds), "plan")


def untrue(case: Case) -> str | None:
    """What the case's state says that its people do not, or None."""
    found = hands(case)
    if case["state"] in _STATES.get(found, {case["state"]}):
        return None
    return f"{case['number']} is {case['state']}, and with {found}"


def passed_over(events: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Cases with nobody that plan after plan left without anybody, and without calling the officer."""
    plans: dict[str, set[str]] = {}
    for event in events:
        case_id, case = event["case_id"], event["case"]
        if event["kind"] in {"offer.queued", "case.escalated"}:
            for other, seen in plans.items():
                seen.add(event["at"])
                if len(seen) == _MOST_PLANS + 1 and other != case_id:
                    yield f"{other} was passed over at event {event['seq']}"
        if case is None:
            continue
        if hands(case) == "plan":
            plans.setdefault(case_id, set())
        else:
            plans.pop(case_id, None)
    yield from (f"{case_id} was left to nobody" for case_id in plans)
