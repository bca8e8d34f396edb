"""Stop-payments and freezes: what an officer records of each request (field guide §3); a bank executes them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from dispatcher import casework
from dispatcher.access.viewer import Viewer
from dispatcher.freezes import acts
from dispatcher.freezes.acts import Act, Decision, Said
from dispatcher.model import AskedBy, Case, Whose
from dispatcher.work import Work
from web.api.acting import RepeatKey, act_on_case, myself, row_id
from web.api.fields import Asked, CaseOut, Instant, Line, Note, Reason
from web.services import Services
from web.session import Actor, Context

router = APIRouter(prefix="/cases/{case_id}/freezes", tags=["stop-payments and freezes"])

_Sum = Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=2)]
_Held = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=2)]


class StopAsked(Asked):
    """What a request says; all but the first two may be missing until it is sent."""

    whose: Whose = Field(description="suspect: a police stop; own: a protective stop of the victim's own account")
    asked_by: AskedBy
    bank: Line | None = None
    account: Line | None = Field(default=None, description="the account to be stopped")
    account_name: Line | None = None
    other_bank: Line | None = None
    other_account: Line | None = Field(default=None, description="the other side of the transfer")
    other_name: Line | None = None
    amount: _Sum | None = None
    transferred_at: Instant | None = None
    facts: Note | None = Field(default=None, description="what happened, in short")
    receipts: Annotated[list[Line], Field(max_length=20)] | None = Field(
        default=None, description="references of receipts, in words"
    )


class Seen(Asked):
    """What the officer acts on."""

    version: int = Field(
        ge=1, lt=2**31, description="`version` of the request as the officer saw it; 409 when it has changed since"
    )


class Correction(StopAsked, Seen):
    """All that the request is to say, in the place of what it said."""


class BankSaid(Seen):
    """The bank's word: when it happened, and its reference."""

    at: Instant
    reference: Line | None = None


class Answer(BankSaid):
    """What the bank answered: stopped, or a mismatch with its words."""

    result: Literal["stopped", "mismatch"]
    words: Reason | None = Field(default=None, description="the bank's words; required at a mismatch")
    amount: _Held | None = Field(default=None, description="what the stopped account holds")
    until: Instant | None = Field(default=None, description="the end the bank named; of an own account alone")


class Frozen(BankSaid):
    """A freeze, or its renewal, as a chief decided it and the bank did it."""

    chief: Reason = Field(
        description="name of the chief who approved it: of county level; in a major case of a city with districts"
    )
    chief_at: Instant = Field(description="when the chief approved it")
    major: bool = Field(default=False, description="a major case: a year instead of six months")
    amount: _Held | None = Field(default=None, description="what is frozen")
    until: Instant | None = Field(default=None, description="the end the bank named, when it is another than the law's")


class Released(BankSaid):
    """The stop or freeze was lifted before its end."""

    reason: Reason
    amount: _Held | None = None
    confirm: bool = Field(default=False, description="required while the case is open")


class Returned(BankSaid):
    """Frozen money went back to the victim."""

    amount: _Sum


@router.post("", summary="Draft a stop-payment")
def draft(case_id: UUID, body: StopAsked, viewer: Actor, context: Context, key: RepeatKey = None) -> CaseOut:
    """Open to every officer, whoever holds the case: stopping payment comes before any other work.

    The same key opens one draft.
    """
    freeze_id = row_id(viewer, case_id, "freezes", key)
    asked = acts.fingerprint(body.model_dump(mode="json"))

    def act(work: Work, case: Case) -> bool | dict[str, str]:
        if acts.done_before(work, freeze_id, asked):
            return False
        by = myself(work, viewer)
        made = casework.draft_freeze(work, case, by=by, freeze_id=freeze_id, asked=asked, **body.model_dump())
        return {"freeze": str(made.id)}

    details = {"whose": body.whose.value, "asked_by": body.asked_by.value}
    return act_on_case(context, viewer, case_id, "freeze.drafted", act, **details)


@router.post("/{freeze_id}/correct", summary="Let a request say something else")
def correct(
    case_id: UUID, freeze_id: UUID, body: Correction, viewer: Actor, context: Context, key: RepeatKey = None
) -> CaseOut:
    """Also what a bank found not to match, and what waits for an approval: it is a draft again."""
    facts = body.model_dump(exclude={"version"})
    run = _Run(context, viewer, case_id, freeze_id, key)
    return run("freeze.corrected", body, lambda act: acts.correct(act, facts))


@router.post("/{freeze_id}/submit", summary="Lay a request before a second officer")
def submit(
    case_id: UUID, freeze_id: UUID, body: Seen, viewer: Actor, context: Context, key: RepeatKey = None
) -> CaseOut:
    """422 names what a bank must still be told. 409 when the account was stopped twice already."""
    return _Run(context, viewer, case_id, freeze_id, key)("freeze.submitted", body, acts.submit)


@router.post("/{freeze_id}/approve", summary="Approve a colleague's request, which sends it")
def approve(
    case_id: UUID, freeze_id: UUID, body: Seen, viewer: Actor, context: Context, key: RepeatKey = None
) -> CaseOut:
    """By another officer than the one who submitted it."""
    run = _Run(context, viewer, case_id, freeze_id, key)
    return run("freeze.approved", body, lambda act: acts.send(act, approving=True))


@router.post("/{freeze_id}/send", summary="The request has gone to the bank")
def send(case_id: UUID, freeze_id: UUID, body: Seen, viewer: Actor, context: Context, key: RepeatKey = None) -> CaseOut:
    """409 where the station asks for a second officer. 422 names what a bank must still be told."""
    return _Run(context, viewer, case_id, freeze_id, key)("freeze.sent", body, acts.send)


@router.post("/{freeze_id}/answer", summary="What the bank answered")
def answer(
    case_id: UUID, freeze_id: UUID, body: Answer, viewer: Actor, context: Context, key: RepeatKey = None
) -> CaseOut:
    """A stop of a suspect's account lasts 48 hours from `at`; one of the victim's own until the bank's `until`."""
    said = Said(body.at, body.reference, body.amount, body.until)

    def do(act: Act) -> None:
        if body.result == "stopped":
            acts.stop(act, said)
        else:
            acts.mismatch(act, body.words, said)

    run = _Run(context, viewer, case_id, freeze_id, key)
    return run("freeze.answered", body, do, result=body.result)


@router.post("/{freeze_id}/freeze", summary="The bank has frozen the account")
def freeze(
    case_id: UUID, freeze_id: UUID, body: Frozen, viewer: Actor, context: Context, key: RepeatKey = None
) -> CaseOut:
    """Of a suspect's account, before its stop ended. Six months in the station's zone; a year in major cases."""
    zone = context.settings.zone
    run = _Run(context, viewer, case_id, freeze_id, key)
    return run(
        "freeze.frozen", body, lambda act: acts.freeze_account(act, _said(body), _decision(body), zone), **_by(body)
    )


@router.post("/{freeze_id}/renew", summary="The freeze was renewed")
def renew(
    case_id: UUID, freeze_id: UUID, body: Frozen, viewer: Actor, context: Context, key: RepeatKey = None
) -> CaseOut:
    """Before its end, by a new decision of a chief."""
    zone = context.settings.zone
    run = _Run(context, viewer, case_id, freeze_id, key)
    return run("freeze.renewed", body, lambda act: acts.renew(act, _said(body), _decision(body), zone), **_by(body))


@router.post("/{freeze_id}/release", summary="The stop or freeze was lifted")
def release(
    case_id: UUID, freeze_id: UUID, body: Released, viewer: Actor, context: Context, key: RepeatKey = None
) -> CaseOut:
    """409 warns while the case is open, until `confirm` is given: the money can leave at once."""
    said = Said(body.at, body.reference, body.amount)
    run = _Run(context, viewer, case_id, freeze_id, key)

    def do(act: Act) -> None:
        acts.release(act, said, body.reason, confirm=body.confirm)

    return run("freeze.released", body, do, reason=body.reason)


@router.post("/{freeze_id}/return", summary="Frozen money went back to the victim")
def give_back(
    case_id: UUID, freeze_id: UUID, body: Returned, viewer: Actor, context: Context, key: RepeatKey = None
) -> CaseOut:
    """Before the freeze ended; not more than was held."""
    said = Said(body.at, body.reference, body.amount)
    run = _Run(context, viewer, case_id, freeze_id, key)
    return run("freeze.returned", body, lambda act: acts.give_back(act, said), amount=str(body.amount))


class _Run:
    """One act on one request: once for a key, on the version that the officer saw, recorded in the audit."""

    def __init__(self, context: Services, viewer: Viewer, case_id: UUID, freeze_id: UUID, key: str | None) -> None:
        self._context, self._viewer = context, viewer
        self._case_id, self._freeze_id, self._key = case_id, freeze_id, key

    def __call__(self, name: str, body: Seen, do: Callable[[Act], None], **details: Any) -> CaseOut:
        step_id = row_id(self._viewer, self._case_id, f"freezes/{self._freeze_id}/{name}", self._key)
        asked = acts.fingerprint(body.model_dump(mode="json"))

        def act(work: Work, case: Case) -> bool | dict[str, Any]:
            row = acts.get_freeze(work, case, self._freeze_id)
            if acts.done_before(work, step_id, asked):
                return False
            acts.check_seen(work, row, body.version)
            do(Act(work, case, row, myself(work, self._viewer), step_id, asked))
            return {"freeze": str(row.id), **details}

        return act_on_case(self._context, self._viewer, self._case_id, name, act)


def _said(body: Frozen) -> Said:
    return Said(body.at, body.reference, body.amount, body.until)


def _decision(body: Frozen) -> Decision:
    return Decision(body.chief, body.chief_at, major=body.major)


def _by(body: Frozen) -> dict[str, Any]:
    return {"chief": body.chief, "major": body.major}
