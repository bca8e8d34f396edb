"""What an officer does about one person of a case: ask somebody chosen, tell somebody that they need not go."""

from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import select

from dispatcher import casework
from dispatcher.access import scope
from dispatcher.errors import NotFound
from dispatcher.model import Case, Offer
from dispatcher.work import Work
from web.api.acting import RepeatKey, act_on_case, not_anothers, row_id, same_again
from web.api.fields import Asked, CaseOut, Reason, Why
from web.session import Actor, Context

router = APIRouter(prefix="/cases/{case_id}/offers", tags=["acts on a case"])


class Choice(Asked):
    """Whom to ask; `note` is kept in the audit, and told to nobody else."""

    volunteer: UUID
    note: Reason | None = None


@router.post("", summary="Ask one chosen person")
def ask(case_id: UUID, body: Choice, viewer: Actor, context: Context, key: RepeatKey = None) -> CaseOut:
    """On duty or not, and also somebody who was asked before; the text leaves at once. The same key asks once.

    409 when the person is asked or on a task already, the case is closed, or another officer holds it.
    """
    offer_id = row_id(viewer, case_id, "offers", key)

    def act(work: Work, case: Case) -> bool:
        before = work.session.get(Offer, offer_id) if offer_id else None
        if same_again(before, volunteer_id=body.volunteer):
            return False
        not_anothers(work, case, viewer)
        person = scope.get_volunteer(work.session, viewer, body.volunteer)
        casework.ask_by_hand(work, case, person, zone=context.settings.zone, offer_id=offer_id)
        return True

    details = {"volunteer": str(body.volunteer)} | ({"note": body.note} if body.note else {})
    return act_on_case(context, viewer, case_id, "offer.made", act, **details)


@router.post("/{offer_id}/recall", summary="Tell one person that they need not go")
def recall(case_id: UUID, offer_id: UUID, body: Why, viewer: Actor, context: Context) -> CaseOut:
    """Who is asked is stood down, who is on the way is recalled, both by one text; then the case seeks on.

    Twice is once; 409 when the offer ended otherwise, or another officer holds the case.
    """

    def act(work: Work, case: Case) -> bool:
        not_anothers(work, case, viewer)
        return casework.recall(work, case, _lock(work, case, offer_id))

    return act_on_case(context, viewer, case_id, "offer.recalled", act, offer=str(offer_id), reason=body.reason)


def _lock(work: Work, case: Case, offer_id: UUID) -> Offer:
    wanted = select(Offer).where(Offer.id == offer_id, Offer.case_id == case.id)
    found = work.session.scalar(wanted.with_for_update(key_share=True))
    if found is None:
        raise NotFound("nobody was asked for this case by that offer")
    return found
