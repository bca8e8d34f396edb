"""What comes to intake's desk and what leaves it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dispatcher.errors import DispatcherError
from dispatcher.intake.order import Order


@dataclass(frozen=True, slots=True)
class Incoming:
    """One verified delivery. `day` is the local day of its receipt, by which case numbers count."""

    source_id: UUID
    desk_id: UUID | None
    webhook_id: str
    body_sha256: bytes
    order: Order
    day: date


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the centre is answered: a duplicate gets the ids of the first time."""

    alert_id: UUID
    case_id: UUID | None
    duplicate: bool


Answer = Outcome | DispatcherError
"""An outcome, or the one refusal that is this order's own."""
