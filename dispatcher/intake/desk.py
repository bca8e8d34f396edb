"""The decisions of intake, one order after the other, on the case book: no database is touched here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from dispatcher.casework import close_case, raise_alarm
from dispatcher.errors import Conflict
from dispatcher.ids import new_id
from dispatcher.intake.case_book import AlertFile, CaseBook, CaseFile, Delivered
from dispatcher.intake.facts import Facts, Statement
from dispatcher.intake.incoming import Answer, Incoming, Outcome
from dispatcher.intake.order import OrderType
from dispatcher.intake.picture import Change, lay_over, new_case, redraw
from dispatcher.intake.placing import Ground
from dispatcher.intake.stations import Stations
from dispatcher.jobs import Job
from dispatcher.lifecycle import Disposition
from dispatcher.model import AlarmKind, Case, Flag
from dispatcher.work import Work

Act = Callable[[Work], object]
"""What is to be done once the rows are written."""


@dataclass(slots=True)
class Desk:
    """Takes orders in at one moment; what is to be written stands in `book`, what is to be done in `acts`."""

    now: datetime
    book: CaseBook
    stations: Stations
    ground: Ground
    acts: list[Act] = field(default_factory=list)
    raised: list[CaseFile] = field(default_factory=list)

    def take(self, incoming: Incoming, facts: Facts | None) -> Answer:
        """One order; `facts` are those of its data, None for a withdrawal."""
        key = incoming.source_id, incoming.webhook_id
        before = self.book.deliveries.get(key)
        if before is not None:
            return _again(before, incoming)
        alert = self._withdraw(incoming) if facts is None else self._state(incoming, facts)
        self.book.deliveries[key] = self.book.fresh[key] = Delivered(incoming.body_sha256, alert.id, alert.case_id)
        return Outcome(alert.id, alert.case_id, duplicate=False)

    def _state(self, incoming: Incoming, facts: Facts) -> AlertFile:
        """`alert.raised` and `alert.updated` alike: the newest word on an alert holds, in whichever order they came."""
        alert = self._alert(incoming)
        statement = Statement(incoming.order.stated_at or self.now, alert.alert_no, facts)
        overtaken = alert.overtaken(incoming.order.type, statement.stated_at)
        if incoming.order.type is OrderType.RAISED and not alert.raised:
            alert.raised = alert.changed = True
        if overtaken:
            return alert
        level_before = alert.level
        alert.take(incoming.order.data or {}, statement)
        if alert.case_id is not None:
            self._revise(self.book.files[alert.case_id], alert, statement, level_before)
            return alert
        file = self.book.open_for(facts.phone)
        if file is None:
            self._open(alert, statement, incoming)
        else:
            self._repeat(file, alert, statement)
        return alert

    def _alert(self, incoming: Incoming) -> AlertFile:
        key = incoming.source_id, incoming.order.alert_no
        alert = self.book.alerts.get(key)
        if alert is None:
            alert = self.book.alerts[key] = AlertFile(new_id(), *key, received_at=self.now, new=True)
        return alert

    def _open(self, alert: AlertFile, statement: Statement, incoming: Incoming) -> None:
        data = incoming.order.data or {}
        station, unknown = self.stations.for_order(data.get("station"), incoming.desk_id)
        file = CaseFile(new_case(station, incoming, self.now), day=incoming.day)
        lay_over(file.case, statement.facts, self.ground.spot(statement.facts.point))
        file.case.flag(Flag.UNKNOWN_STATION, on=unknown)
        file.case.flag(Flag.SAME_RESIDENT, on=not self.book.settle_phone(file, statement.facts.phone))
        self.book.files[file.case.id] = file
        self.book.opened.append(file)
        alert.case_id = file.case.id
        self._tell("case.opened", file.case)
        if alert.withdrawn_at is None:
            file.hear(alert, statement)
            self._plan(file.case)
        else:
            self._end(file)

    def _repeat(self, file: CaseFile, alert: AlertFile, statement: Statement) -> None:
        alert.case_id = file.case.id
        file.case.alert_count += 1
        if alert.withdrawn_at is None:
            file.hear(alert, statement)
            self._redraw(file)
        self._tell("case.repeated", file.case)
        if file.waiting:
            self._plan(file.case)
        elif Flag.DISSUADED_REPORTED in file.case.flags and alert.withdrawn_at is None:
            self._ring(AlarmKind.WARNED_AGAIN, file.case)

    def _revise(self, file: CaseFile, alert: AlertFile, statement: Statement, level_before: str | None) -> None:
        if not file.open or alert.withdrawn_at is not None:
            self._tell("case.updated", file.case)
            return
        file.hear(alert, statement, level_before)
        change = self._redraw(file)
        if change.any:
            self._tell("case.updated", file.case)
        if file.waiting and (change.graver or change.moved):
            self._plan(file.case)

    def _withdraw(self, incoming: Incoming) -> AlertFile:
        alert = self._alert(incoming)
        if alert.withdrawn_at is not None:
            return alert
        alert.withdraw(self.now, incoming.order.reason)
        file = self.book.files.get(alert.case_id) if alert.case_id else None
        if file is None or not file.open:
            return alert
        file.forget(alert)
        if file.live:
            self._redraw(file)
            self._tell("case.updated", file.case)
        elif file.waiting and file.case.held_by is None and file.case.id not in self.book.on_the_way:
            self._end(file)
        else:
            self._ask(file)
        return alert

    def _redraw(self, file: CaseFile) -> Change:
        change = redraw(file, self.book, self.ground)
        if change.graver and not file.new:
            self.raised.append(file)
        return change

    def _end(self, file: CaseFile) -> None:
        """Nobody has set out: the case is closed as withdrawn, and whoever was asked is told."""
        file.ending = True
        self.book.free_phone(file)
        case_id = file.case.id
        self.acts.append(
            lambda work: close_case(work, work.session.get_one(Case, case_id), Disposition.WITHDRAWN, by="centre")
        )

    def _ask(self, file: CaseFile) -> None:
        """Somebody is on the way or holds the case: the officer decides (contract: never closes silently)."""
        case = file.case
        case.flag(Flag.WITHDRAWAL_ASKED)
        self._tell("case.withdrawal_asked", case)
        self._ring(AlarmKind.WITHDRAWAL_ASKED, case)

    def _tell(self, kind: str, case: Case) -> None:
        self.acts.append(lambda work: work.emit_case(kind, case))

    def _ring(self, kind: AlarmKind, case: Case) -> None:
        self.acts.append(lambda work: raise_alarm(work, kind, case.station_id, case))

    def _plan(self, case: Case) -> None:
        self.acts.append(lambda work: work.wake(Job.PLAN, case.station_id))


def _again(before: Delivered, incoming: Incoming) -> Answer:
    if before.body_sha256 != incoming.body_sha256:
        return Conflict("this webhook-id came before with another body", field="webhook-id")
    return Outcome(before.alert_id, before.case_id, duplicate=True)
