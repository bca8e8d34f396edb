"""The resident's check that a visitor is real: a code that means something as long as the visitor's task lives.

A scammed resident has been taught to trust nobody at the door. The code alone proves little: who asks for it must be
reached by a number or an address that the visitor did not name.
"""

import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from dispatcher.errors import BadInput
from dispatcher.lifecycle import OfferState
from dispatcher.model import Case, Offer, Place, Volunteer

_CODE = re.compile(r"[1-9][0-9]{5}", re.ASCII)
_FIRST, _COUNT = 100_000, 900_000
_BETWEEN_DIGITS = re.compile(r"[\s\-‐–—－·.]+")


@dataclass(frozen=True)
class Visit:
    """A task under way: who was sent, by which station, into which community, and since when."""

    offer: Offer
    case: Case
    volunteer: Volunteer
    station: Place
    community: Place | None
    accepted_at: datetime


def read_code(text: str) -> str:
    """The six digits of a code as people type it: full width, spaces and hyphens are understood.

    Raises BadInput for what is no code.
    """
    code = _BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", text))
    if not _CODE.fullmatch(code):
        raise BadInput("a code has six digits", field="code")
    return code


def draw_code() -> str:
    """Six digits that nobody can foretell; the first is not 0, which gets lost when numbers are written down."""
    return str(_FIRST + secrets.randbelow(_COUNT))


def new_check_code(session: Session, draw: Callable[[], str] = draw_code) -> str:
    """A code that no task under way has; a unique index stands behind this when two are drawn at once."""
    while True:
        code = draw()
        if session.scalar(_under_way(code)) is None:
            return code


def find_visit(session: Session, code: str) -> Visit | None:
    """The task under way with this code; None for a code that none has, or has no more."""
    offer = session.scalar(_under_way(code))
    if offer is None or offer.accepted_at is None:
        return None
    case = session.get_one(Case, offer.case_id)
    return Visit(
        offer=offer,
        case=case,
        volunteer=session.get_one(Volunteer, offer.volunteer_id),
        station=session.get_one(Place, case.station_id),
        community=session.get(Place, case.community_id) if case.community_id else None,
        accepted_at=offer.accepted_at,
    )


def _under_way(code: str) -> Select[Offer]:
    return select(Offer).where(Offer.check_code == code, Offer.state == OfferState.ACCEPTED)
