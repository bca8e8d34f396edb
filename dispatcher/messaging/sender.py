"""Sending: claim and commit, call the provider, record what happened (design: line, 3).

A text is claimed on the database's clock. Whoever dies between claim and record leaves it `sending`; after the lease it
is `unknown`, and looked up at the provider before anything else happens to it.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from dispatcher.db import Database
from dispatcher.lifecycle import MessageState
from dispatcher.messaging import outcome
from dispatcher.messaging.outcome import Taken
from dispatcher.messaging.port import PermanentRefusal, SmsProvider, TemporaryRefusal, Unsure
from dispatcher.messaging.recorder import Recorder
from dispatcher.messaging.texts import Template, render
from dispatcher.model import Message
from dispatcher.work import Work

log = structlog.get_logger(__name__)

SENDERS = 16
LOOKERS = 2
AGAIN_S = 0.25
LEASE = timedelta(seconds=12)
"""Longer than a provider may take to have the request, and to answer it when all is well."""


@dataclass(frozen=True)
class Claimed:
    """A text that is ours to send or to look up."""

    id: UUID
    phone: str
    body: str
    claimed_at: datetime
    since: float = field(default_factory=time.monotonic)

    def slept_on(self) -> bool:
        """Whether so much time went by since the claim that somebody may doubt it, or will soon."""
        return time.monotonic() - self.since >= LEASE.total_seconds() / 2


class Sender:
    """Sends what is due through one provider; `link_base` is the public address that links begin with."""

    def __init__(self, database: Database, provider: SmsProvider, link_base: str) -> None:
        self._database = database
        self._provider = provider
        self._link_base = link_base
        self._recorder = Recorder(database)

    def send_due(self) -> int:
        """Send and look up until nothing is due; the number of texts handled.

        A text is claimed when a thread is free for it: none waits out its lease behind a provider that hangs, and
        one that hangs holds up no other.
        """
        handled, look_at = 0, 0.0
        sends: set[Future[None]] = set()
        looks: set[Future[None]] = set()
        with ThreadPoolExecutor(SENDERS + LOOKERS, thread_name_prefix="send") as pool:
            while True:
                due = self._claimed(_claim_due, SENDERS - len(sends))
                sends |= {pool.submit(self._send, text) for text in due}
                handled += len(due)
                if not due or time.monotonic() >= look_at:
                    self._doubt_the_abandoned()
                    unsure = self._claimed(_claim_unsure, LOOKERS - len(looks))
                    looks |= {pool.submit(self._look_up, text) for text in unsure}
                    handled += len(unsure)
                    look_at = time.monotonic() + AGAIN_S
                if not sends | looks:
                    return handled
                done = wait(sends | looks, AGAIN_S, FIRST_COMPLETED).done
                sends, looks = sends - done, looks - done
                for future in done:
                    future.result()

    def _claimed(self, claim: Callable[[Work, int], Sequence[Message]], most: int) -> list[Claimed]:
        if most < 1:
            return []
        claimed, wordless = self._database.transact(lambda work: self._in_words(claim(work, most)))
        for message_id in wordless:
            # Once the claim is committed: everybody locks the case before its messages.
            self._database.transact(partial(outcome.refused, message_id=message_id, error="no words for it"))
        return claimed

    def _in_words(self, messages: Sequence[Message]) -> tuple[list[Claimed], list[UUID]]:
        worded = [message for message in messages if message.body or self._worded(message)]
        return in_order(worded), [message.id for message in messages if not message.body]

    def _doubt_the_abandoned(self) -> None:
        """Texts whose sender died are unsure from now on."""
        for message_id in self._database.read(abandoned):
            self._database.transact(
                partial(outcome.unsure, message_id=message_id, error="the sender stopped before it could say")
            )

    def _worded(self, message: Message) -> bool:
        """Put the text into words; one that cannot be is given up alone, and holds up no other."""
        params = dict(message.params)
        if token := params.pop("token", None):
            params["link"] = f"{self._link_base}/t/{token}"
        try:
            message.body = render(Template(message.template), params, message.language)
        except ValueError as error:
            log.error("text_without_words", message=str(message.id), reason=str(error))  # noqa: TRY400  # no values
            return False
        return True

    def _send(self, text: Claimed) -> None:
        if text.slept_on():
            return
        try:
            sent = self._provider.send(text.phone, text.body, str(text.id))
        except TemporaryRefusal as refusal:
            reason, delay = str(refusal), timedelta(seconds=refusal.retry_after_s or 2)
            self._database.transact(lambda work: outcome.postponed(work, text.id, reason, delay))
        except PermanentRefusal as refusal:
            code = str(refusal.code)
            self._database.transact(lambda work: outcome.refused(work, text.id, code))
        except Unsure as doubt:
            reason = str(doubt)
            self._database.transact(lambda work: outcome.unsure(work, text.id, reason))
        else:
            self._recorder.taken(Taken(text.id, sent.provider_id, sent.status))

    def _look_up(self, text: Claimed) -> None:
        try:
            found = self._provider.find(text.phone, text.body, text.claimed_at)
        except Unsure as doubt:
            log.warning("text_not_found_out", message=str(text.id), reason=str(doubt))
            self._database.transact(lambda work: outcome.not_found_out(work, text.id))
        else:
            if found:
                self._database.transact(lambda work: outcome.found(work, text.id, found.provider_id, found.status))
            else:
                self._database.transact(lambda work: outcome.not_there(work, text.id))


def abandoned(session: Session) -> Sequence[UUID]:
    """Texts claimed so long ago, on the database's clock, that their sender must be dead."""
    longest = func.clock_timestamp() - LEASE
    return session.scalars(
        select(Message.id).where(Message.state == MessageState.SENDING, Message.claimed_at < longest)
    ).all()


def _claim_due(work: Work, most: int) -> Sequence[Message]:
    due = (
        select(Message.id)
        .where(Message.state == MessageState.QUEUED, Message.not_before <= work.now)
        .order_by(Message.urgency, Message.created_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return work.session.scalars(
        update(Message)
        .where(Message.id.in_(due.scalar_subquery()))
        .values(state=MessageState.SENDING, claimed_at=func.clock_timestamp(), tries=Message.tries + 1)
        .returning(Message)
    ).all()


def _claim_unsure(work: Work, most: int) -> Sequence[Message]:
    """Unsure texts whose time to be looked up has come; nobody else looks until the lease ends."""
    due = (
        select(Message)
        .where(Message.state == MessageState.UNKNOWN, Message.not_before <= work.now)
        .order_by(Message.claimed_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    messages = work.session.scalars(due).all()
    for message in messages:
        message.not_before = work.now + LEASE
    return messages


def in_order(messages: Sequence[Message]) -> list[Claimed]:
    """The most urgent first, the oldest among equals."""
    ordered = sorted(messages, key=lambda m: (m.urgency, m.created_at, m.id))
    return [Claimed(m.id, m.phone, m.body or "", m.claimed_at or m.created_at) for m in ordered]
