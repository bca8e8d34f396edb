"""A resident calls and reads out a code: is the person at their door ours?"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from dispatcher.access import scope
from dispatcher.access.audit import record
from dispatcher.access.viewer import Viewer
from dispatcher.checks import Visit, find_visit, read_code
from dispatcher.errors import NotFound
from dispatcher.protection.masking import mask_name
from dispatcher.views import iso
from dispatcher.work import Work
from web.api.fields import Asked, Line, Moment
from web.session import Actor, Context

router = APIRouter(tags=["checks"])


class CodeAsked(Asked):
    """What the resident reads out; spaces and hyphens do not matter."""

    code: Annotated[Line, Field(min_length=1, examples=["482 913"])]


class Checked(BaseModel):
    """Whose visitor it is: the case, and who was sent; the name is masked, as the public page shows it."""

    case_id: UUID
    number: str
    community: str | None
    volunteer: str | None
    volunteer_id: UUID
    kind: str
    accepted_at: Moment | None
    arrived_at: Moment | None


@router.post("/checks", summary="Is the visitor with this code one of ours?")
def check(body: CodeAsked, viewer: Actor, context: Context) -> Checked:
    """404 when no task under way in the officer's places has the code, so that nothing but a yes looks like one.

    Both answers are audited: a code that nobody has may be an impostor at a door.
    """
    code = read_code(body.code)

    def act(work: Work) -> Checked | None:
        visit = _in_scope(work, viewer, find_visit(work.session, code))
        if visit is None:
            record(work, viewer, "visitor.not_confirmed", code=code)
            return None
        record(work, viewer, "visitor.confirmed", visit.case.id, number=visit.case.number, offer=str(visit.offer.id))
        return _confirmed(visit)

    found = context.database.transact(act)
    if found is None:
        raise NotFound("nobody is under way with this code", field="code")
    return found


def _in_scope(work: Work, viewer: Viewer, visit: Visit | None) -> Visit | None:
    """A visitor of another station is none of ours: that station is to be called."""
    if visit is None:
        return None
    try:
        scope.get_case(work.session, viewer, visit.case.id)
    except NotFound:
        return None
    return visit


def _confirmed(visit: Visit) -> Checked:
    return Checked(
        case_id=visit.case.id,
        number=visit.case.number,
        community=visit.community.name if visit.community else None,
        volunteer=mask_name(visit.volunteer.name),
        volunteer_id=visit.volunteer.id,
        kind=visit.volunteer.kind.value,
        accepted_at=iso(visit.accepted_at),
        arrived_at=iso(visit.offer.arrived_at),
    )
