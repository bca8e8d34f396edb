"""The two tracks every case runs on: reaching the resident, and stopping the money (field guide §2, §3)."""

from decimal import Decimal
from uuid import UUID

from dispatcher.casework.cases import meet_deadline, sign_for
from dispatcher.casework.feedback import feedback
from dispatcher.errors import Conflict
from dispatcher.ids import new_id
from dispatcher.lifecycle import CaseState
from dispatcher.model import (
    AskedBy,
    Case,
    Channel,
    Contact,
    ContactResult,
    DeadlineWhat,
    Flag,
    Freeze,
    Officer,
    Volunteer,
    Whose,
)
from dispatcher.work import Work


def record_contact(
    work: Work,
    case: Case,
    channel: Channel,
    result: ContactResult,
    *,
    by: Volunteer | Officer,
    note: str | None = None,
    position: tuple[float, float] | None = None,
    contact_id: UUID | None = None,
) -> Contact:
    """Record one attempt to reach the resident. `position` is WGS-84 longitude and latitude. Never closes the case.

    `contact_id` is for who knows the row's id beforehand, so as not to write it twice.
    """
    volunteer = by if isinstance(by, Volunteer) else None
    officer = by if isinstance(by, Officer) else None
    if officer:
        sign_for(work, case, by="officer")
    contact = Contact(
        id=contact_id or new_id(),
        case_id=case.id,
        channel=channel,
        result=result,
        volunteer_id=volunteer.id if volunteer else None,
        officer_id=officer.id if officer else None,
        by=officer.name if officer else str(by.id),
        note=note,
        lon=position[0] if position else None,
        lat=position[1] if position else None,
        at=work.now,
    )
    work.session.add(contact)
    meet_deadline(work, case, DeadlineWhat.CONTACT)
    role = "officer" if officer else "vest"
    work.emit_case("contact.attempted", case, volunteer, contact=str(contact.id))
    feedback(work, case, "contact.attempted", by=role)
    if result == ContactResult.MET:
        case.flag(Flag.SEARCHING, on=False)
        meet_deadline(work, case, DeadlineWhat.MEET)
        work.emit_case("resident.met", case, volunteer)
        feedback(work, case, "resident.met", by=role)
    return contact


def draft_freeze(
    work: Work,
    case: Case,
    *,
    whose: Whose,
    asked_by: AskedBy,
    by: Volunteer | Officer,
    bank: str | None = None,
    account: str | None = None,
    account_name: str | None = None,
    amount: Decimal | None = None,
    freeze_id: UUID | None = None,
) -> Freeze:
    """Open the draft of a stop-payment. It is recorded and clocked here, executed by a bank (field guide §3).

    `freeze_id` is for who knows the row's id beforehand.
    Raises Conflict when the case is closed.
    """
    if case.state == CaseState.CLOSED:
        raise Conflict("the case is closed", field="state")
    if isinstance(by, Officer):
        sign_for(work, case, by="officer")
    freeze = Freeze(
        id=freeze_id or new_id(),
        case_id=case.id,
        whose=whose,
        asked_by=asked_by,
        account=account,
        account_name=account_name,
        bank=bank,
        amount=amount,
        volunteer_id=by.id if isinstance(by, Volunteer) else None,
        officer_id=by.id if isinstance(by, Officer) else None,
        opened_at=work.now,
    )
    work.session.add(freeze)
    work.session.flush()
    work.emit_case("freeze.changed", case, freeze=str(freeze.id))
    feedback(work, case, "freeze.changed", by="officer" if isinstance(by, Officer) else "vest")
    return freeze
