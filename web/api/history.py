"""The history of a case as rows for the console, masked; and, for an officer who said why, unmasked."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dispatcher.lifecycle import OfferState
from dispatcher.model import Alert, Case, Contact, Event, Freeze, InboundText, Message, Offer, Volunteer
from dispatcher.protection.masking import mask_name, mask_phone
from dispatcher.views import iso, volunteer_views

_MOST_EVENTS, _MOST_TEXTS = 500, 500
_MOST_MONEY = Decimal(10) ** 15
_TASK_LINK = re.compile(r"(https?://\S*?/t/)\S+")


def alerts_of(session: Session, case: Case) -> Sequence[Alert]:
    """The warning orders on the case, in the order they came."""
    return session.scalars(select(Alert).where(Alert.case_id == case.id).order_by(Alert.received_at, Alert.id)).all()


def alert_view(alert: Alert) -> dict[str, Any]:
    """One warning order without personal data: no summary either, it is free text."""
    data = _object(alert.data)
    money = _object(data.get("money"))
    return {
        "id": alert.id,
        "alert_no": alert.alert_no,
        "level": alert.level,
        "kind": data.get("kind"),
        "fraud_type": data.get("fraud_type"),
        "at_risk": _text(money.get("at_risk")),
        "currency": money.get("currency"),
        "stated_at": iso(alert.stated_at),
        "received_at": iso(alert.received_at),
        "withdrawn_at": iso(alert.withdrawn_at),
        "withdrawn_reason": alert.withdrawn_reason,
    }


def at_risk(alerts: Iterable[Alert]) -> list[dict[str, Any]]:
    """The largest sum that an order still standing names, one a currency; what is no sum of money is passed over.

    Orders about the same resident mostly repeat each other about the same money: adding them up would invent some.
    """
    largest: dict[str | None, Decimal] = {}
    for alert in alerts:
        money = _object(_object(alert.data).get("money"))
        amount = _amount(money.get("at_risk"))
        if amount is not None and alert.withdrawn_at is None:
            currency = money.get("currency")
            largest[currency] = max(largest.get(currency, amount), amount)
    return [{"at_risk": f"{amount:.2f}", "currency": currency} for currency, amount in largest.items()]


def kin_view(alerts: Iterable[Alert]) -> list[dict[str, Any]]:
    """The relatives the warning orders name, each once, masked."""
    masked = [
        {"name": mask_name(k.get("name")), "relation": k.get("relation"), "phone": mask_phone(k.get("phone"))}
        for k in kin_of(alerts)
    ]
    return [one for index, one in enumerate(masked) if one not in masked[:index]]


def kin_of(alerts: Iterable[Alert]) -> list[dict[str, Any]]:
    """The relatives as the centre named them."""
    return [_object(one) for alert in alerts for one in _object(alert.data).get("kin") or []]


def asked_of(session: Session, case: Case) -> list[dict[str, Any]]:
    """Everybody who was ever asked for the case, as VOLUNTEER."""
    ids = session.scalars(select(Offer.volunteer_id).where(Offer.case_id == case.id).distinct()).all()
    views = volunteer_views(session, ids)
    return [views[person] for person in sorted(views)]


def plan_of(session: Session, case: Case) -> list[dict[str, Any]]:
    """Every offer with the numbers it was made for; one that an officer chose by hand has none."""
    rows = session.scalars(
        select(Offer).where(Offer.case_id == case.id).order_by(Offer.asked_at, Offer.eta_s, Offer.id)
    )
    numbers = ("means", "position", "position_age_min", "elsewhere", "later", "together")
    return [
        {
            "offer": row.id,
            "volunteer": row.volunteer_id,
            "state": row.state,
            "wave": row.wave,
            "asked_at": iso(row.asked_at),
            "ended_at": iso(row.ended_at),
            "accepted_at": iso(row.accepted_at),
            "arrived_at": iso(row.arrived_at),
            "eta_s": row.eta_s,
            "metres": row.metres,
            **{name: _object(row.reason.get("numbers")).get(name) for name in numbers},
        }
        for row in rows
    ]


def contacts_of(session: Session, case: Case) -> list[dict[str, Any]]:
    """What was noted of each contact, and where, in order of time."""
    rows = session.scalars(select(Contact).where(Contact.case_id == case.id).order_by(Contact.at, Contact.id))
    return [{"id": row.id, "note": row.note, "lon": row.lon, "lat": row.lat} for row in rows]


def texts_of(session: Session, case: Case) -> list[dict[str, Any]]:
    """Texts out and in, in order of time. A task's link is its bearer's key to the task and is cut."""
    sent = session.scalars(
        select(Message).where(Message.case_id == case.id).order_by(Message.created_at.desc()).limit(_MOST_TEXTS)
    )
    came = session.scalars(
        select(InboundText)
        .join(Offer, Offer.id == InboundText.offer_id)
        .where(Offer.case_id == case.id)
        .order_by(InboundText.received_at.desc())
        .limit(_MOST_TEXTS)
    )
    rows = [_text_out(row) for row in sent] + [text_in(row) for row in came]
    return sorted(rows, key=lambda row: (row["at"], str(row["id"])))


def text_in(row: InboundText) -> dict[str, Any]:
    """One text that came in, its sender masked."""
    return {
        "id": row.id,
        "direction": "in",
        "volunteer": row.volunteer_id,
        "phone": mask_phone(row.phone),
        "template": None,
        "body": row.body,
        "state": row.outcome,
        "at": iso(row.received_at),
    }


def events_of(session: Session, case: Case) -> list[dict[str, Any]]:
    """The newest changes of the case that are still kept, in order."""
    rows = session.scalars(
        select(Event).where(Event.case_id == case.id).order_by(Event.at.desc(), Event.seq.desc()).limit(_MOST_EVENTS)
    ).all()
    return [{"seq": row.seq, "kind": row.kind, "at": iso(row.at), "data": row.data or {}} for row in reversed(rows)]


def unmasked(session: Session, case: Case) -> dict[str, Any]:
    """Names, phones and accounts of the case, whole; the caller has checked and recorded who asks, and why."""
    alerts = alerts_of(session, case)
    return {
        "resident": {
            "name": case.resident_name,
            "phone": case.resident_phone,
            "address": case.resident_address,
        },
        "kin": [{key: k.get(key) for key in ("name", "relation", "phone")} for k in kin_of(alerts)],
        "accounts": [account for alert in alerts for account in _accounts(alert)],
        "freezes": [_freeze(row) for row in session.scalars(select(Freeze).where(Freeze.case_id == case.id))],
        "volunteers": [
            {"id": row.id, "name": row.name, "phone": row.phone} for row in session.scalars(_on_the_case(case))
        ],
        "summaries": [{"alert_no": alert.alert_no, "summary": _object(alert.data).get("summary")} for alert in alerts],
    }


def _on_the_case(case: Case) -> Any:
    on_it = select(Offer.volunteer_id).where(
        Offer.case_id == case.id, or_(Offer.state == OfferState.ACCEPTED, Offer.state == OfferState.COMPLETED)
    )
    return select(Volunteer).where(Volunteer.id.in_(on_it)).order_by(Volunteer.id)


def _accounts(alert: Alert) -> list[dict[str, Any]]:
    money = _object(_object(alert.data).get("money"))
    return [
        {
            "whose": whose,
            "bank": one.get("bank"),
            "name": one.get("name"),
            "account": one.get("account"),
            "amount": _text(one.get("amount")),
            "transferred_at": _text(one.get("transferred_at")),
        }
        for whose in ("own", "suspect")
        for one in map(_object, money.get(f"{whose}_accounts") or [])
    ]


def _freeze(row: Freeze) -> dict[str, Any]:
    return {
        "id": row.id,
        "bank": row.bank,
        "name": row.account_name,
        "account": row.account,
        "amount": _text(row.amount),
        "other_bank": row.other_bank,
        "other_name": row.other_name,
        "other_account": row.other_account,
        "facts": row.facts,
        "receipts": row.receipts or [],
    }


def _text_out(row: Message) -> dict[str, Any]:
    return {
        "id": row.id,
        "direction": "out",
        "volunteer": row.volunteer_id,
        "phone": mask_phone(row.phone),
        "template": row.template,
        "body": _TASK_LINK.sub(r"\1…", row.body) if row.body else None,
        "state": row.state.value,
        "at": iso(row.sent_at or row.created_at),
    }


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < _MOST_MONEY else None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
