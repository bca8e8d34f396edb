"""Handing a case from one officer to another: at no moment is it in nobody's hands."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from dispatcher.errors import Conflict
from dispatcher.lifecycle import CaseState
from dispatcher.model import Case, Officer
from dispatcher.work import Work


def hand_over(work: Work, case: Case, to: Officer, *, giver: Officer, note: str, take: bool = False) -> Officer | None:
    """Put a held case, locked by the caller, into a colleague's hands; who held it, or None when nothing changed.

    `note` is what the colleague must know; it stands in the case's history.
    `take`: the giver may also give what another officer holds, as a chief may.
    Raises Conflict when the case is closed, nobody holds it, or somebody else does.
    """
    if case.state == CaseState.CLOSED:
        raise Conflict("the case is closed", field="state")
    if case.held_by == to.id:
        return None
    if case.held_by is None:
        raise Conflict("nobody holds the case: there is nothing to hand over", field="held_by")
    holder = work.session.get_one(Officer, case.held_by)
    if holder.id != giver.id and not take:
        raise Conflict(f"the case is held by {holder.name}", field="held_by")
    case.held_by = to.id
    said: dict[str, Any] = {"from": holder.name, "to": to.name, "note": note}
    work.emit_case("case.handed_over", case, **said)
    return holder


def lock_held(work: Work, holder: Officer, stations: Select[UUID]) -> list[Case]:
    """The open cases of the stations that an officer holds, locked in the order of whoever locks several: by id."""
    held = select(Case).where(Case.held_by == holder.id, Case.state != CaseState.CLOSED, Case.station_id.in_(stations))
    locked = held.order_by(Case.id).with_for_update(key_share=True).execution_options(populate_existing=True)
    return list(work.session.scalars(locked))
