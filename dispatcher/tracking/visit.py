"""What is reported from the door: arrived, met, not found, money moving, help (contract: SMS, replies 3-7)."""

from datetime import timedelta

from sqlalchemy import func, select

from dispatcher.casework import draft_freeze, end_task, raise_alarm, record_contact, stand_down
from dispatcher.casework.cases import meet_deadline, move_case
from dispatcher.lifecycle import FREEZE_OVER, CaseState, OfferState
from dispatcher.model import (
    AlarmKind,
    Alert,
    AskedBy,
    Case,
    Channel,
    ContactResult,
    DeadlineWhat,
    Flag,
    Freeze,
    Offer,
    Volunteer,
    Whose,
)
from dispatcher.work import Work

JUST_NOW = timedelta(minutes=5)
HAD_IT = frozenset({OfferState.ACCEPTED, OfferState.COMPLETED})
"""Somebody who took the task may still report about it after it is completed."""


def arrive(work: Work, case: Case, offer: Offer, person: Volunteer) -> bool:
    """The person is at the door. False when they do not have the task."""
    if offer.state != OfferState.ACCEPTED:
        return False
    if offer.arrived_at is not None:
        return True
    offer.arrived_at = work.now
    offer.overdue_at = None
    if case.state == CaseState.ACCEPTED:
        move_case(case, CaseState.ON_SCENE)
    case.flag(Flag.NOT_ARRIVED, on=False)
    meet_deadline(work, case, DeadlineWhat.ARRIVE)
    _nobody_else_needed(work, case)
    _visited(work, case, person, ContactResult.ARRIVED)
    return True


def met_and_dissuaded(work: Work, case: Case, offer: Offer, person: Volunteer) -> bool:
    """The resident was met and talked out of it, says the person: their task is done, the officer closes the case."""
    if offer.state == OfferState.COMPLETED:
        return True
    if not arrive(work, case, offer, person):
        return False
    _visited(work, case, person, ContactResult.MET)
    case.flag(Flag.DISSUADED_REPORTED)
    end_task(work, case, offer, OfferState.COMPLETED)
    return True


def not_found(work: Work, case: Case, offer: Offer, person: Volunteer) -> bool:
    """Nobody at the door: the search is open, and stays open until somebody meets the resident."""
    if offer.state != OfferState.ACCEPTED:
        return False
    offer.overdue_at = None
    meet_deadline(work, case, DeadlineWhat.ARRIVE)
    case.flag(Flag.SEARCHING)
    _visited(work, case, person, ContactResult.NOT_FOUND)
    return True


def money_moving(work: Work, case: Case, offer: Offer, person: Volunteer) -> bool:
    """The card must be stopped: the officer is called, and a draft opened unless a request for this account lives."""
    if offer.state not in HAD_IT or case.state == CaseState.CLOSED:
        return False
    case.flag(Flag.MONEY_MOVING)
    raise_alarm(work, AlarmKind.MONEY_MOVING, case.station_id, case)
    bank, account = _own_account(work, case)
    asked = select(Freeze).where(
        Freeze.case_id == case.id,
        Freeze.whose == Whose.OWN,
        Freeze.state.not_in(FREEZE_OVER),
    )
    if not any(row.volunteer_id == person.id or row.account == account for row in work.session.scalars(asked)):
        draft_freeze(work, case, whose=Whose.OWN, asked_by=AskedBy.VEST, by=person, bank=bank, account=account)
    return True


def help_asked(work: Work, case: Case, offer: Offer, person: Volunteer) -> bool:
    """The officer is to call the person."""
    if offer.state not in HAD_IT:
        return False
    case.flag(Flag.HELP_ASKED)
    work.emit_case("help.asked", case, person, offer=str(offer.id))
    raise_alarm(work, AlarmKind.HELP_ASKED, case.station_id, case)
    return True


def _nobody_else_needed(work: Work, case: Case) -> None:
    """Somebody is at the door: whoever is still being asked for this case may rest."""
    on_it = select(func.count()).where(Offer.case_id == case.id, Offer.state == OfferState.ACCEPTED)
    case.wanted = work.session.scalars(on_it).one()
    stand_down(work, case, "taken")


def _visited(work: Work, case: Case, person: Volunteer, result: ContactResult) -> None:
    record_contact(work, case, Channel.DOOR, result, by=person, position=_where(work, person))


def _where(work: Work, person: Volunteer) -> tuple[float, float] | None:
    """Where the person's page said they are just now; an older word would put the visit at the wrong place."""
    if person.page_at is None or work.now - person.page_at > JUST_NOW:
        return None
    if person.page_lon is None or person.page_lat is None:
        return None
    return person.page_lon, person.page_lat


def _own_account(work: Work, case: Case) -> tuple[str | None, str | None]:
    """Bank and number of the first own account that a warning order of the case names."""
    for data in work.session.scalars(select(Alert.data).where(Alert.case_id == case.id).order_by(Alert.id.desc())):
        accounts = ((data or {}).get("money") or {}).get("own_accounts") or []
        if accounts:
            return accounts[0].get("bank"), accounts[0].get("account")
    return None, None
