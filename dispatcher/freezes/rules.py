"""What may be done to a request, by whom and when. Pure: `now` and all that is known of the request are arguments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from dispatcher.errors import BadInput, Conflict
from dispatcher.freezes import times
from dispatcher.lifecycle import FREEZE_MOVES, FreezeState, check_move
from dispatcher.model import FreezeAct, Whose
from dispatcher.views import iso

A, S = FreezeAct, FreezeState

LEADS_TO: Final[Mapping[FreezeAct, FreezeState]] = {
    A.CORRECTED: S.DRAFT,
    A.SUBMITTED: S.TO_APPROVE,
    A.APPROVED: S.SENT,
    A.SENT: S.SENT,
    A.MISMATCHED: S.MISMATCH,
    A.STOPPED: S.STOPPED,
    A.FROZEN: S.FROZEN,
    A.RENEWED: S.RENEWED,
    A.RELEASED: S.RELEASED,
    A.RETURNED: S.RETURNED,
    A.LAPSED: S.LAPSED,
}
"""The state that each act leads to; `FREEZE_MOVES` says from where. Approving is sending: nothing lies between."""

NEVER_OWN: Final = frozenset({A.FROZEN, A.RENEWED, A.RETURNED})
"""The victim's own account is stopped for protection, never frozen (field guide §3)."""

_EVERY = ("facts", "account_name", "account", "bank")
_NEEDED: Final[Mapping[Whose, Sequence[str]]] = {
    Whose.OWN: _EVERY,
    Whose.SUSPECT: (*_EVERY, "other_name", "other_account", "other_bank", "amount", "transferred_at"),
}
"""What a bank must be told (field guide §3). Receipts may be missing: who is still on the phone has none yet."""


@dataclass(frozen=True)
class Standing:
    """What the rules look at of a request; moments in UTC."""

    state: FreezeState
    whose: Whose
    since: datetime | None = None
    until: datetime | None = None
    frozen_at: datetime | None = None


@dataclass(frozen=True)
class Period:
    """How long a stop or freeze runs, and when to warn of its end; no end when the bank named none."""

    since: datetime
    until: datetime | None
    warn_at: datetime | None


def check_act(standing: Standing, act: FreezeAct) -> FreezeState:
    """The state that the act leads to.

    Raises Conflict when the table of moves, or whose account it is, does not allow it.
    """
    new = LEADS_TO[act]
    if standing.whose == Whose.OWN and act in NEVER_OWN:
        raise Conflict("the victim's own account is stopped for protection, never frozen", field="whose")
    if act == A.APPROVED and standing.state != S.TO_APPROVE:
        raise Conflict(f"it does not wait for an approval: it is {standing.state}", field="state")
    if act == A.CORRECTED and standing.state == S.DRAFT:
        return new
    late = standing.state == S.LAPSED and act in {A.FROZEN, A.RENEWED, A.RETURNED}
    if late and (standing.frozen_at is None) != (act == A.FROZEN):
        raise Conflict(f"what lapsed was {'a freeze' if standing.frozen_at else 'a stop'}", field="state")
    return check_move(FREEZE_MOVES, standing.state, new)


def missing(whose: Whose, data: Mapping[str, object]) -> list[str]:
    """What a bank must still be told, by the names of the fields."""
    return [name for name in _NEEDED[whose] if not data.get(name)]


def check_complete(whose: Whose, data: Mapping[str, object]) -> None:
    """Raises BadInput that names all that is missing; its field is the first of them."""
    lacking = missing(whose, data)
    if lacking:
        raise BadInput(f"before it is sent it needs: {', '.join(lacking)}", field=lacking[0])


def check_eyes(act: FreezeAct, *, second_officer: bool, officer: UUID, submitted_by: UUID | None) -> None:
    """Whether this officer may send it; `second_officer` is the station's policy.

    Raises Conflict when another officer must approve it.
    """
    if act == A.SENT and second_officer:
        raise Conflict("the station asks for a second officer: submit it for approval", field="state")
    if act == A.APPROVED and officer == submitted_by:
        raise Conflict("another officer than the one who submitted it must approve it", field="state")


def check_moment(standing: Standing, at: datetime, now: datetime, *, within: bool = True) -> None:
    """Whether it can have happened at `at`: not in the future; `within` the period, from its start to its end.

    Raises BadInput for the future or before the start, Conflict after the end.
    """
    if at > now:
        raise BadInput("it lies in the future", field="at")
    if not within:
        return
    if standing.since is not None and at < standing.since:
        raise BadInput(f"it lies before {iso(standing.since)}, when the account was stopped or frozen", field="at")
    if standing.until is not None and at >= standing.until:
        raise Conflict(f"it ended at {iso(standing.until)}, before that", field="at")


def stop_period(whose: Whose, at: datetime, bank_says: datetime | None, lead: timedelta) -> Period:
    """A suspect's account: 48 hours from the stop. The victim's own: until what the bank said, if it said anything.

    Raises BadInput when the bank's word is given for a suspect's account, or is not after the stop.
    """
    if whose == Whose.SUSPECT:
        if bank_says is not None:
            raise BadInput("a stop of a suspect's account lasts 48 hours, whatever is said", field="until")
        return _period(at, times.stop_end(at), lead)
    if bank_says is not None and bank_says <= at:
        raise BadInput("it lies before the stop", field="until")
    return _period(at, bank_says, lead)


def freeze_period(
    standing: Standing, at: datetime, bank_says: datetime | None, lead: timedelta, *, major: bool, zone: ZoneInfo
) -> Period:
    """Six calendar months from the freeze or the renewal, a year in `major` cases, in the station's zone.

    Assumed: a renewal counts from its own day, unless the bank names a later end, at most as long after the old one.
    Raises BadInput for an end that is not within this.
    """
    months = times.MONTHS_MAJOR if major else times.MONTHS
    end = times.months_end(at, months, zone)
    if bank_says is None:
        return _period(at, end, lead)
    latest = end
    if standing.frozen_at is not None and standing.until is not None:
        # It ends at 24:00 of its last day, the next day's first moment: a moment before lies on the day itself.
        latest = max(end, times.months_end(standing.until - timedelta(microseconds=1), months, zone))
    if not at < bank_says <= latest:
        raise BadInput(f"it must lie after the freeze, and not after {iso(latest)}", field="until")
    return _period(at, bank_says, lead)


def check_chief(chief_at: datetime, at: datetime) -> None:
    """Raises BadInput when the chief approved later than the bank froze."""
    if chief_at > at:
        raise BadInput("the chief's approval must come before the freeze", field="chief_at")


def check_release(*, case_open: bool, confirm: bool) -> None:
    """Raises Conflict that warns: while the case is open, the release must be confirmed."""
    if case_open and not confirm:
        raise Conflict("the case is open: the money can leave at once; confirm the release", field="confirm")


def _period(since: datetime, until: datetime | None, lead: timedelta) -> Period:
    return Period(since, until, until - lead if until is not None else None)
