"""A provider that is not ours, on a folder closed to others, as root and as an ordinary user."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bluevest.privileges import account_to_run_as
from simulator.centre import Centre
from simulator.codes import offer_code
from simulator.handset import Exchange
from tests.line.people import order, roster, vests
from tests.line.processes import PATIENCE_S, children_of, working_in
from tests.line.service import SOURCE, USERS, RunningService, data_folder


@pytest.fixture(params=USERS)
def running(request: pytest.FixtureRequest, provider: Exchange) -> Iterator[RunningService]:
    with data_folder(request.param) as folder, RunningService(folder, provider, request.param) as service:
        yield service


def test_request_receipts_and_replies(running: RunningService, provider: Exchange) -> None:
    running.command("demo-places")
    running.add_people(roster(vests(1)))
    secret = running.add_source()
    console = running.add_officer()
    console.start()
    with Centre(running.url, SOURCE, secret) as centre:
        case_id = str(centre.send_alert(order()).case_id)
    vest = provider.phone(vests(1)[0])
    code = offer_code(vest.expect_sms("接单", timeout=PATIENCE_S))
    console.expect("offer.delivered", case_id)
    vest.reply(f"1{code}")
    assert console.expect("offer.accepted", case_id)["case"]["state"] == "accepted"
    console.close()
    provider.expect_nothing_else()
    assert (running.data / "notes.txt").read_text() == "not ours\n"
    assert running.data.stat().st_mode & 0o777 == 0o700
    nobody_runs_as_root(running)


def nobody_runs_as_root(running: RunningService) -> None:
    """The stores never; the parts only when somebody started them so."""
    owners = {name: Path(f"/proc/{pid}").stat().st_uid for name, pid in children_of(running.top.pid).items()}
    assert owners["postgres"] != 0
    assert owners["valkey"] != 0
    if running.user == "ordinary":
        ours = account_to_run_as()
        expected = ours.uid if ours else os.geteuid()
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in working_in(running.data)} == {expected}
