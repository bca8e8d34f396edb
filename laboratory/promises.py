"""What must hold whatever broke, each a pure function over the evidence: the lines it gives are broken promises."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from laboratory.evidence import Evidence, Row
from laboratory.town import BY_HAND, MOST
from tests.line.service import STATION

LATE = timedelta(seconds=12)
"""A clock may fire so much later than the fault excuses: its tick, and two cores that the whole world runs on too."""
_ASKED = frozenset({"queued", "sent", "delivered"})
_LIVE = _ASKED | {"accepted"}
_IN_HAND = frozenset({"accepted", "on_scene", "escalated", "closed"})


def nothing_lost(evidence: Evidence) -> Iterator[str]:
    """I1: every order answered 2xx is in the database, and its case in somebody's hands or ended."""
    alerts = {alert["alert_no"]: alert for alert in evidence.alerts}
    cases = {case["id"]: case for case in evidence.cases}
    for order in evidence.history.orders:
        alert = alerts.get(order.alert_no)
        if order.taken and alert is None:
            yield f"{order.alert_no} was answered {order.status} and is not there"
        elif order.taken and alert and order.case_id and alert["case_id"] != order.case_id:
            yield f"{order.alert_no} was said to be case {order.case_id} and is {alert['case_id']}"
        elif order.status == 0:
            yield f"{order.alert_no} never had an answer"
    asked = {offer["case_id"] for offer in evidence.offers if offer["state"] in _LIVE}
    for case in cases.values():
        if case["state"] not in _IN_HAND and not case["held_by"] and case["id"] not in asked:
            yield f"case {case['id']} is {case['state']} and in nobody's hands"


def nothing_doubled(evidence: Evidence) -> Iterator[str]:
    """I2: one live task for each case and person, never more people on a case than wanted or asked than may be."""
    for offers in (evidence.midst, evidence.offers):
        live = Counter(offer["volunteer_id"] for offer in offers if offer["state"] in _LIVE)
        yield from (f"person {person} has {count} live offers" for person, count in live.items() if count > 1)
        yield from _too_many_asked(evidence, offers)
    yield from _while_it_happened(evidence, "I2")
    rounds = Counter((offer["case_id"], offer["round"], offer["volunteer_id"]) for offer in evidence.offers)
    yield from (f"asked twice in one round: {key}" for key, count in rounds.items() if count > 1)


def _too_many_asked(evidence: Evidence, offers: Sequence[Row]) -> Iterator[str]:
    """Cases for which more people are asked at once than the gravest level they ever had allows, or than they want.

    Left out are those whom an officer chose. For each whose text may not have arrived one more may be asked, who stays
    asked when it has.
    """
    most = {case["id"]: max(MOST[case["level"]], case["wanted"]) for case in evidence.cases}
    for alert in evidence.alerts:
        if alert["case_id"] in most and alert["level"] in MOST:
            most[alert["case_id"]] = max(most[alert["case_id"]], MOST[alert["level"]])
    unsure = Counter(event["case_id"] for event in evidence.events if event["kind"] == "offer.doubtful")
    planned = (offer for offer in offers if offer["reason"] != BY_HAND)
    asked = Counter(offer["case_id"] for offer in planned if offer["state"] in _ASKED)
    for case, count in asked.items():
        may = most.get(case, 0) + unsure[case]
        if count > may:
            yield f"{count} people are asked at once for case {case}, and {may} may be"


def _while_it_happened(evidence: Evidence, promise: str) -> Iterator[str]:
    """What the consoles saw broken."""
    return (line for name, _, line in (one.partition(": ") for one in evidence.history.troubles) if name == promise)


def one_text_each(evidence: Evidence) -> Iterator[str]:
    """I3: the provider has at most one text for each of our messages, and none that we do not know."""
    known = Counter(message["provider_id"] for message in evidence.messages if message["provider_id"])
    for text in evidence.ledger:
        if text.status != "refused" and not known[text.sid]:
            yield f"the provider has text {text.sid} ({text.status}) to a phone, and we do not know it"
    yield from (f"two of our messages are the provider's {sid}" for sid, count in known.items() if count > 1)
    attempts = Counter((message["purpose"], message["attempt"]) for message in evidence.messages)
    yield from (f"{key} is there {count} times" for key, count in attempts.items() if count > 1)
    arrived = Counter(message["purpose"] for message in evidence.messages if message["state"] in {"sent", "delivered"})
    yield from (f"{purpose} arrived {count} times" for purpose, count in arrived.items() if count > 1)


def screens_equal_books(evidence: Evidence) -> Iterator[str]:
    """I4: a console that reconnects equals the database, and its feed has no gap."""
    yield from _while_it_happened(evidence, "I4")
    for station, counter in evidence.counters.items():
        numbers = [event["seq"] for event in evidence.events if event["station"] == station]
        if numbers != list(range(1, counter + 1)):
            missing = sorted(set(range(1, counter + 1)) - set(numbers))
            yield f"the numbers of the feed of {station} are not 1 to {counter}: missing {missing[:5]}"
    mine = [case for case in evidence.cases if case["station"] == STATION]
    books = {case["id"]: case["state"] for case in mine if case["state"] != "closed"}
    for name, cases in (("a fresh console", evidence.fresh), *(("a console", one) for one in evidence.screens)):
        shown = {case_id: case["state"] for case_id, case in cases.items()}
        if shown != books:
            wrong = {key for key in shown.keys() | books.keys() if shown.get(key) != books.get(key)}
            yield f"{name} differs from the books in {len(wrong)} cases, such as {min(wrong)}"
    yield from (
        f"a console stands at {position} of {evidence.counters[STATION]}"
        for position in evidence.positions
        if position != evidence.counters[STATION]
    )


def audit_whole(evidence: Evidence) -> Iterator[str]:
    """I5: every act that was answered as done is in the audit, and every case that an officer closed."""
    written = Counter((entry["act"], entry["subject"]) for entry in evidence.audit)
    done = Counter((act.name, act.subject) for act in evidence.history.acts)
    for (name, subject), count in done.items():
        needed = count if name == "contact.recorded" else 1
        if written[name, subject] < needed:
            yield f"{name} of {subject} was done {count} times and written down {written[name, subject]} times"
    closed = Counter(event["case_id"] for event in evidence.events if event["kind"] == "case.closed")
    for case_id, count in closed.items():
        if written["case.closed", case_id] > count:
            yield f"case {case_id} closed {count} times, and the audit says {written['case.closed', case_id]}"


def nothing_personal(evidence: Evidence) -> Iterator[str]:
    """I6: no personal data in logs, Redis or texts."""
    yield from (f"personal data in {place}" for place in evidence.leaks)


def drained(evidence: Evidence) -> Iterator[str]:
    """I7: 30 seconds after healing nothing waits that should not."""
    yield from evidence.undrained


def clocks_fire_once(evidence: Evidence) -> Iterator[str]:
    """I8: clocks and deadlines fire once, late by at most the outage."""
    history = evidence.history
    expired = [offer for offer in evidence.offers if offer["state"] == "expired"]
    missed = [row for row in evidence.deadlines if row["missed_at"]]
    yield from _said_once(evidence)
    told = Counter(evidence.expired)
    yield from (f"offer {offer} expired {count} times" for offer, count in told.items() if count > 1)
    spans = [(offer["expires_at"], offer["ended_at"], f"offer {offer['id']}") for offer in expired]
    spans += [(row["at"], row["missed_at"], f"{row['what']} of case {row['case_id']}") for row in missed]
    for due, fired, what in spans:
        over = fired - due - history.excused(due, fired)
        if over > LATE:
            late = (fired - due).total_seconds()
            yield f"{what} fired {late:.1f} s late, {over.total_seconds():.1f} s of it without a fault"
        if due - fired > timedelta(seconds=history.fast_clock_s):
            yield f"{what} fired {(due - fired).total_seconds():.1f} s too early"


def _said_once(evidence: Evidence) -> Iterator[str]:
    """Each missed deadline is told of once. The one of arriving begins anew whenever somebody accepts."""
    said = Counter(event["case_id"] for event in evidence.events if event["kind"] == "deadline.missed")
    missed = [row for row in evidence.deadlines if row["missed_at"]]
    true = Counter(row["case_id"] for row in missed)
    most = Counter(row["case_id"] for row in missed if row["what"] != "arrive")
    most += Counter(offer["case_id"] for offer in evidence.offers if offer["accepted_at"])
    for case in said.keys() | true.keys():
        if not true[case] <= said[case] <= most[case]:
            yield f"deadline.missed was said {said[case]} times of case {case}, and happened {true[case]} times"


PROMISES: Mapping[str, Callable[[Evidence], Iterator[str]]] = {
    "I1": nothing_lost,
    "I2": nothing_doubled,
    "I3": one_text_each,
    "I4": screens_equal_books,
    "I5": audit_whole,
    "I6": nothing_personal,
    "I7": drained,
    "I8": clocks_fire_once,
}


def broken(evidence: Evidence) -> list[str]:
    """Every broken promise with its number; none when all hold."""
    return [f"{name}: {line}" for name, promise in PROMISES.items() for line in promise(evidence)]
