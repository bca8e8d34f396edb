"""Sending: claim and commit, call the provider, record what happened (design: line, 3).

A text is claimed on the database's clock. Whoever dies between claim and record leaves it `sending`; after the lease it
is `unknown`, and looked up at the provider before anything else happens to it.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import func, select, update

from dispatcher.db import Database
from dispatcher.lifecycle import MessageState
from dispatcher.messaging import outcome
from dispatcher.messaging.port import PermanentRefusal, SmsProvider, TemporaryRefusal, Unsure
from dispatcher.messaging.texts import Template, render
from dispatcher.model import Message
from dispatcher.work import Work

log = structlog.get_logger(__name__)

BATCH = 50
THREADS = 8
LEASE = timedelta(seconds=12)
"""Longer than a provider may take to answer, connecting and reading together."""
LOOK_EVERY = timedelta(seconds=3)


@dataclass(frozen=True)
class Claimed:
    """A text that is ours to send or to look up."""

    id: UUID
    phone: str
    body: str
    claimed_at: datetime


class Sender:
    """Sends what is due through one provider; `link_base` is the public address that links begin with."""

    def __init__(self, database: Database, provider: SmsProvider, link_base: str) -> None:
        self._database = database
        self._provider = provider
        self._link_base = link_base

    def send_due(self) -> int:
        """Send until nothing is due, then look up what is unsure; the number of texts handled."""
        handled = 0
        with ThreadPoolExecutor(THREADS, thread_name_prefix="send") as pool:
            while claimed := self._database.transact(self._claim):
                handled += len(claimed)
                list(pool.map(self._send, claimed))
            self._database.transact(doubt_the_abandoned)
            for unsure in self._database.transact(claim_unsure):
                handled += 1
                self._look_up(unsure)
        return handled

    def _claim(self, work: Work) -> list[Claimed]:
        due = (
            select(Message.id)
            .where(Message.state == MessageState.QUEUED, Message.not_before <= work.now)
            .order_by(Message.urgency, Message.created_at)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        claimed = work.session.scalars(
            update(Message)
            .where(Message.id.in_(due.scalar_subquery()))
            .values(state=MessageState.SENDING, claimed_at=func.clock_timestamp(), tries=Message.tries + 1)
            .returning(Message)
        ).all()
        return in_order([message for message in claimed if self._worded(work, message)])

    def _worded(self, work: Work, message: Message) -> bool:
        """Put the text into words; one that cannot be is given up alone, and holds up no other."""
        params = dict(message.params)
        if token := params.pop("token", None):
            params["link"] = f"{self._link_base}/t/{token}"
        try:
            message.body = render(Template(message.template), params, message.language)
        except ValueError as error:
            log.error("text_without_words", message=str(message.id), reason=str(error))  # noqa: TRY400  # no values
            outcome.refused(work, message.id, "no words for it")
            return False
        return True

    def _send(self, text: Claimed) -> None:
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
            self._database.transact(lambda work: outcome.taken(work, text.id, sent.provider_id, sent.status))

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


def doubt_the_abandoned(work: Work) -> None:
    """Texts whose sender died are unsure from now on."""
    abandoned = work.session.scalars(
        select(Message.id).where(
            Message.state == MessageState.SENDING, Message.claimed_at < func.clock_timestamp() - LEASE
        )
    ).all()
    for message_id in abandoned:
        outcome.unsure(work, message_id, "the sender stopped before it could say")


def claim_unsure(work: Work) -> list[Claimed]:
    """Unsure texts whose time to be looked up has come; their next time is set at once."""
    due = (
        select(Message)
        .where(Message.state == MessageState.UNKNOWN, Message.not_before <= work.now)
        .order_by(Message.claimed_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    messages = work.session.scalars(due).all()
    for message in messages:
        message.not_before = work.now + LOOK_EVERY
    return in_order(messages)


def in_order(messages: Sequence[Message]) -> list[Claimed]:
    """The most urgent first, the oldest among equals."""
    ordered = sorted(messages, key=lambda m: (m.urgency, m.created_at, m.id))
    return [Claimed(m.id, m.phone, m.body or "", m.claimed_at or m.created_at) for m in ordered]
