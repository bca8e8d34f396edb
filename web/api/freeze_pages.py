"""Reading the stop-payments and freezes of a case: how each stands, what is missing, what was done, the money."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from dispatcher.access import scope
from dispatcher.access.roles import Permission
from dispatcher.access.viewer import Viewer
from dispatcher.errors import NotFound
from dispatcher.freezes import reading, rules
from dispatcher.freezes.times import MOST_STOPS
from dispatcher.lifecycle import FreezeState
from dispatcher.model import Case, Freeze, FreezeAct, FreezeStep, Officer, Place
from dispatcher.policy import read_policy
from dispatcher.protection.masking import mask_account, mask_name
from dispatcher.views import freeze_view, iso
from web.api.fields import FreezeOut, Moment
from web.session import CaseReader, Context

router = APIRouter(prefix="/cases/{case_id}/freezes", tags=["stop-payments and freezes"])


class StepOut(BaseModel):
    """One thing that was done to a request; `at` is when it happened, `recorded_at` when it was written down."""

    act: FreezeAct
    state: FreezeState
    by: str
    at: Moment
    recorded_at: Moment
    reference: str | None
    amount: str | None
    until: Moment | None
    stop_no: int | None
    chief: str | None
    chief_at: Moment | None
    major: bool | None
    words: str | None = Field(
        description="the bank's at a mismatch, the reason of a release; for roles that read texts"
    )


class FreezeDetail(FreezeOut):
    """One request; names and accounts are masked, what happened is shown by unmasking the case."""

    account_name: str | None
    bank: str | None
    other_account: str | None
    other_name: str | None
    other_bank: str | None
    amount: str | None
    transferred_at: Moment | None
    has_facts: bool
    receipts: int = Field(description="how many there are")
    missing: list[str] = Field(description="what a bank must still be told before it is sent")
    since: Moment | None
    held: str | None
    returned: str | None
    submitted_by: str | None
    opened_at: Moment
    steps: list[StepOut]


class MoneyBooked(BaseModel):
    """Sums of money, an account counted once; `lost` was transferred to suspects and not found in their accounts."""

    protected: str = Field(description="what banks said last that they held, whatever became of it")
    held: str = Field(description="that of stops and freezes that run")
    returned: str
    lost: str


class FreezePage(BaseModel):
    """The requests of a case in the order they were opened."""

    requests: list[FreezeDetail]
    money: MoneyBooked
    second_officer: bool = Field(description="the station asks for a second officer's approval")
    most_stops: int = Field(description="how often police may stop one account")


@router.get("", summary="The stop-payments and freezes of a case")
def list_freezes(case_id: UUID, viewer: CaseReader, context: Context) -> FreezePage:
    """Masked; with every step of each request."""

    def look(session: Session) -> dict[str, Any]:
        case = scope.get_case(session, viewer, case_id)
        rows = reading.requests_of(session, case.id)
        sums = reading.sums_of(rows)
        return {
            "requests": _details(session, viewer, rows),
            "money": {name: f"{getattr(sums, name):.2f}" for name in MoneyBooked.model_fields},
            "second_officer": _second_officer(session, case),
            "most_stops": MOST_STOPS,
        }

    return FreezePage.model_validate(context.database.read(look))


@router.get("/{freeze_id}", summary="One stop-payment or freeze")
def show_freeze(case_id: UUID, freeze_id: UUID, viewer: CaseReader, context: Context) -> FreezeDetail:
    """Masked; with every step."""

    def look(session: Session) -> dict[str, Any]:
        case = scope.get_case(session, viewer, case_id)
        found = [row for row in reading.requests_of(session, case.id) if row.id == freeze_id]
        if not found:
            raise NotFound("there is no such request")
        return _details(session, viewer, found)[0]

    return FreezeDetail.model_validate(context.database.read(look))


def _second_officer(session: Session, case: Case) -> bool:
    return read_policy(session.get_one(Place, case.station_id).policy).stops.second_officer


def _details(session: Session, viewer: Viewer, rows: Any) -> list[dict[str, Any]]:
    steps = reading.steps_of(session, rows)
    reads = viewer.may(Permission.READ_TEXTS)
    return [_detail(session, row) | {"steps": [_step(step, reads=reads) for step in steps[row.id]]} for row in rows]


def _detail(session: Session, row: Freeze) -> dict[str, Any]:
    submitted = session.get(Officer, row.submitted_by) if row.submitted_by else None
    return freeze_view(row) | {
        "account_name": mask_name(row.account_name),
        "bank": row.bank,
        "other_account": mask_account(row.other_account),
        "other_name": mask_name(row.other_name),
        "other_bank": row.other_bank,
        "amount": _sum(row.amount),
        "transferred_at": iso(row.transferred_at),
        "has_facts": bool(row.facts),
        "receipts": len(row.receipts or []),
        "missing": rules.missing(row.whose, vars(row)),
        "since": iso(row.since),
        "held": _sum(row.held),
        "returned": _sum(row.returned),
        "submitted_by": submitted.name if submitted else None,
        "opened_at": iso(row.opened_at),
    }


def _step(step: FreezeStep, *, reads: bool) -> dict[str, Any]:
    return {
        "act": step.act,
        "state": step.state,
        "by": step.by,
        "at": iso(step.at),
        "recorded_at": iso(step.recorded_at),
        "reference": step.reference,
        "amount": _sum(step.amount),
        "until": iso(step.until),
        "stop_no": step.stop_no,
        "chief": step.chief,
        "chief_at": iso(step.chief_at),
        "major": step.major,
        "words": step.words if reads else None,
    }


def _sum(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"
