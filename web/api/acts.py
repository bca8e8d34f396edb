"""What an officer does about a case; each act locks it, and is audited in the same transaction."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from dispatcher import casework
from dispatcher.access import scope
from dispatcher.access.audit import record
from dispatcher.lifecycle import Disposition
from dispatcher.model import Case, Channel, Contact, ContactResult, Role, Whose
from dispatcher.work import Work
from web.api import history
from web.api.acting import RepeatKey, act_on_case, myself, not_anothers, row_id, same_again
from web.api.fields import Asked, CaseOut, Moment, Note, Why
from web.session import Actor, Context, Unmasker

router = APIRouter(prefix="/cases/{case_id}", tags=["acts on a case"])


class Closing(Why):
    """How the case ended."""

    disposition: Disposition


class ContactMade(Asked):
    """One attempt to reach the resident."""

    channel: Channel
    result: ContactResult
    note: Note | None = None


class Account(BaseModel):
    """One account a warning order names."""

    whose: Whose
    bank: str | None
    name: str | None
    account: str | None
    amount: str | None
    transferred_at: Moment | None


class Unmasked(BaseModel):
    """The case's personal data, whole."""

    resident: dict[str, str | None]
    kin: list[dict[str, str | None]]
    accounts: list[Account]
    freezes: list[dict[str, Any]]
    volunteers: list[dict[str, Any]]
    summaries: list[dict[str, str | None]]


@router.post("/unmask", summary="Names, phones and accounts, for a reason")
def unmask(case_id: UUID, body: Why, viewer: Unmasker, context: Context) -> Unmasked:
    """The audit keeps who saw what, when and why."""

    def act(work: Work) -> dict[str, Any]:
        case = scope.get_case(work.session, viewer, case_id)
        record(work, viewer, "case.unmasked", case.id, number=case.number, reason=body.reason)
        return history.unmasked(work.session, case)

    return Unmasked.model_validate(context.database.transact(act))


@router.post("/hold", summary="Take the case into your own hands")
def hold(case_id: UUID, viewer: Actor, context: Context) -> CaseOut:
    """Nobody new is asked. 409 names the officer who holds it already."""
    return act_on_case(
        context, viewer, case_id, "case.held", lambda work, case: casework.hold_case(work, case, viewer.officer)
    )


@router.post("/release", summary="Give the case back to the plan")
def release(case_id: UUID, viewer: Actor, context: Context) -> CaseOut:
    """A chief may release what another officer holds; anybody else gets 409 with the holder's name."""

    def act(work: Work, case: Case) -> None:
        if viewer.role != Role.CHIEF:
            not_anothers(work, case, viewer)
        casework.release_case(work, case)

    return act_on_case(context, viewer, case_id, "case.released", act)


@router.post("/close", summary="Close the case with its disposition")
def close(case_id: UUID, body: Closing, viewer: Actor, context: Context) -> CaseOut:
    """409 when it is closed, or in another officer's hands."""

    def act(work: Work, case: Case) -> None:
        not_anothers(work, case, viewer)
        casework.close_case(work, case, body.disposition, by="officer")

    details = {"disposition": body.disposition.value, "reason": body.reason}
    return act_on_case(context, viewer, case_id, "case.closed", act, **details)


@router.post("/reopen", summary="Open a closed case again")
def reopen(case_id: UUID, body: Why, viewer: Actor, context: Context) -> CaseOut:
    """409 when it is open, or the resident has another open case by now."""

    def act(work: Work, case: Case) -> None:
        not_anothers(work, case, viewer)
        casework.reopen_case(work, case, by="officer")

    return act_on_case(context, viewer, case_id, "case.reopened", act, reason=body.reason)


@router.post("/contacts", summary="Record an attempt to reach the resident")
def contact(case_id: UUID, body: ContactMade, viewer: Actor, context: Context, key: RepeatKey = None) -> CaseOut:
    """Open to every officer, whoever holds the case: trying goes on in parallel. The same key records one attempt."""
    contact_id = row_id(viewer, case_id, "contacts", key)

    def act(work: Work, case: Case) -> bool:
        before = work.session.get(Contact, contact_id) if contact_id else None
        if same_again(before, channel=body.channel, result=body.result, note=body.note):
            return False
        by = myself(work, viewer)
        casework.record_contact(work, case, body.channel, body.result, by=by, note=body.note, contact_id=contact_id)
        return True

    details = {"channel": body.channel.value, "result": body.result.value}
    return act_on_case(context, viewer, case_id, "contact.recorded", act, **details)
