"""The requests of a case and the money in them, for whoever shows them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatcher.freezes.money import Booked, Sums, add_up
from dispatcher.model import Freeze, FreezeStep


def requests_of(session: Session, case_id: UUID) -> Sequence[Freeze]:
    """The requests of a case in the order they were opened."""
    rows = select(Freeze).where(Freeze.case_id == case_id).order_by(Freeze.opened_at, Freeze.id)
    return session.scalars(rows).all()


def steps_of(session: Session, freezes: Iterable[Freeze]) -> Mapping[UUID, list[FreezeStep]]:
    """What was done to each of them, in order."""
    ids = [freeze.id for freeze in freezes]
    found: dict[UUID, list[FreezeStep]] = defaultdict(list)
    for step in session.scalars(select(FreezeStep).where(FreezeStep.freeze_id.in_(ids)).order_by(FreezeStep.version)):
        found[step.freeze_id].append(step)
    return found


def sums_of(freezes: Iterable[Freeze]) -> Sums:
    """The money in these requests, an account counted once; those without an account are not with any bank yet."""
    return add_up(
        Booked(one.case_id, one.account_index, one.whose, one.state, one.amount, one.held, one.returned)
        for one in freezes
        if one.account_index is not None
    )
