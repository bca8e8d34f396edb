import asyncio
from dataclasses import dataclass

from simulator.exchange.callbacks import Caller, Errands, status_form
from simulator.exchange.faults import Fault
from simulator.exchange.ledger import Entry, Ledger
from simulator.settings import ExchangeSettings


@dataclass(frozen=True)
class Step:
    """A status that a message reaches `after` seconds after the one before."""

    after: float
    status: str
    error_code: int | None = None


def itinerary(fault: Fault, settings: ExchangeSettings) -> list[Step]:
    """The statuses a message goes through: queued → sent → delivered or undelivered; queued → failed."""
    status, code = fault.ending()
    late = fault.deliver_after_ms / 1000
    queued = Step(0, "queued")
    if status == "failed":
        return [queued, Step(settings.sent_after + late, status, code)]
    return [
        queued,
        Step(settings.sent_after, "sent"),
        Step(settings.delivered_after + late, status, code),
    ]


class Carrier:
    """Carries accepted messages to the handsets and reports on the way."""

    def __init__(self, settings: ExchangeSettings, ledger: Ledger, caller: Caller, errands: Errands) -> None:
        self._settings = settings
        self._ledger = ledger
        self._caller = caller
        self._errands = errands

    async def carry(self, entry: Entry, fault: Fault) -> None:
        """Move the message along its itinerary; callbacks follow one after another and hold nothing up."""
        reports: list[Step] = []
        last: asyncio.Task[None] | None = None
        for step in itinerary(fault, self._settings):
            await asyncio.sleep(step.after)
            if step.status != entry.status:
                self._ledger.move(entry, step.status, step.error_code)
            reports.append(step)
            if not fault.reorder_callbacks:
                last = self._errands.run(self._report(entry, fault, reports, last))
                reports = []
        if fault.reorder_callbacks:
            last = self._errands.run(self._report(entry, fault, reports[::-1], last))
        if fault.callbacks_first and last:
            await last

    async def _report(self, entry: Entry, fault: Fault, steps: list[Step], before: asyncio.Task[None] | None) -> None:
        if before:
            await before
        if not entry.status_callback or fault.never_report:
            return
        for step in steps:
            form = status_form(entry, self._settings.account_sid, step.status, step.error_code)
            await self._caller.post(entry.status_callback, form, copies=fault.repeat_callbacks)
