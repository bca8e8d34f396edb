"""What happened, as seen from outside: the orders and how they were answered, the officers' acts, the faults."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Order:
    """One order, the last answer to it (0: never one), and the case it was said to be."""

    alert_no: str
    event: str
    status: int
    case_id: str | None

    @property
    def taken(self) -> bool:
        """Whether the service has promised to see to it."""
        return 200 <= self.status < 300  # HTTP's own


@dataclass(frozen=True)
class Act:
    """Something an officer did and was told is done: the audit's name for it, and what it was done to."""

    name: str
    subject: str


@dataclass
class Outage:
    """A fault in force; `ended` is None as long as it is. `slow` is how much the parts' clocks were behind."""

    what: str
    began: datetime
    ended: datetime | None = None
    slow: timedelta = timedelta(0)

    def span(self, due: datetime, done: datetime) -> tuple[datetime, datetime]:
        """The part of it between the two. What was written by a slow clock was due before the fault even began."""
        began = self.began - self.slow if done >= self.began else self.began
        return max(due, began), min(done, self.ended or done)


@dataclass
class History:
    """Written by many threads."""

    orders: list[Order] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    fast_clock_s: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self, order: Order) -> None:
        """An order has its last answer."""
        with self._lock:
            self.orders.append(order)

    def done(self, act: Act) -> None:
        """An officer's act was answered as done."""
        with self._lock:
            self.acts.append(act)

    def broken(self, what: str) -> None:
        """A promise was seen to be broken while it happened."""
        with self._lock:
            self.troubles.append(what)

    def copy(self) -> "History":
        """Everything so far."""
        with self._lock:
            return replace(
                self,
                orders=list(self.orders),
                acts=list(self.acts),
                outages=list(self.outages),
                troubles=list(self.troubles),
            )

    @contextmanager
    def outage(self, what: str, slow_clock_s: float = 0.0) -> Iterator[None]:
        """A fault from here until the block has healed it."""
        now = Outage(what, datetime.now(UTC), slow=timedelta(seconds=slow_clock_s))
        self.outages.append(now)
        try:
            yield
        finally:
            now.ended = datetime.now(UTC)

    def excused(self, due: datetime, done: datetime) -> timedelta:
        """How much of the time from `due` to `done` some fault was in force."""
        spans = sorted(one.span(due, done) for one in self.outages)
        total, reached = timedelta(0), due
        for began, ended in spans:
            if ended > max(began, reached):
                total += ended - max(began, reached)
                reached = ended
        return total
