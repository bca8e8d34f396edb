"""The desk kept from silting up: a simulated officer closes what people have left lying long enough.

Whoever sits at the demonstration is always first: nothing is touched that changed a moment ago, and what another
officer holds is theirs.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx

from simulator.officer import Officer, Refused

_log = logging.getLogger(__name__)
_LOOK_EVERY_S = 5.0


@dataclass(frozen=True)
class Patience:
    """How long things are left to people, in seconds since their last change."""

    reported_s: float = 120.0
    untouched_s: float = 900.0
    alarm_s: float = 1800.0


@dataclass(frozen=True)
class Ending:
    """How the officer ends a case; with `call`, after a call to the resident that is recorded too."""

    disposition: str
    reason: str
    call: bool = False


def ending(case: Mapping[str, Any], quiet_s: float, me: str, patience: Patience) -> Ending | None:
    """What the simulated officer does about a case nothing has happened to for `quiet_s`; None: nothing yet."""
    if case["state"] == "closed" or case["held_by"] not in {None, me}:
        return None
    if quiet_s >= patience.reported_s:
        if "dissuaded_reported" in case["flags"]:
            return Ending("dissuaded", "队员报告已当面劝阻,复核无误")
        if "withdrawal_asked" in case["flags"]:
            return Ending("withdrawn", "中心撤回指令,核实无误")
    if quiet_s >= patience.untouched_s:
        return Ending("dissuaded", "长时间无人上门,民警电话劝阻", call=True)
    return None


class Desk:
    """Looks every few seconds until `stop`; every refusal means that somebody was first."""

    def __init__(self, officer: Officer, patience: Patience, stop: threading.Event) -> None:
        self._officer = officer
        self._patience = patience
        self._stop = stop

    def run(self) -> None:
        """Until the stop event."""
        while not self._stop.wait(_LOOK_EVERY_S):
            try:
                self.look(datetime.now(UTC))
            except (Refused, httpx.HTTPError) as trouble:
                _log.info("the desk waits: %s", trouble)

    def look(self, now: datetime) -> None:
        """Do once what is due."""
        for case in self._officer.open_cases():
            # The list is cheap and cannot tell when a case last changed; pages are read of those that may be due.
            if self._stop.is_set():
                return
            if ending(case, _seconds(case["opened_at"], now), self._officer.name, self._patience):
                self._see_to(case["id"], now)
        for alarm in self._officer.alarms():
            if _seconds(alarm["raised_at"], now) >= self._patience.alarm_s:
                _try(partial(self._officer.acknowledge, alarm["id"]))
        for text in self._officer.inbox():
            if _seconds(text["received_at"], now) >= self._patience.alarm_s:
                _try(partial(self._officer.handle, text["id"]))

    def _see_to(self, case_id: str, now: datetime) -> None:
        page = self._officer.page(case_id)
        changed = max([page["case"]["opened_at"], *(event["at"] for event in page["events"])])
        end = ending(page["case"], _seconds(changed, now), self._officer.name, self._patience)
        if end is None:
            return
        if end.call:
            _try(partial(self._officer.contact, case_id, "phone", "spoken", "民警电话劝阻"))
        _try(partial(self._officer.close, case_id, end.disposition, end.reason))


def _try(act: Callable[[], object]) -> None:
    try:
        act()
    except Refused as no:
        _log.info("somebody was first: %s", no)


def _seconds(moment: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(moment)).total_seconds()
