"""How wide a case asks: a few at once, and more the longer nobody accepts, while those asked may still answer.

The nearest have a head start in this way: since the first acceptance wins, a wave that is wide from the beginning is
often won by somebody far away who answers sooner.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher.policy import LevelPolicy


@dataclass(frozen=True)
class Pace:
    """People who may be asked at once, and when it will be more of them; None: never."""

    width: int = 0
    widen_at: datetime | None = None

    def at(self, now: datetime, level: LevelPolicy) -> "Pace":
        """The pace at this moment: `wave` more for every `step_s` seconds, up to the level's limit."""
        step = timedelta(seconds=level.step_s)
        width, widen_at = self.width, self.widen_at
        if not width:
            width, widen_at = level.wave, now + step
        while widen_at is not None and widen_at <= now and width < level.limit:
            width, widen_at = width + level.wave, widen_at + step
        width = min(width, level.limit)
        return Pace(width, widen_at if width < level.limit else None)
