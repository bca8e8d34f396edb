"""What each role may do, as one table (field guide §1, §6)."""

from collections.abc import Mapping
from enum import StrEnum

from dispatcher.errors import NotAllowed
from dispatcher.model import Role


class Permission(StrEnum):
    """One thing an officer may be allowed to do, always within the places below their own."""

    SEE_CASES = "see cases"
    WATCH = "watch the live feed"
    READ_TEXTS = "read texts"
    ACT = "act on cases"
    UNMASK = "unmask personal data"
    SEE_PEOPLE = "see volunteers"
    SET_DUTY = "put volunteers on and off duty"
    SEE_ALARMS = "see alarms"
    SEE_PLACES = "see places"
    SEE_AUDIT = "read the audit"


P = Permission

_READING = frozenset({P.SEE_CASES, P.WATCH, P.READ_TEXTS, P.SEE_PEOPLE, P.SEE_ALARMS, P.SEE_PLACES})
_DUTY = _READING | {P.ACT, P.UNMASK, P.SET_DUTY}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    # sits at the desk: everything but the record of what the others did
    Role.DUTY: _DUTY,
    # answers for the desk
    Role.CHIEF: _DUTY | {P.SEE_AUDIT},
    # manages people; sees nobody's case
    Role.ADMIN: frozenset({P.SEE_PEOPLE, P.SET_DUTY, P.SEE_PLACES}),
    # reads everything masked, and changes nothing
    Role.AUDITOR: frozenset(
        {P.SEE_CASES, P.WATCH, P.READ_TEXTS, P.SEE_PEOPLE, P.SEE_ALARMS, P.SEE_PLACES, P.SEE_AUDIT}
    ),
    # the anti-fraud centre: what became of its orders, masked
    Role.CENTRE: frozenset({P.SEE_CASES, P.SEE_PLACES}),
}


def permits(role: Role, permission: Permission) -> bool:
    """Whether the table has it."""
    return permission in PERMISSIONS[role]


def check(role: Role, permission: Permission) -> None:
    """Raises NotAllowed that names what the role may not do."""
    if not permits(role, permission):
        raise NotAllowed(f"the role {role} may not {permission}")
