"""What the centre is to be told: a row now, the signed call later (contract: Feedback out)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from dispatcher.bulk import write_rows
from dispatcher.ids import new_id
from dispatcher.jobs import Job
from dispatcher.model import Alert, Case, Feedback, Source
from dispatcher.views import iso
from dispatcher.work import Work


@dataclass(frozen=True)
class Status:
    """One status of a case: `type` as in the contract, `by` who brought it about (vest, officer, centre, system)."""

    case: Case
    type: str
    by: str


def feedback(work: Work, case: Case, type_: str, *, by: str) -> None:
    """Tell every centre with a warning order on this case, if it gave an address."""
    feedback_many(work, [Status(case, type_, by)])


def feedback_many(work: Work, statuses: Sequence[Status]) -> None:
    """The same for many cases in two statements; order within a case is the order given."""
    work.session.flush()
    alerts: dict[UUID, dict[UUID, list[str]]] = defaultdict(lambda: defaultdict(list))
    found = work.session.execute(
        select(Alert.case_id, Alert.source_id, Alert.alert_no)
        .join(Source, Source.id == Alert.source_id)
        .where(Alert.case_id.in_({status.case.id for status in statuses}), Source.feedback_url.is_not(None))
        .order_by(Alert.id)
    )
    for row in found:
        alerts[row.case_id][row.source_id].append(row.alert_no)
    rows = [
        {
            "id": new_id(),
            "source_id": source_id,
            "case_id": status.case.id,
            "type": status.type,
            "payload": _payload(work, status, numbers),
            "next_try_at": work.now,
        }
        for status in statuses
        for source_id, numbers in alerts[status.case.id].items()
    ]
    if rows:
        write_rows(work.session, Feedback, rows)
        work.wake(Job.DELIVER)


def _payload(work: Work, status: Status, alert_nos: list[str]) -> dict[str, object]:
    at = iso(work.now)
    data = {
        "case": str(status.case.id),
        "alert_nos": alert_nos,
        "state": status.case.state.value,
        "by": status.by,
        "at": at,
    }
    if status.case.disposition:
        data["disposition"] = status.case.disposition.value
    return {"type": status.type, "timestamp": at, "data": data}
