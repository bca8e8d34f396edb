"""Which feedback is next: the first of its case and source that has not ended, once its time has come."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session, aliased

from dispatcher.feedback.signing import body_of, secrets_at
from dispatcher.model import Feedback, Source
from dispatcher.work import Work

LEASE = timedelta(seconds=30)


@dataclass(frozen=True)
class Claimed:
    """A feedback that is ours to try until the lease ends; `tries` counts this one and tells our lease from later ones.

    `stated_at` is when the status came about; `url` is None when the source no longer has an address.
    """

    id: UUID
    source_id: UUID
    case_id: UUID
    tries: int
    url: str | None
    secrets: tuple[str, ...]
    body: bytes
    stated_at: datetime
    claimed_at: datetime


def claim(work: Work, silent: Collection[UUID] = ()) -> Claimed | None:
    """Take the feedback that has waited longest, none of a `silent` source; None when nothing is due.

    Until the lease ends nobody else takes it; if we die, somebody will.
    """
    due = (
        select(Feedback, Source)
        .join(Source, Source.id == Feedback.source_id)
        .where(_due(work.now), Feedback.source_id.not_in(silent))
        .order_by(Feedback.next_try_at, Feedback.place)
        .limit(1)
        .with_for_update(of=Feedback, skip_locked=True)
    )
    found = work.session.execute(due).one_or_none()
    if found is None:
        return None
    row, source = found
    row.tries += 1
    row.next_try_at = work.now + LEASE
    return Claimed(
        id=row.id,
        source_id=source.id,
        case_id=row.case_id,
        tries=row.tries,
        url=source.feedback_url,
        secrets=secrets_at(source.secrets, work.now),
        body=body_of(row.payload),
        stated_at=datetime.fromisoformat(row.payload["timestamp"]),
        claimed_at=work.now,
    )


def anything_due(session: Session, now: datetime) -> bool:
    """Whether a deliverer would find work; feedback that waits for the one before it is none."""
    return session.scalar(select(exists().where(_due(now)))) or False


def _due(now: datetime) -> ColumnElement[bool]:
    before = aliased(Feedback)
    blocked = exists().where(
        before.case_id == Feedback.case_id,
        before.source_id == Feedback.source_id,
        before.place < Feedback.place,
        before.ended_at.is_(None),
    )
    return and_(Feedback.ended_at.is_(None), Feedback.next_try_at <= now, ~blocked)
