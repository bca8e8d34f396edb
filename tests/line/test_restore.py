"""A backup of a living service, brought back on an empty machine: the same console, and nothing done twice."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from simulator.centre import Centre
from simulator.codes import offer_code
from simulator.handset import Exchange
from tests.line.console import ConsoleClient, _frame
from tests.line.people import order, roster, vests
from tests.line.processes import PATIENCE_S
from tests.line.service import OFFICER, SOURCE, RunningService, data_folder

VESTS = vests(4)


@pytest.fixture
def empty_machine() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


def first_frame(console: ConsoleClient, epoch: str, seq: int) -> dict[str, Any]:
    """What a console is answered that was connected to the old machine and goes on here after its last number."""
    console.epoch, console.seq = epoch, seq
    console.resume()
    assert console._socket
    return _frame(console._socket.recv(PATIENCE_S))


def test_an_empty_machine_shows_the_same_console(
    service: RunningService, provider: Exchange, empty_machine: Path, tmp_path: Path
) -> None:
    service.add_people(roster(VESTS))
    secret = service.add_source()
    with Centre(service.url, SOURCE, secret) as centre, closing(service.add_officer()) as console:
        console.start()
        case_id = str(centre.send_alert(order()).case_id)
        nearest = provider.phone(VESTS[0])
        code = offer_code(nearest.expect_sms("接单", timeout=PATIENCE_S))
        for other in VESTS[1:3]:
            provider.phone(other).expect_sms("接单", timeout=PATIENCE_S)
        nearest.reply(f"1{code}")
        console.expect("offer.accepted", case_id)
        for other in VESTS[1:3]:
            provider.phone(other).expect_sms("不用去了", timeout=PATIENCE_S)
        before = console.snapshot()
        backup = service.data / "night.backup"
        service.command("backup", str(backup))
        epoch, seq = console.epoch, console.seq

    later = RunningService(empty_machine, provider)
    for file in (backup, service.data / "keys.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert service._stop() == 0
    said = later.command("restore", str(tmp_path / backup.name), "--keys", str(tmp_path / "keys.json"))
    assert "0 texts on their way" in said
    with later, closing(ConsoleClient(later.url, OFFICER, service._password)) as console:
        after = first_frame(console, epoch, seq)
        assert after["type"] == "snapshot", "its old numbers mean nothing here"
        assert after["epoch"] != before["epoch"]
        assert (after["cases"], after["volunteers"]) == (before["cases"], before["volunteers"])

        nearest.reply(f"3{code}")
        console.epoch, console.seq = after["epoch"], after["seq"]
        assert console.expect("contact.attempted", case_id)["case"]["state"] == "on_scene"
        console.post(f"/cases/{case_id}/close", disposition="dissuaded", reason="已见面劝阻")
    provider.expect_nothing_else()
