"""How cases and volunteers look from outside (contract: CASE, VOLUNTEER): masked, and the same everywhere."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatcher.lifecycle import OfferState
from dispatcher.model import (
    Case,
    Contact,
    Deadline,
    DeadlineWhat,
    Freeze,
    Offer,
    Officer,
    Place,
    PositionSource,
    Volunteer,
)
from dispatcher.protection.masking import mask_account, mask_name, mask_phone

Row = TypeVar("Row", Deadline, Offer, Contact, Freeze)
View = dict[str, Any]


def iso(moment: datetime | None) -> str | None:
    """A moment as outsiders read it: RFC 3339 in UTC, `2026-04-29T08:00:00.000Z`."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def in_code_order(session: Session, station_ids: Iterable[UUID]) -> list[UUID]:
    """The stations in the order in which everybody locks them."""
    ids = list(station_ids)
    if len(ids) == 1:
        return ids
    return list(session.scalars(select(Place.id).where(Place.id.in_(ids)).order_by(Place.code)))


def case_views(session: Session, case_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """The CASE objects of the contract by id, in seven queries however many there are."""
    if not case_ids:
        return {}
    cases = session.scalars(select(Case).where(Case.id.in_(case_ids))).all()
    deadlines = _by_case(session.scalars(select(Deadline).where(Deadline.case_id.in_(case_ids))))
    offers = _by_case(
        session.scalars(select(Offer).where(Offer.case_id.in_(case_ids)).order_by(Offer.asked_at, Offer.id))
    )
    contacts = _by_case(
        session.scalars(select(Contact).where(Contact.case_id.in_(case_ids)).order_by(Contact.at, Contact.id))
    )
    freezes = _by_case(
        session.scalars(select(Freeze).where(Freeze.case_id.in_(case_ids)).order_by(Freeze.opened_at, Freeze.id))
    )
    places = _place_names(session, {p for c in cases for p in (c.community_id, c.grid_id) if p})
    holders = _officer_names(session, {c.held_by for c in cases if c.held_by})
    return {
        case.id: _head(case, places, holders)
        | {
            "deadlines": [_deadline(row) for row in sorted(deadlines[case.id], key=lambda d: d.at)],
            "offers": [_offer(row) for row in offers[case.id]],
            "contacts": [_contact(row) for row in contacts[case.id]],
            "freezes": [freeze_view(row) for row in freezes[case.id]],
        }
        for case in cases
    }


def opened_views(
    session: Session, cases: Iterable[Case], clocks: Mapping[UUID, Iterable[tuple[DeadlineWhat, datetime]]]
) -> list[View]:
    """The CASE objects of cases that were written just now, from the rows in hand; `clocks` by case."""
    opened = list(cases)
    places = _place_names(session, {p for c in opened for p in (c.community_id, c.grid_id) if p})
    empty: View = {"offers": [], "contacts": [], "freezes": []}
    return [
        _head(case, places, {})
        | {"deadlines": [_clock(what, at) for what, at in sorted(clocks[case.id], key=lambda clock: clock[1])]}
        | empty
        for case in opened
    ]


def lock_volunteers(session: Session, volunteer_ids: Collection[UUID]) -> None:
    """Let nobody change these people until the commit: what an event shows must not be older than its number."""
    if volunteer_ids:
        rows = select(Volunteer.id).where(Volunteer.id.in_(volunteer_ids)).order_by(Volunteer.id)
        session.execute(rows.with_for_update(key_share=True))


def volunteer_views(session: Session, volunteer_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """The VOLUNTEER objects of the contract by id."""
    if not volunteer_ids:
        return {}
    fresh = select(Volunteer).where(Volunteer.id.in_(volunteer_ids)).execution_options(populate_existing=True)
    people = session.scalars(fresh).all()
    accepted = select(Offer.volunteer_id, Offer.case_id).where(
        Offer.volunteer_id.in_(volunteer_ids), Offer.state == OfferState.ACCEPTED
    )
    tasks = {row.volunteer_id: row.case_id for row in session.execute(accepted)}
    return {person.id: _volunteer(person, tasks.get(person.id)) for person in people}


def _by_case(rows: Iterable[Row]) -> Mapping[UUID, list[Row]]:
    grouped: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row.case_id].append(row)
    return grouped


def _place_names(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    return {row.id: row.name for row in session.execute(select(Place.id, Place.name).where(Place.id.in_(ids)))}


def _officer_names(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    return {row.id: row.name for row in session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(ids)))}


def _head(case: Case, places: Mapping[UUID, str], holders: Mapping[UUID, str]) -> dict[str, Any]:
    located = case.lon is not None and case.lat is not None
    return {
        "id": str(case.id),
        "number": case.number,
        "level": case.level.value,
        "kind": case.kind,
        "fraud_type": case.fraud_type,
        "state": case.state.value,
        "held_by": holders.get(case.held_by) if case.held_by else None,
        "disposition": case.disposition.value if case.disposition else None,
        "flags": list(case.flags),
        "opened_at": iso(case.opened_at),
        "alerts": case.alert_count,
        "resident": {
            "name": mask_name(case.resident_name),
            "phone": mask_phone(case.resident_phone),
            "address": case.resident_address,
        },
        "location": {"lon": case.lon, "lat": case.lat} if located else None,
        "community": places.get(case.community_id) if case.community_id else None,
        "grid": places.get(case.grid_id) if case.grid_id else None,
    }


def _deadline(row: Deadline) -> dict[str, Any]:
    return _clock(row.what, row.at, row.met_at)


def _clock(what: DeadlineWhat, at: datetime, met_at: datetime | None = None) -> View:
    return {"what": what.value, "at": iso(at), "met_at": iso(met_at)}


def _offer(row: Offer) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "volunteer": str(row.volunteer_id),
        "state": row.state.value,
        "wave": row.wave,
        "eta_s": row.eta_s,
        "reason": {language: row.reason.get(language, "") for language in ("zh", "en")},
    }


def _contact(row: Contact) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "channel": row.channel.value,
        "result": row.result.value,
        "by": row.by,
        "at": iso(row.at),
    }


def freeze_view(row: Freeze) -> dict[str, Any]:
    """A request of CASE.freezes: the account by its last four digits."""
    return {
        "id": str(row.id),
        "account": mask_account(row.account),
        "whose": row.whose.value,
        "asked_by": row.asked_by.value,
        "state": row.state.value,
        "until": iso(row.until),
        "stop_no": row.stop_no,
        "version": row.version,
    }


def _volunteer(person: Volunteer, task: UUID | None) -> dict[str, Any]:
    position: dict[str, Any] | None = None
    if person.page_at is not None:
        position = {
            "lon": person.page_lon,
            "lat": person.page_lat,
            "at": iso(person.page_at),
            "source": "page",
        }
    elif person.base_lon is not None:
        source = person.base_source or PositionSource.BASE
        position = {
            "lon": person.base_lon,
            "lat": person.base_lat,
            "at": iso(person.added_at),
            "source": source.value,
        }
    return {
        "id": str(person.id),
        "name": person.name,
        "kind": person.kind.value,
        "on_duty": person.on_duty,
        "position": position,
        "task": str(task) if task else None,
        "next_turn": _turn(person),
    }


def _turn(person: Volunteer) -> View | None:
    """The next boundary of the person's shift plan; None without one, and for a new plan until it was looked at."""
    if person.turn_at is None or person.turn_on_duty is None:
        return None
    return {"at": iso(person.turn_at), "on_duty": person.turn_on_duty}
