"""How every act on a case runs: the case locked, the act, its record in the audit, the case as it is then."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import Header

from dispatcher.access import scope
from dispatcher.access.audit import record
from dispatcher.access.viewer import Viewer
from dispatcher.errors import Conflict
from dispatcher.model import Case, Officer
from dispatcher.views import case_views
from dispatcher.work import Work
from web.api.fields import CaseOut
from web.services import Services

_ROWS = UUID("0f9b1f0e-6b0c-5d43-9f5e-3d1f6a0c7a51")
"""Namespace of row ids that are drawn from an Idempotency-Key."""

RepeatKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        description="the same on every try of one act: a lost answer must not double what was done",
    ),
]


def act_on_case(
    context: Services, viewer: Viewer, case_id: UUID, name: str, do: Callable[[Work, Case], object], **details: Any
) -> CaseOut:
    """Let the officer do something to a case in scope, recorded with `details` and those that the act gives.

    An act that says False changed nothing, and is not recorded.
    """

    def act(work: Work) -> dict[str, Any]:
        case = scope.lock_case(work, viewer, case_id)
        done = do(work, case)
        if done is not False:
            more = details | (done if isinstance(done, dict) else {})
            record(work, viewer, name, case.id, number=case.number, **more)
        work.session.flush()
        return case_views(work.session, [case.id])[case.id]

    return CaseOut.model_validate(context.database.transact(act))


def not_anothers(work: Work, case: Case, viewer: Viewer) -> None:
    """Raises Conflict naming the officer when the case is in another one's hands."""
    if case.held_by not in {None, viewer.officer.id}:
        holder = work.session.get_one(Officer, case.held_by)
        raise Conflict(f"the case is held by {holder.name}", field="held_by")


def myself(work: Work, viewer: Viewer) -> Officer:
    """The officer as a row of this unit of work."""
    return work.session.get_one(Officer, viewer.officer.id)


def row_id(viewer: Viewer, case_id: UUID, route: str, key: str | None) -> UUID | None:
    """The id of the row this key stands for: the same for the same officer, case and route."""
    return uuid5(_ROWS, f"{viewer.officer.id}/{case_id}/{route}/{key}") if key is not None else None


def same_again(before: object | None, **asked: object) -> bool:
    """Whether a key's row is there already, with what is asked now.

    Raises Conflict when the key stood for something else.
    """
    if before is None:
        return False
    if any(getattr(before, name) != value for name, value in asked.items()):
        raise Conflict("this Idempotency-Key came before with another body", field="Idempotency-Key")
    return True
