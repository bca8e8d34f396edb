"""Writing a batch: each table in one statement, whatever the number of orders."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, update
from sqlalchemy.dialects.postgresql import insert as upsert

from dispatcher import views
from dispatcher.bulk import write_rows
from dispatcher.casework import feedback_many
from dispatcher.casework.feedback import Status
from dispatcher.intake.case_book import AlertFile, CaseBook, CaseFile
from dispatcher.intake.stations import Stations
from dispatcher.model import Alert, Case, CaseCount, Deadline, DeadlineWhat, Delivery, Level
from dispatcher.policy import Policy
from dispatcher.work import Work

_CASE_COLUMNS = tuple(column.key for column in Case.__mapper__.column_attrs)


def write_book(work: Work, book: CaseBook, stations: Stations, raised: Sequence[CaseFile]) -> None:
    """Write what the batch decided. Rows go in order of their keys, so that two batches never wait in a circle."""
    work.session.flush()
    _write_cases(work, book.opened, stations)
    _tighten(work, raised, stations)
    _write_alerts(work, book.alerts.values())
    _write_deliveries(work, book)
    if book.opened:
        feedback_many(work, [Status(file.case, "case.opened", "centre") for file in book.opened])


def _write_cases(work: Work, opened: Sequence[CaseFile], stations: Stations) -> None:
    if not opened:
        return
    _number(work, opened, stations)
    cases = [file.case for file in opened]
    write_rows(work.session, Case, [{key: getattr(case, key) for key in _CASE_COLUMNS} for case in cases])
    policies = {station_id: stations.with_id(station_id).policy() for station_id in {c.station_id for c in cases}}
    clocks = {
        case.id: [(what, work.now + span) for what, span in _clocks(policies[case.station_id], case.level)]
        for case in cases
    }
    rows = [{"case_id": id_, "what": what, "at": at} for id_, those in clocks.items() for what, at in those]
    write_rows(work.session, Deadline, rows)
    for view in views.opened_views(work.session, cases, clocks):
        work.show(view)


def _number(work: Work, opened: Sequence[CaseFile], stations: Stations) -> None:
    """`LT-20260429-003`: the station, the local day, the how-manieth of that day."""
    groups: dict[tuple[UUID, date], list[CaseFile]] = defaultdict(list)
    for file in opened:
        groups[file.case.station_id, file.day or work.now.date()].append(file)
    counts = [
        {"station_id": station_id, "day": day, "last": len(groups[station_id, day])}
        for station_id, day in sorted(groups)
    ]
    statement = upsert(CaseCount)
    statement = statement.on_conflict_do_update(
        index_elements=["station_id", "day"], set_={"last": CaseCount.last + statement.excluded.last}
    )
    numbered = statement.returning(CaseCount.station_id, CaseCount.day, CaseCount.last)
    for station_id, day, last in work.session.execute(numbered, counts):
        files = groups[station_id, day]
        for number, file in enumerate(files, last - len(files) + 1):
            file.case.number = f"{stations.with_id(station_id).prefix}-{day:%Y%m%d}-{number:03d}"


def _clocks(policy: Policy, level: Level) -> list[tuple[DeadlineWhat, timedelta]]:
    limits = policy.levels[level]
    seconds = {
        DeadlineWhat.SIGN: limits.sign_s,
        DeadlineWhat.CONTACT: limits.contact_s,
        DeadlineWhat.MEET: limits.meet_s,
        DeadlineWhat.FEEDBACK: limits.feedback_s,
    }
    return [(what, timedelta(seconds=s)) for what, s in seconds.items()]


def _tighten(work: Work, raised: Sequence[CaseFile], stations: Stations) -> None:
    """A graver level has shorter clocks: from now on, since nobody could have kept them before."""
    rows = [
        {"of": file.case.id, "which": what, "soonest": work.now + span}
        for file in raised
        for what, span in _clocks(stations.with_id(file.case.station_id).policy(), file.case.level)
    ]
    if not rows:
        return
    running = (
        Deadline.case_id == bindparam("of"),
        Deadline.what == bindparam("which"),
        Deadline.met_at.is_(None),
        Deadline.missed_at.is_(None),
    )
    tighter = update(Deadline).where(*running).values(at=func.least(Deadline.at, bindparam("soonest")))
    work.session.connection().execute(tighter, rows)


def _write_alerts(work: Work, alerts: Iterable[AlertFile]) -> None:
    touched = sorted((a for a in alerts if a.new or a.changed), key=lambda a: (a.source_id, a.alert_no))
    new = [_row(a) | {"source_id": a.source_id, "alert_no": a.alert_no, "data": a.data} for a in touched if a.new]
    told = [_row(a) | {"data": a.data} for a in touched if not a.new and a.data is not None]
    marked = [_row(a) for a in touched if not a.new and a.data is None]
    write_rows(work.session, Alert, new)
    for changed in (told, marked):
        if changed:
            work.session.execute(update(Alert), changed)


def _row(alert: AlertFile) -> dict[str, Any]:
    return {
        "id": alert.id,
        "case_id": alert.case_id,
        "level": alert.level,
        "stated_at": alert.stated_at,
        "raised": alert.raised,
        "received_at": alert.received_at,
        "withdrawn_at": alert.withdrawn_at,
        "withdrawn_reason": alert.withdrawn_reason,
    }


def _write_deliveries(work: Work, book: CaseBook) -> None:
    rows = [
        {
            "source_id": source_id,
            "webhook_id": webhook_id,
            "body_sha256": delivered.body_sha256,
            "alert_id": delivered.alert_id,
            "case_id": delivered.case_id,
            "received_at": work.now,
        }
        for (source_id, webhook_id), delivered in sorted(book.fresh.items(), key=lambda item: item[0])
    ]
    write_rows(work.session, Delivery, rows)
