"""The record of users' acts: who, from where, what, about whom; a row can be added and nothing else."""

from typing import Any

from dispatcher.access.viewer import Viewer
from dispatcher.model import AuditEntry, Officer
from dispatcher.work import Work


def record(work: Work, viewer: Viewer, act: str, subject: object = None, **details: Any) -> None:
    """Write down an act of a signed-in officer, in the transaction of the act itself."""
    record_of(work, viewer.officer, act, subject=subject, address=viewer.address, **details)


def record_of(
    work: Work,
    officer: Officer | None,
    act: str,
    *,
    subject: object = None,
    address: str | None = None,
    **details: Any,
) -> None:
    """Write down an act before there is a session; without an officer it is somebody unknown."""
    work.session.add(
        AuditEntry(
            at=work.now,
            actor=officer.name if officer else "unknown",
            officer_id=officer.id if officer else None,
            act=act,
            subject=str(subject) if subject is not None else None,
            details=details or None,
            address=address,
        )
    )
