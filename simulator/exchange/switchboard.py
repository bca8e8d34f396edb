from typing import Annotated

from fastapi import Depends, Request

from simulator.exchange.callbacks import Caller, Errands, inbound_form
from simulator.exchange.carrier import Carrier
from simulator.exchange.claims import Claims
from simulator.exchange.faults import FaultBook
from simulator.exchange.ledger import Entry, Ledger
from simulator.exchange.optout import OptOuts, opt_out_word
from simulator.exchange.segments import segments
from simulator.settings import ExchangeSettings


class Switchboard:
    """Everything the exchange knows; lives on one event loop, so nothing needs a lock."""

    def __init__(self, settings: ExchangeSettings) -> None:
        self.settings = settings
        self.inbound_url = settings.inbound_url
        self.ledger = Ledger(settings.keep)
        self.faults = FaultBook()
        self.claims = Claims()
        self.opted_out = OptOuts()
        self.errands = Errands()
        self.caller = Caller(settings)
        self.carrier = Carrier(settings, self.ledger, self.caller, self.errands)

    def busy(self) -> bool:
        """Whether so much is under way that nothing more is taken."""
        return len(self.errands) >= self.settings.max_under_way

    def hand_in(self, phone: str, body: str) -> Entry:
        """A handset sends a text: book it, let Twilio's own words work, post it to the service."""
        entry = self.ledger.add("inbound", phone, self.settings.from_number, body, status="received")
        word = opt_out_word(body)
        answer = self.opted_out.apply(phone, word) if word else None
        if answer:
            reply = self.ledger.add("outbound-reply", entry.to, phone, answer, status="sent")
            self.ledger.move(reply, "delivered")
        if self.inbound_url:
            self.errands.run(self._hand_over(entry, self.inbound_url))
        return entry

    def reset(self) -> None:
        """Forget all texts, faults and opt-outs. The inbound address stays."""
        self.ledger.clear()
        self.faults.clear()
        self.opted_out.clear()

    async def _hand_over(self, entry: Entry, url: str) -> None:
        form = inbound_form(entry, self.settings.account_sid, segments(entry.body))
        copies = self.faults.peek(entry.phone).repeat_callbacks
        await self.caller.post(url, form, copies=copies, heard=lambda answer: self.ledger.handed_over(entry, answer))

    async def close(self) -> None:
        """Stop what is under way."""
        self.ledger.close()
        await self.errands.stop()
        await self.caller.close()


def _switchboard(request: Request) -> Switchboard:
    board: Switchboard = request.app.state.switchboard
    return board


Board = Annotated[Switchboard, Depends(_switchboard)]
