"""Accepting and declining: the first acceptance wins in the database, under the case's lock."""

from datetime import timedelta

from sqlalchemy import select

from dispatcher.casework import end_task, sign_for, stand_down
from dispatcher.casework.cases import give_back, move_case, want_no_second
from dispatcher.casework.offers import end_offer, tell_closing
from dispatcher.checks import new_check_code
from dispatcher.jobs import Job
from dispatcher.lifecycle import ASKED, LIVE, OFFER_MOVES, CaseState, OfferState, allowed, check_move
from dispatcher.model import Case, Deadline, DeadlineWhat, Flag, Offer, Place, Volunteer
from dispatcher.policy import Arrival, read_policy
from dispatcher.work import Work


def accept(work: Work, case: Case, offer: Offer, person: Volunteer) -> bool:
    """Give the case to the person if a seat is free; else say once that it is taken or over. True when it is theirs."""
    if offer.state == OfferState.ACCEPTED:
        return True
    if not allowed(OFFER_MOVES, offer.state, OfferState.ACCEPTED):
        return False
    seat = _free_seat(work, case)
    if seat is None or _has_another(work, offer):
        _too_late(work, case, offer, person)
        return False
    _take(work, case, offer, person, seat)
    return True


def decline(work: Work, case: Case, offer: Offer, person: Volunteer) -> bool:
    """The person will not go, or not go on: the next one is asked at once. False when there was nothing to decline."""
    if offer.state == OfferState.ACCEPTED:
        end_task(work, case, offer, OfferState.RELEASED)
        want_no_second(work, case, offer)
        give_back(work, case)
        return True
    if offer.state not in ASKED:
        return False
    end_offer(work, offer, OfferState.DECLINED)
    work.emit_case("offer.declined", case, person, offer=str(offer.id))
    for station_id in {case.station_id, person.station_id}:
        work.wake(Job.PLAN, station_id)
    return True


def _free_seat(work: Work, case: Case) -> int | None:
    # Who was talked out of it needs no visitor any more: the case waits for the officer's closing.
    if case.state == CaseState.CLOSED or Flag.DISSUADED_REPORTED in case.flags:
        return None
    taken = set(
        work.session.scalars(select(Offer.seat).where(Offer.case_id == case.id, Offer.state == OfferState.ACCEPTED))
    )
    return next((seat for seat in range(1, case.wanted + 1) if seat not in taken), None)


def _has_another(work: Work, offer: Offer) -> bool:
    """Whether somebody late has been asked for, or given, something else meanwhile."""
    other = select(Offer.id).where(Offer.volunteer_id == offer.volunteer_id, Offer.id != offer.id, Offer.among(LIVE))
    return work.session.scalar(other.limit(1)) is not None


def _too_late(work: Work, case: Case, offer: Offer, person: Volunteer) -> None:
    end_offer(work, offer, OfferState.STOOD_DOWN)
    tell_closing(work, case, offer, person, "stood_down" if case.state == CaseState.CLOSED else "taken")
    work.emit_case("offer.stood_down", case, offers=[str(offer.id)])
    work.wake(Job.PLAN, person.station_id)


def _take(work: Work, case: Case, offer: Offer, person: Volunteer, seat: int) -> None:
    station = work.session.get_one(Place, case.station_id)
    offer.check_code = new_check_code(work.session)
    offer.state = check_move(OFFER_MOVES, offer.state, OfferState.ACCEPTED)
    offer.seat = seat
    offer.accepted_at = work.now
    offer.ended_at = None
    offer.overdue_step = 0
    offer.overdue_at = work.now + allowance(offer.eta_s, read_policy(station.policy).arrival)
    if case.state != CaseState.ON_SCENE:
        move_case(case, CaseState.ACCEPTED)
        _start_arrival_clock(work, case, offer)
    work.emit_case("offer.accepted", case, person, offer=str(offer.id))
    sign_for(work, case, by=person.kind.value)
    if seat >= case.wanted or _free_seat(work, case) is None:
        stand_down(work, case, "taken")


def allowance(eta_s: int | None, arrival: Arrival) -> timedelta:
    """How long an accepted task may take to the door: 1.5 times the estimate by default (design: line, 4)."""
    return timedelta(seconds=max(arrival.least_s, arrival.factor * (eta_s or 0)))


def _start_arrival_clock(work: Work, case: Case, offer: Offer) -> None:
    at = offer.overdue_at or work.now
    deadline = work.session.get(Deadline, (case.id, DeadlineWhat.ARRIVE))
    if deadline is None:
        work.session.add(Deadline(case_id=case.id, what=DeadlineWhat.ARRIVE, at=at))
    else:
        deadline.at, deadline.met_at, deadline.missed_at = at, None, None
