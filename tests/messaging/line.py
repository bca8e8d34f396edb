"""The sending side of the line, whole: a station's world, the sender, the exchange, and our hook for its receipts."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from fastapi import FastAPI
from sqlalchemy import select, update

from dispatcher.casework.outbox import Urgency, queue_text
from dispatcher.lifecycle import ASKED, MessageState
from dispatcher.messaging.port import Sent, SmsProvider, Unsure
from dispatcher.messaging.sender import LEASE, Claimed, Sender, _claim_due
from dispatcher.messaging.twilio_adapter import TwilioSms
from dispatcher.model import Case, Message, Offer, Volunteer
from simulator.handset import Exchange, Text
from simulator.serving import Served
from tests.tracking.world import World
from web import problems
from web.hooks import twilio
from web.services import Services

LINK_BASE = "https://vest.example.cn"


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; the test fails when it never does."""
    give_up = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < give_up, "it never came about"
        time.sleep(0.01)


@dataclass
class Blind:
    """A provider whose list cannot be asked."""

    provider: SmsProvider

    def send(self, to: str, body: str, reference: str) -> Sent:
        return self.provider.send(to, body, reference)

    def find(self, *_text: object, **_named: object) -> Sent | None:
        raise Unsure("the list does not answer")


@dataclass
class Gate:
    """A provider that keeps whoever calls waiting while it is closed for the number, or for all."""

    closed_for: str | None
    open: threading.Event = field(default_factory=threading.Event)
    calls: list[str] = field(default_factory=list)

    def send(self, to: str, body: str, reference: str) -> Sent:  # noqa: ARG002
        self.calls.append(to)
        if self.closed_for in {None, to}:
            assert self.open.wait(20)
        return Sent(f"SM{reference}", MessageState.SENT)

    def find(self, *_text: object, **_named: object) -> Sent | None:
        return None


class Line:
    """One station, its exchange, and as many senders as a story wants."""

    def __init__(self, world: World, exchange: Exchange, hook: str) -> None:
        self.world = world
        self.exchange = exchange
        self._status_url = f"{hook}/hooks/twilio/status"
        self.patient = self.provider(5.0)
        self.impatient = self.provider(2.0)

    def provider(self, timeout_s: float) -> TwilioSms:
        exchange = self.exchange
        return TwilioSms(
            exchange.account_sid, exchange.auth_token, exchange.number, exchange.url, self._status_url, timeout_s
        )

    def close(self) -> None:
        self.patient.close()
        self.impatient.close()

    def sender(self, provider: SmsProvider | None = None) -> Sender:
        return Sender(self.world.database, provider or self.patient, LINK_BASE)

    def send(self, provider: SmsProvider | None = None) -> int:
        return self.sender(provider).send_due()

    def claim(self) -> list[Claimed]:
        """What a sender does first, and a dead one last."""
        return self.sender()._claimed(_claim_due, 50)

    def lease_over(self) -> None:
        """The lease of every claim ends, on the database's clock."""
        past = update(Message).values(claimed_at=Message.claimed_at - (LEASE + timedelta(seconds=1)))
        self.world.database.transact(lambda work: work.session.execute(past))

    def asked(self, case: Case) -> tuple[Offer, Volunteer]:
        """The one offer of the case that may still be answered, and whose it is."""
        found = (
            select(Offer, Volunteer)
            .join(Volunteer, Volunteer.id == Offer.volunteer_id)
            .where(Offer.case_id == case.id, Offer.state.in_(ASKED), ~Offer.doubtful)
        )
        offer, person = self.world.database.read(lambda session: session.execute(found).one())
        return offer, person

    def attempts(self, offer: Offer) -> list[Message]:
        """The attempts at the offer's text, the first one first."""
        found = select(Message).where(Message.purpose == f"offer:{offer.id}").order_by(Message.attempt)
        return list(self.world.database.read(lambda session: session.scalars(found).all()))

    def states(self, offer: Offer) -> list[MessageState]:
        return [message.state for message in self.attempts(offer)]

    def taken(self, phone: str | None = None) -> list[Text]:
        """The texts that the exchange has from us, whatever became of them."""
        return [text for text in self.exchange.texts(phone) if text.direction == "outbound-api"]

    def queue(self, phone: str, purpose: str, code: str = "K73") -> None:
        """Queue a text that belongs to no case."""
        self.world.database.transact(
            lambda work: queue_text(
                work,
                "stood_down",
                {"code": code},
                purpose=purpose,
                phone=phone,
                language="zh",
                urgency=Urgency.STAND_DOWN,
            )
        )


@contextmanager
def hook_for(world: World) -> Iterator[str]:
    """Our own hook for the provider's receipts, served; its address."""
    app = FastAPI()
    app.state.on_stop = lambda: None
    app.include_router(twilio.router)
    problems.install(app)
    with Served(app) as served:
        settings = world.settings.model_copy(update={"public_url": served.url})
        app.state.services = Services(settings, world.database)
        yield served.url
