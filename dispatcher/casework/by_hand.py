"""What the duty officer does about one person of a case by hand: ask somebody chosen, stand one down, recall one."""

from datetime import timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from dispatcher.casework.asking import Asking, Draft, codes_in_use, tell_asked, write_offers
from dispatcher.casework.cases import SECOND_VEST, give_back, sign_for, want_one_less
from dispatcher.casework.offers import end_task, stand_down
from dispatcher.errors import Conflict
from dispatcher.geo.coordinates import Point
from dispatcher.lifecycle import ASKED, LIVE, CaseState, OfferState
from dispatcher.model import Case, Flag, Offer, Place, Volunteer
from dispatcher.policy import Travel, read_policy
from dispatcher.travel import eta_s, whereabouts
from dispatcher.work import Work

CHOSEN: Final = {"zh": "由值班民警指派", "en": "chosen by the duty officer"}
"""The reason of an offer that no plan made."""

_OVER = frozenset({OfferState.STOOD_DOWN, OfferState.RECALLED})


def ask_by_hand(work: Work, case: Case, person: Volunteer, *, zone: ZoneInfo, offer_id: UUID | None = None) -> Offer:
    """Ask one person for a case, on duty or not; `offer_id` names the offer when its asker knows the id beforehand.

    When everybody the case wanted is on it, it wants one more. Somebody asked before may be asked again.
    Raises Conflict when the case is closed or waits for its closing, or the person is asked or on a task.
    """
    _still_wants(case)
    _free(work, case, person)
    policy = read_policy(work.session.get_one(Place, case.station_id).policy)
    case.wave += 1
    draft = Draft(
        eta_s=_eta_s(work, case, person, policy.travel, zone),
        reason=CHOSEN,
        answer=timedelta(seconds=policy.levels[case.level].answer_s),
        used=codes_in_use(work, [person.id])[person.id],
        id=offer_id,
        round=_round(work, case, person),
    )
    offers = write_offers(work, [Asking(case, person, draft)], policy)
    if not offers:
        raise Conflict(f"{person.name} was asked for another case a moment ago", field="volunteer")
    case.wanted = max(case.wanted, _on_it(work, case) + 1)
    sign_for(work, case, by="officer")
    tell_asked(work, case, offers)
    return work.session.get_one(Offer, offers[0].id)


def recall(work: Work, case: Case, offer: Offer) -> bool:
    """Tell one person that they need not go: an offer is stood down, a task recalled; once by the closing text.

    The case, unless an officer holds it, goes on looking for somebody else. False when it was recalled already.
    Raises Conflict when the offer ended otherwise.
    """
    if offer.state in _OVER:
        return False
    if offer.state in ASKED:
        stand_down(work, case, "stood_down", only=offer.id)
    elif offer.state == OfferState.ACCEPTED:
        end_task(work, case, offer, OfferState.RECALLED, closing="stood_down")
    else:
        raise Conflict(f"it has ended already: {offer.state}", field="state")
    sign_for(work, case, by="officer")
    if offer.reason == CHOSEN or offer.overdue_step >= SECOND_VEST:
        want_one_less(work, case)
    give_back(work, case)
    return True


def _still_wants(case: Case) -> None:
    if case.state == CaseState.CLOSED:
        raise Conflict("the case is closed", field="state")
    if Flag.DISSUADED_REPORTED in case.flags:
        raise Conflict("the resident was met and talked out of it: close the case, or reopen it after", field="state")


def _free(work: Work, case: Case, person: Volunteer) -> None:
    """Raises Conflict that says what keeps the person busy: at most one offer or task a person (design: line, 8)."""
    live = work.session.execute(
        select(Offer.case_id, Offer.state).where(Offer.volunteer_id == person.id, Offer.among(LIVE))
    ).one_or_none()
    if live is None:
        return
    doing = "is on" if live.state == OfferState.ACCEPTED else "is being asked for"
    which = "this case" if live.case_id == case.id else "another case"
    raise Conflict(f"{person.name} {doing} {which} already", field="volunteer")


def _round(work: Work, case: Case, person: Volunteer) -> int:
    """The case's round; for somebody asked in it before, 0 and downwards: outside all rounds of the plan."""
    asked = select(Offer.round).where(Offer.case_id == case.id, Offer.volunteer_id == person.id)
    rounds = set(work.session.scalars(asked))
    return case.round if case.round not in rounds else min(rounds | {1}) - 1


def _on_it(work: Work, case: Case) -> int:
    on_it = select(func.count()).where(Offer.case_id == case.id, Offer.state == OfferState.ACCEPTED)
    return work.session.scalars(on_it).one()


def _eta_s(work: Work, case: Case, person: Volunteer, travel: Travel, zone: ZoneInfo) -> int:
    """Seconds to the door, as the plan reckons them."""
    door = Point(case.lon, case.lat) if case.lon is not None and case.lat is not None else None
    place = whereabouts(person, work.now, travel)
    return round(eta_s(place, door, person.means, travel, travel.departure_s(work.now, zone)))
