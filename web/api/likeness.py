"""Other cases of the same resident, and cases that are only like this one.

The same resident is the same phone and nothing else; other likenesses are only suggested (contract: Warning orders in).
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dispatcher.access import scope
from dispatcher.access.viewer import Viewer
from dispatcher.lifecycle import CaseState
from dispatcher.model import Case
from dispatcher.views import iso

LATELY = timedelta(days=30)
_MOST_EARLIER, _MOST_SIMILAR = 20, 10
_MOST_COMPARED = 1000
"""Names and addresses are encrypted and have no index, so that cases are opened one by one to be compared."""
_SHORTEST = 2


def earlier_cases(session: Session, viewer: Viewer, case: Case) -> list[dict[str, Any]]:
    """Closed cases in scope about the same phone that were opened before this one, newest first."""
    if case.resident_phone_index is None:
        return []
    rows = session.scalars(
        select(Case)
        .where(
            Case.resident_phone_index == case.resident_phone_index,
            Case.state == CaseState.CLOSED,
            Case.id != case.id,
            Case.opened_at <= case.opened_at,
            scope.visible_cases(viewer),
        )
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(_MOST_EARLIER)
    )
    return [
        {
            "id": row.id,
            "number": row.number,
            "disposition": row.disposition,
            "opened_at": iso(row.opened_at),
            "closed_at": iso(row.closed_at),
        }
        for row in rows
    ]


def similar_cases(session: Session, case: Case, now: datetime) -> list[dict[str, Any]]:
    """Cases of the same station about another phone with exactly the same name or address, newest first."""
    mine = _marks(case.resident_name, case.resident_address)
    if not mine:
        return []
    phone = Case.resident_phone_index
    other_phone = or_(phone.is_(None), phone.is_distinct_from(case.resident_phone_index))
    rows = session.execute(
        select(
            Case.id,
            Case.number,
            Case.level,
            Case.state,
            Case.disposition,
            Case.opened_at,
            Case.resident_name,
            Case.resident_address,
        )
        .where(
            Case.station_id == case.station_id,
            Case.id != case.id,
            or_(Case.state != CaseState.CLOSED, Case.opened_at > now - LATELY),
            other_phone,
        )
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(_MOST_COMPARED)
    )
    found = ((row, _same(mine, _marks(row.resident_name, row.resident_address))) for row in rows)
    return [_similar(row, same) for row, same in found if same][:_MOST_SIMILAR]


def _marks(name: str | None, address: str | None) -> dict[str, str]:
    """What a likeness is seen by, in one form; what is too short tells nothing."""
    marks = {"name": _plain(name), "address": _plain(address)}
    return {what: mark for what, mark in marks.items() if len(mark) >= _SHORTEST}


def _plain(text: str | None) -> str:
    return "".join(unicodedata.normalize("NFKC", text or "").casefold().split())


def _same(mine: Mapping[str, str], theirs: Mapping[str, str]) -> list[str]:
    return [what for what, mark in mine.items() if theirs.get(what) == mark]


def _similar(row: Any, same: list[str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "level": row.level,
        "state": row.state,
        "disposition": row.disposition,
        "opened_at": iso(row.opened_at),
        "same": same,
    }
