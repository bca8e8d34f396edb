"""Reading into the case book what a batch of orders may touch, in a number of queries that does not grow with it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from dispatcher.intake.case_book import AlertFile, CaseBook, CaseFile, Delivered
from dispatcher.intake.facts import Facts, Statement, facts_of
from dispatcher.intake.incoming import Incoming
from dispatcher.intake.order import OrderType
from dispatcher.lifecycle import CaseState, OfferState
from dispatcher.model import Alert, Case, Delivery, Offer

NEWEST = 20
"""How many live orders of a case are read in full: a resident with hundreds of them must not slow everybody's down."""


def open_book(session: Session, incomings: Sequence[Incoming], facts: Mapping[int, Facts]) -> CaseBook:
    """The book for these orders; its alerts and cases are locked, alerts first, each in order of id.

    `facts` holds the facts of the orders that carry any, by their place in the batch.
    """
    book = CaseBook()
    _read_deliveries(session, book, incomings)
    _read_alerts(session, book, incomings)
    phones = {f.phone.index for f in facts.values() if f.phone and f.phone.index}
    _read_cases(session, book, phones)
    still_open = [file.case.id for file in book.files.values() if file.open]
    if still_open:
        _read_statements(session, book, still_open)
        _read_other_holders(session, book, phones)
        if any(i.order.type is OrderType.WITHDRAWN for i in incomings):
            _read_people(session, book, still_open)
    return book


def _read_deliveries(session: Session, book: CaseBook, incomings: Sequence[Incoming]) -> None:
    found = session.execute(
        select(
            Delivery.source_id, Delivery.webhook_id, Delivery.body_sha256, Delivery.alert_id, Delivery.case_id
        ).where(
            Delivery.source_id.in_({i.source_id for i in incomings}),
            Delivery.webhook_id.in_({i.webhook_id for i in incomings}),
        )
    )
    for row in found:
        book.deliveries[row.source_id, row.webhook_id] = Delivered(row.body_sha256, row.alert_id, row.case_id)


def _read_alerts(session: Session, book: CaseBook, incomings: Sequence[Incoming]) -> None:
    columns = (
        Alert.id,
        Alert.source_id,
        Alert.alert_no,
        Alert.received_at,
        Alert.case_id,
        Alert.level,
        Alert.stated_at,
        Alert.raised,
        Alert.withdrawn_at,
        Alert.withdrawn_reason,
    )
    found = session.execute(
        select(*columns)
        .where(
            Alert.source_id.in_({i.source_id for i in incomings}),
            Alert.alert_no.in_({i.order.alert_no for i in incomings}),
        )
        .order_by(Alert.id)
        .with_for_update()
    )
    for row in found:
        book.alerts[row.source_id, row.alert_no] = AlertFile(*row)


def _read_cases(session: Session, book: CaseBook, phones: Collection[bytes]) -> None:
    known = {alert.case_id for alert in book.alerts.values() if alert.case_id}
    if not (known or phones):
        return
    open_with_phone = and_(Case.resident_phone_index.in_(phones), Case.state != CaseState.CLOSED)
    found = session.scalars(
        select(Case).where(or_(Case.id.in_(known), open_with_phone)).order_by(Case.id).with_for_update(key_share=True)
    )
    for case in found:
        book.files[case.id] = file = CaseFile(case)
        if file.open and case.resident_phone_index:
            book.by_phone[case.resident_phone_index] = case.id


def _read_statements(session: Session, book: CaseBook, case_ids: Collection[UUID]) -> None:
    live = and_(Alert.case_id.in_(case_ids), Alert.withdrawn_at.is_(None), Alert.data.is_not(None))
    counted = select(Alert.case_id, Alert.level, func.count()).where(live).group_by(Alert.case_id, Alert.level)
    for case_id, level, count in session.execute(counted):
        if case_id and level:
            book.files[case_id].levels[level] = count
    for row in session.execute(_newest(live)):
        said = Statement(row.stated_at, row.alert_no, facts_of(row.data))
        book.files[row.case_id].statements[row.id] = said


def _newest(live: Any) -> Any:
    place = func.row_number().over(partition_by=Alert.case_id, order_by=(Alert.stated_at.desc(), Alert.alert_no.desc()))
    ranked = (
        select(Alert.id, Alert.case_id, Alert.stated_at, Alert.alert_no, Alert.data, place.label("place"))
        .where(live)
        .subquery()
    )
    return select(ranked).where(ranked.c.place <= NEWEST)


def _read_other_holders(session: Session, book: CaseBook, asked: Collection[bytes]) -> None:
    """Whose are the phones that these cases may fall back to, when an order that changed them is taken back."""
    said = (s.facts.phone for file in book.files.values() for s in file.statements.values())
    others = {phone.index for phone in said if phone and phone.index} - set(asked) - set(book.by_phone)
    if not others:
        return
    found = session.execute(
        select(Case.id, Case.resident_phone_index).where(
            Case.resident_phone_index.in_(others), Case.state != CaseState.CLOSED
        )
    )
    for case_id, index in found:
        if index:
            book.by_phone[index] = case_id


def _read_people(session: Session, book: CaseBook, case_ids: Collection[UUID]) -> None:
    accepted = select(Offer.case_id).where(Offer.case_id.in_(case_ids), Offer.state == OfferState.ACCEPTED)
    book.on_the_way |= set(session.scalars(accepted))
