"""The one source of the present moment; decisions receive `now` as an argument and never ask."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment, always in UTC and always aware of its zone."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The machine's time in UTC."""
        return datetime.now(UTC)
