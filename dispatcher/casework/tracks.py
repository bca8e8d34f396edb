"""The first track of every case: reaching the resident (field guide §2)."""

from uuid import UUID

from dispatcher.casework.cases import meet_deadline, sign_for
from dispatcher.casework.feedback import feedback
from dispatcher.ids import new_id
from dispatcher.model import (
    Case,
    Channel,
    Contact,
    ContactResult,
    DeadlineWhat,
    Flag,
    Officer,
    Volunteer,
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
