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


class CheckedCase(BaseModel):
    """The case the visitor was sent for."""

    id: UUID
    number: str
    community: str | None


class CheckedVolunteer(BaseModel):
    """Who was sent; the name is masked, as the public page shows it."""

    id: UUID
    name: str | None
    kind: str


class Checked(BaseModel):
    """The answer; the rest is null when no task under way in the officer's places has the code."""

    confirmed: bool
    case: CheckedCase | None = None
    volunteer: CheckedVolunteer | None = None
    accepted_at: Moment | None = None
    arrived_at: Moment | None = None


@router.post("/checks", summary="Is the visitor with this code one of ours?")
def check(body: CodeAsked, viewer: Actor, context: Context) -> Checked:
    """Both answers are audited: a code that nobody has may be an impostor at a door."""
    code = read_code(body.code)

    def act(work: Work) -> Checked:
        visit = _in_scope(work, viewer, find_visit(work.session, code))
        if visit is None:
            record(work, viewer, "visitor.not_confirmed", code=code)
            return Checked(confirmed=False)
        record(work, viewer, "visitor.confirmed", visit.case.id, number=visit.case.number, offer=str(visit.offer.id))
        return _confirmed(visit)

    return context.database.transact(act)


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
        confirmed=True,
        case=CheckedCase(
            id=visit.case.id,
            number=visit.case.number,
            community=visit.community.name if visit.community else None,
        ),
        volunteer=CheckedVolunteer(
            id=visit.volunteer.id, name=mask_name(visit.volunteer.name), kind=visit.volunteer.kind.value
        ),
        accepted_at=iso(visit.accepted_at),
        arrived_at=iso(visit.offer.arrived_at),
    )
