"""Bugs to plant into the real parts, one for each promise: the laboratory must see every one of them."""

import importlib.abc
import importlib.machinery
import importlib.util
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

Bug = Callable[[Any], None]


class _AfterImport(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Lets a module be loaded as ever, and then spoils it."""

    def __init__(self, name: str, spoil: Bug) -> None:
        self._name = name
        self._spoil = spoil
        self._loader: importlib.abc.Loader | None = None

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None:
            self._loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec) if self._loader else None

    def exec_module(self, module: ModuleType) -> None:
        if self._loader:
            self._loader.exec_module(module)
        self._spoil(module)


def _answers_before_it_is_written(batcher: Any) -> None:
    """An order is answered as taken, whatever became of its transaction."""
    from dispatcher.ids import new_id
    from dispatcher.intake.incoming import Outcome

    true = batcher.Batcher._together

    def together(self: Any, batch: Any) -> Any:
        try:
            return true(self, batch)
        except batcher._Away:
            return [Outcome(new_id(), new_id(), duplicate=False) for _ in batch]

    batcher.Batcher._together = together


def _nobody_sweeps(timekeeper: Any) -> None:
    """A wake-up that got lost stays lost."""
    timekeeper.sweep.lost_wakeups = lambda _session, _now: []


def _seats_are_not_counted(acceptance: Any) -> None:
    """Everybody who says yes has the task, and nobody is told that it is taken."""
    acceptance._free_seat = lambda _work, _case: -random.randrange(1, 1 << 30)


def _asks_for_ever(policy: Any) -> None:
    """A case becomes wider at every step, and no level sets a limit to it."""
    policy.LevelPolicy.limit = property(lambda _level: 300)


def _sends_again_when_unsure(outcome: Any) -> None:
    """A text that may have been taken is sent again at once."""

    def unsure(work: Any, message_id: Any, error: str) -> None:
        outcome.postponed(work, message_id, error, outcome.timedelta(0))

    outcome.unsure = unsure


def _numbers_have_gaps(work: Any) -> None:
    """Now and then a number of the feed is left out."""
    true = work.Work._number

    def number(self: Any, station_id: Any, pending: Any, cases: Any, people: Any) -> None:
        if random.random() < 0.1:
            counter = work.update(work.FeedCounter).where(work.FeedCounter.station_id == station_id)
            self.session.execute(counter.values(seq=work.FeedCounter.seq + 1))
        true(self, station_id, pending, cases, people)

    work.Work._number = number


def _forgets_the_audit(audit: Any) -> None:
    """Some acts are not written down."""
    true = audit.record_of

    def record_of(work: Any, officer: Any, act: str, **more: Any) -> None:
        if act == "session.opened" or random.random() < 0.7:
            true(work, officer, act, **more)

    audit.record_of = record_of


def _logs_phones(sender: Any) -> None:
    """Whom we text is written into the log."""
    true = sender.Sender._send

    def send(self: Any, text: Any) -> None:
        sender.log.warning("sending", to=f"{text.phone[:6]} {text.phone[6:]}", text=text.body)
        sys.stderr.write(f"sending to {text.phone}\n")
        true(self, text)

    sender.Sender._send = send


def _deadlines_fire_again(clocks: Any) -> None:
    """A missed deadline is missed again at every tick."""
    true = clocks._miss_deadlines

    def miss(work: Any, case: Any) -> None:
        true(work, case)
        for deadline in work.session.query(clocks.Deadline).filter_by(case_id=case.id):
            deadline.missed_at = None

    clocks._miss_deadlines = miss


def _no_unique_key(outbox: Any) -> None:
    """Nothing in the database keeps a text from being queued twice under one name."""
    from sqlalchemy import text

    true, dropped = outbox._queue, list[bool]()

    def queue(work: Any, rows: Any) -> bool:
        if not dropped:
            work.session.execute(text("ALTER TABLE messages DROP CONSTRAINT IF EXISTS uq_messages_purpose_attempt"))
            dropped.append(True)
        return bool(true(work, rows))

    outbox._queue = queue


PLANTS: Mapping[str, tuple[str, Bug]] = {
    "answers_before_it_is_written": ("web.hooks.batcher", _answers_before_it_is_written),
    "nobody_sweeps": ("workers.timekeeper", _nobody_sweeps),
    "seats_are_not_counted": ("dispatcher.tracking.acceptance", _seats_are_not_counted),
    "asks_for_ever": ("dispatcher.policy", _asks_for_ever),
    "sends_again_when_unsure": ("dispatcher.messaging.outcome", _sends_again_when_unsure),
    "no_unique_key": ("dispatcher.casework.outbox", _no_unique_key),
    "numbers_have_gaps": ("dispatcher.work", _numbers_have_gaps),
    "forgets_the_audit": ("dispatcher.access.audit", _forgets_the_audit),
    "logs_phones": ("dispatcher.messaging.sender", _logs_phones),
    "deadlines_fire_again": ("dispatcher.tracking.clocks", _deadlines_fire_again),
}
"""Name → module and what is done to it."""


def plant(name: str) -> None:
    """Spoil the module when it is imported. Raises KeyError for a bug that is not in the table."""
    module, bug = PLANTS[name]
    sys.meta_path.insert(0, _AfterImport(module, bug))
