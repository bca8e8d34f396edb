"""A case's row as its live orders draw it: level, resident, position, flags."""

from dataclasses import dataclass
from datetime import datetime

from dispatcher.ids import new_id
from dispatcher.intake.case_book import CaseBook, CaseFile
from dispatcher.intake.facts import Facts, gravest, together
from dispatcher.intake.flags import OURS, flags_of
from dispatcher.intake.incoming import Incoming
from dispatcher.intake.placing import Ground, Spot
from dispatcher.intake.stations import Station
from dispatcher.lifecycle import CaseState
from dispatcher.model import Case, Flag, Level


@dataclass(frozen=True, slots=True)
class Change:
    """What became different."""

    any: bool
    graver: bool
    moved: bool


def new_case(station: Station, incoming: Incoming, now: datetime) -> Case:
    """The row of a case that opens now, every column set; its number is given when it is written."""
    return Case(
        id=new_id(),
        number="",
        station_id=station.id,
        source_id=incoming.source_id,
        level=Level((incoming.order.data or {})["level"]),
        state=CaseState.NEW,
        flags=[],
        alert_count=1,
        wanted=station.policy().people_per_case,
        wave=0,
        width=0,
        round=1,
        resident_phone_index=None,
        opened_at=now,
    )


def redraw(file: CaseFile, book: CaseBook, ground: Ground) -> Change:
    """Draw the case anew from its live orders, of which there is at least one.

    Raises NotTogether (see CaseBook.settle_phone).
    """
    case = file.case
    before, gravity = _seen(case), case.level.gravity
    if file.statements:
        facts = together(file.statements.values())
        lay_over(case, facts, ground.spot(facts.point))
        case.flag(Flag.SAME_RESIDENT, on=not book.settle_phone(file, facts.phone))
    case.level = gravest(file.live) or case.level
    case.flag(Flag.WITHDRAWAL_ASKED, on=False)
    after = _seen(case)
    return Change(before != after, case.level.gravity > gravity, before[:2] != after[:2])


def lay_over(case: Case, facts: Facts, spot: Spot) -> None:
    """Write what is known into the row; flags of other origins stay."""
    case.kind, case.fraud_type = facts.kind, facts.fraud_type
    case.resident_name, case.resident_address = facts.name, facts.address
    case.resident_phone = facts.phone.text if facts.phone else None
    case.lon = spot.point.lon if spot.point else None
    case.lat = spot.point.lat if spot.point else None
    case.community_id, case.grid_id = spot.community_id, spot.grid_id
    kept = [flag for flag in case.flags if flag not in OURS]
    case.flags = kept + sorted(flag.value for flag in flags_of(facts, spot))


def _seen(case: Case) -> tuple[object, ...]:
    """Everything an order can change about a case, position first."""
    return (
        case.lon,
        case.lat,
        case.level,
        case.kind,
        case.fraud_type,
        case.resident_name,
        case.resident_phone,
        case.resident_phone_index,
        case.resident_address,
        case.community_id,
        case.grid_id,
        sorted(case.flags),
    )
