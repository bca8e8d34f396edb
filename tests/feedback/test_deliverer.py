import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dispatcher.db import Database
from dispatcher.feedback.claims import LEASE, anything_due, claim
from dispatcher.feedback.deliverer import Deliverer
from dispatcher.feedback.post import Answer
from dispatcher.feedback.record import record
from dispatcher.feedback.schedule import FIRST_WAIT, TRIED_FOR, Verdict, verdict
from dispatcher.feedback.signing import body_of
from dispatcher.ids import new_id
from dispatcher.views import iso
from tests.conftest import FixedClock
from tests.feedback.conftest import SECRET, Desk
from tests.feedback.receiver import Receiver, answer, drip, hang, meet, receiving

OLD = "whsec_" + "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk"
LONGEST_FIRST_WAIT = FIRST_WAIT.total_seconds() * 1.25


def due(desk: Desk, clock: FixedClock) -> bool:
    return desk.database.read(lambda session: anything_due(session, clock.now()))


def test_the_centre_is_told_in_order_and_can_verify_it(desk: Desk, centre: Receiver, deliverer: Deliverer) -> None:
    case = desk.case(desk.source("centre", centre.url))
    desk.state(case, "case.opened", "case.signed_for", "case.closed")

    assert deliverer.deliver_due() == 3

    assert centre.types == ["case.opened", "case.signed_for", "case.closed"]
    assert all(call.genuine for call in centre.calls)
    assert [call.webhook_id for call in centre.calls] == [str(row.id) for row in desk.rows()]
    assert [(row.accepted, row.last_answer, row.tries) for row in desk.rows()] == [(True, "HTTP 200", 1)] * 3
    assert centre.calls[1].payload["data"]["alert_nos"] == ["BA-LT-1"]
    assert deliverer.deliver_due() == 0


def test_a_retry_is_the_same_webhook_and_the_next_waits_for_it(
    desk: Desk, clock: FixedClock, centre: Receiver, deliverer: Deliverer
) -> None:
    case = desk.case(desk.source("centre", centre.url))
    desk.state(case, "case.opened", "case.closed")
    centre.acts = [answer(500), answer(502)]

    assert deliverer.deliver_due() == 1
    assert desk.rows()[0].last_answer == "HTTP 500"
    assert deliverer.deliver_due() == 0
    assert not due(desk, clock)

    clock.forward(seconds=LONGEST_FIRST_WAIT)
    assert due(desk, clock)
    assert deliverer.deliver_due() == 1
    clock.forward(seconds=2 * LONGEST_FIRST_WAIT)
    assert deliverer.deliver_due() == 2

    first, second, third, last = centre.calls
    assert first.webhook_id == second.webhook_id == third.webhook_id != last.webhook_id
    assert first.body == second.body == third.body
    assert first.signatures != second.signatures
    assert all(call.genuine for call in centre.calls)
    assert last.type == "case.closed"
    assert [row.tries for row in desk.rows()] == [3, 1]


def test_one_refused_for_good_is_shown_and_holds_nothing_up(desk: Desk, centre: Receiver, deliverer: Deliverer) -> None:
    case = desk.case(desk.source("centre", centre.url))
    desk.state(case, "case.opened", "case.closed")
    centre.acts = [answer(422)]

    assert deliverer.deliver_due() == 2

    refused, accepted = desk.rows()
    assert (refused.accepted, refused.last_answer) == (False, "HTTP 422")
    assert refused.ended_at is not None
    assert accepted.accepted
    (event,) = desk.events()
    assert (event.kind, event.case_id, event.case["id"]) == ("feedback.refused", case, str(case))
    assert event.data == {
        "feedback": str(refused.id),
        "type": "case.opened",
        "source": "centre",
        "reason": "HTTP 422",
        "tries": 1,
    }


def test_a_centre_that_asks_for_patience_gets_it(
    desk: Desk, clock: FixedClock, centre: Receiver, deliverer: Deliverer
) -> None:
    desk.state(desk.case(desk.source("centre", centre.url)), "case.opened")
    centre.acts = [answer(429, retry_after="120")]
    assert deliverer.deliver_due() == 1

    clock.forward(seconds=119)
    assert deliverer.deliver_due() == 0
    clock.forward(seconds=1 + LONGEST_FIRST_WAIT)
    assert deliverer.deliver_due() == 1
    assert desk.rows()[0].accepted


@pytest.mark.parametrize("fault", [hang, drip])
def test_a_centre_that_never_finishes_is_tried_again(
    desk: Desk, clock: FixedClock, centre: Receiver, deliverer: Deliverer, fault: object
) -> None:
    desk.state(desk.case(desk.source("centre", centre.url)), "case.opened")
    centre.acts = [fault]  # type: ignore[list-item]
    assert deliverer.deliver_due() == 1
    assert desk.rows()[0].last_answer == "timeout"
    assert desk.rows()[0].accepted is None

    clock.forward(seconds=LONGEST_FIRST_WAIT)
    assert deliverer.deliver_due() == 1
    assert desk.rows()[0].accepted


def test_several_cases_are_told_at_once(desk: Desk, centre: Receiver, database: Database) -> None:
    source = desk.source("centre", centre.url)
    for number in range(4):
        desk.state(desk.case(source, number=f"LT-{number}"), "case.opened")
    centre.meeting, centre.always = threading.Barrier(4), meet
    with Deliverer(database, timeout_s=25, whole_s=25) as deliverer:
        assert deliverer.deliver_due() == 4
    assert all(row.accepted for row in desk.rows())


def test_two_deliverers_never_tell_one_thing_twice_nor_two_of_a_case_at_once(
    desk: Desk, centre: Receiver, database: Database
) -> None:
    source = desk.source("centre", centre.url)
    cases = [desk.case(source, number=f"LT-{number}") for number in range(6)]
    types = [f"step.{step}" for step in range(6)]
    for case in cases:
        desk.state(case, *types)

    def deliver(_: int) -> int:
        with Deliverer(database, run_s=60, threads=4) as deliverer:
            return deliverer.deliver_due()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(deliver, range(3))) == len(cases) * len(types)
    assert len({call.webhook_id for call in centre.calls}) == len(centre.calls) == len(cases) * len(types)
    assert centre.most_in_flight == 1
    for case in cases:
        assert [call.type for call in centre.calls if call.case == str(case)] == types


def test_two_centres_of_a_case_do_not_wait_for_each_other(desk: Desk, centre: Receiver, deliverer: Deliverer) -> None:
    with receiving(SECRET) as other:
        case = desk.case(desk.source("centre", centre.url), desk.source("other", other.url))
        desk.state(case, "case.opened", "case.closed")
        centre.acts = [answer(500)]
        assert deliverer.deliver_due() == 3
        assert (centre.types, other.types) == (["case.opened"], ["case.opened", "case.closed"])


def test_a_silent_centre_is_left_alone_for_the_run_and_others_are_served(
    desk: Desk, centre: Receiver, database: Database
) -> None:
    centre.always = hang
    silent = desk.source("silent", centre.url)
    for number in range(12):
        desk.state(desk.case(silent, number=f"LT-{number}"), "case.opened")
    with receiving(SECRET) as other, Deliverer(database, timeout_s=0.5, whole_s=1, threads=2) as deliverer:
        desk.state(desk.case(desk.source("other", other.url), number="XX-1"), "case.opened", "case.closed")
        deliverer.deliver_due()
        assert other.types == ["case.opened", "case.closed"]
        assert 1 <= len(centre.calls) <= 2


def test_who_dies_with_a_feedback_in_hand_loses_nothing(
    desk: Desk, clock: FixedClock, centre: Receiver, deliverer: Deliverer
) -> None:
    desk.state(desk.case(desk.source("centre", centre.url)), "case.opened", "case.closed")
    taken = desk.database.transact(claim)
    assert taken is not None

    assert deliverer.deliver_due() == 0
    clock.forward(seconds=LEASE.total_seconds())
    assert deliverer.deliver_due() == 2
    assert centre.calls[0].webhook_id == str(taken.id)
    assert centre.types == ["case.opened", "case.closed"]


def test_a_late_failure_does_not_undo_a_newer_lease_but_a_late_acceptance_counts(
    desk: Desk, clock: FixedClock, centre: Receiver
) -> None:
    desk.state(desk.case(desk.source("centre", centre.url)), "case.opened")
    late = desk.database.transact(claim)
    clock.forward(seconds=LEASE.total_seconds())
    newer = desk.database.transact(claim)
    assert late
    assert newer

    def say(status: int, by: object) -> Verdict | None:
        return desk.database.transact(lambda work: record(work, by, Answer(status, f"HTTP {status}"), 0))  # type: ignore[arg-type]

    assert say(500, late) is None
    assert desk.rows()[0].next_try_at == clock.now() + LEASE
    assert say(200, late) is Verdict.ACCEPTED
    assert say(404, newer) is None
    assert say(500, newer) is None
    assert desk.rows()[0].accepted
    assert desk.events() == []


def test_while_a_key_rotates_both_secrets_sign(
    desk: Desk, clock: FixedClock, centre: Receiver, deliverer: Deliverer
) -> None:
    entries = [{"secret": OLD, "until": None}]
    source = desk.source("centre", centre.url, entries)
    case = desk.case(source)
    desk.state(case, "case.opened")
    deliverer.deliver_due()
    assert [(len(call.signatures), call.genuine) for call in centre.calls] == [(1, False)]

    until = iso(clock.now() + timedelta(minutes=1))
    desk.change_source(source, secrets=[{"secret": SECRET, "until": None}, {"secret": OLD, "until": until}])
    desk.state(case, "case.signed_for")
    deliverer.deliver_due()
    assert (len(centre.calls[1].signatures), centre.calls[1].genuine) == (2, True)

    clock.forward(minutes=2)
    desk.state(case, "case.closed")
    deliverer.deliver_due()
    assert (len(centre.calls[2].signatures), centre.calls[2].genuine) == (1, True)


def test_after_a_week_it_is_given_up_visibly_and_the_next_has_its_turn(
    desk: Desk, clock: FixedClock, centre: Receiver, deliverer: Deliverer
) -> None:
    case = desk.case(desk.source("centre", centre.url))
    desk.state(case, "case.opened")
    centre.always = answer(503)
    clock.forward(seconds=TRIED_FOR.total_seconds() - 1)
    deliverer.deliver_due()
    assert desk.rows()[0].ended_at is None

    desk.state(case, "case.closed")
    clock.forward(hours=1)
    centre.always, centre.acts = None, [answer(503)]
    deliverer.deliver_due()
    assert (desk.rows()[0].accepted, desk.rows()[0].last_answer) == (False, "given up: HTTP 503")
    assert [event.data["reason"] for event in desk.events()] == ["given up: HTTP 503"]

    deliverer.deliver_due()
    assert desk.rows()[1].accepted


def test_a_source_without_an_address_ends_its_feedback_and_one_with_a_bad_address_may_be_repaired(
    desk: Desk, clock: FixedClock, centre: Receiver, deliverer: Deliverer
) -> None:
    gone, bad = desk.source("gone", centre.url), desk.source("bad", "ftp://127.0.0.1/")
    desk.state(desk.case(gone, bad), "case.opened")
    desk.change_source(gone, feedback_url=None)
    deliverer.deliver_due()
    answers = {row.source_id: (row.accepted, row.last_answer) for row in desk.rows()}
    assert answers == {gone: (False, "no address"), bad: (None, "address is not http or https")}

    desk.change_source(bad, feedback_url=centre.url)
    clock.forward(seconds=LONGEST_FIRST_WAIT)
    deliverer.deliver_due()
    assert centre.types == ["case.opened"]


def test_a_source_whose_secret_cannot_sign_holds_nobody_else_up(
    desk: Desk, centre: Receiver, deliverer: Deliverer
) -> None:
    broken = desk.source("broken", centre.url, [{"secret": "whsec_", "until": None}])
    desk.state(desk.case(broken, desk.source("centre", centre.url)), "case.opened")
    assert deliverer.deliver_due() == 2
    assert {row.last_answer for row in desk.rows()} == {"no secret to sign with", "HTTP 200"}


def test_what_is_sent_is_what_is_kept(desk: Desk, centre: Receiver, deliverer: Deliverer) -> None:
    desk.state(desk.case(desk.source("centre", centre.url)), "case.opened")
    deliverer.deliver_due()
    (row,) = desk.rows()
    assert json.loads(centre.calls[0].body) == row.payload
    assert centre.calls[0].body == body_of(row.payload)


@hypothesis_settings(max_examples=8)
@given(statuses=st.lists(st.sampled_from([200, 204, 302, 400, 404, 408, 429, 500, 503]), max_size=12))
def test_whatever_the_centre_answers_a_case_is_told_in_order_one_by_one(
    desk: Desk, clock: FixedClock, centre: Receiver, deliverer: Deliverer, statuses: list[int]
) -> None:
    name = str(new_id())
    case = desk.case(desk.source(name, centre.url), number=name)
    types = ["case.opened", "case.signed_for", "resident.met", "case.closed"]
    desk.state(case, *types)
    centre.calls.clear()
    centre.acts = [answer(status) for status in statuses]

    while due(desk, clock) or not all(row.ended_at for row in desk.rows()):
        deliverer.deliver_due()
        clock.forward(hours=2)

    answered = list(zip(centre.types, [*statuses, *[200] * len(centre.calls)], strict=False))
    assert [type_ for type_, _ in groupby(centre.types)] == types
    for type_ in types:
        *failed, last = [verdict(status) for told, status in answered if told == type_]
        assert set(failed) <= {Verdict.AGAIN}
        assert last is not Verdict.AGAIN
