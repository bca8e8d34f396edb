"""The second track of every case, stopping the money (field guide §3): opened here, its life is in `freezes`."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack
from uuid import UUID

from dispatcher.casework.cases import sign_for
from dispatcher.casework.feedback import feedback
from dispatcher.errors import Conflict
from dispatcher.ids import new_id
from dispatcher.lifecycle import CaseState, FreezeState
from dispatcher.model import AskedBy, Case, Freeze, FreezeAct, FreezeStep, Officer, Volunteer, Whose
from dispatcher.protection.accounts import account_index
from dispatcher.work import Work


class Facts(TypedDict, total=False):
    """What a request may say; anything may be missing until it is sent. `other_…` is the transfer's other side."""

    bank: str | None
    account: str | None
    account_name: str | None
    other_bank: str | None
    other_account: str | None
    other_name: str | None
    amount: Decimal | None
    transferred_at: datetime | None
    facts: str | None
    receipts: list[str] | None


def draft_freeze(
    work: Work,
    case: Case,
    *,
    whose: Whose,
    asked_by: AskedBy,
    by: Volunteer | Officer,
    freeze_id: UUID | None = None,
    asked: bytes | None = None,
    **facts: Unpack[Facts],
) -> Freeze:
    """Open the draft of a stop-payment. It is recorded and clocked here, executed by a bank (field guide §3).

    `facts` are those of `Facts`. `freeze_id` is for who knows the row's id beforehand, and its first step has it too;
    `asked` is that step's.
    Raises Conflict when the case is closed.
    """
    if case.state == CaseState.CLOSED:
        raise Conflict("the case is closed", field="state")
    freeze = Freeze(
        id=freeze_id or new_id(),
        case_id=case.id,
        whose=whose,
        asked_by=asked_by,
        state=FreezeState.DRAFT,
        version=0,
        volunteer_id=by.id if isinstance(by, Volunteer) else None,
        officer_id=by.id if isinstance(by, Officer) else None,
        opened_at=work.now,
    )
    write_facts(freeze, dict(facts))
    work.session.add(freeze)
    work.session.flush()
    write_step(work, case, freeze, FreezeAct.DRAFTED, by, id=freeze_id, asked=asked)
    return freeze


def write_facts(freeze: Freeze, facts: Mapping[str, Any]) -> None:
    """Put what a request says in the place of what it said; the account's index follows the account."""
    for name, value in facts.items():
        setattr(freeze, name, value)
    freeze.account_index = account_index(freeze.account)


def write_step(
    work: Work, case: Case, freeze: Freeze, act: FreezeAct, by: Volunteer | Officer | None, **details: Any
) -> FreezeStep:
    """Write down what was done to a request, whose row says by now how it stands; consoles and centre are told.

    Nobody (`by` None) is the clock. An officer's act signs for the case. `details` are columns of the step.
    """
    officer = by if isinstance(by, Officer) else None
    if officer and case.state != CaseState.CLOSED:
        sign_for(work, case, by="officer")
    freeze.version += 1
    values = {"id": new_id(), "at": work.now} | {name: value for name, value in details.items() if value is not None}
    name = officer.name if officer else str(by.id) if by else "system"
    step = FreezeStep(
        freeze_id=freeze.id,
        version=freeze.version,
        act=act,
        state=freeze.state,
        recorded_at=work.now,
        by=name,
        officer_id=officer.id if officer else None,
        **values,
    )
    work.session.add(step)
    work.session.flush()
    work.emit_case("freeze.changed", case, freeze=str(freeze.id), act=act.value, state=freeze.state.value, by=name)
    feedback(work, case, "freeze.changed", by="officer" if officer else "vest" if by else "system")
    return step
