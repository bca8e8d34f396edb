"""The officer behind a request: who, from which place, in which session."""

from dataclasses import dataclass
from uuid import UUID

from dispatcher.access.roles import Permission, check, permits
from dispatcher.errors import NotAllowed
from dispatcher.model import Officer, Place, Role

ENROL_FIRST = "a second factor is required: enrol a one-time password first"


@dataclass(frozen=True)
class Viewer:
    """A signed-in officer; `path` is that of their place, `full` whether they may do more than enrol."""

    officer: Officer
    place: Place
    session_id: UUID
    full: bool
    address: str | None = None

    @property
    def role(self) -> Role:
        """The officer's role."""
        return self.officer.role

    def may(self, permission: Permission) -> bool:
        """Whether the session is a full one and the role has the permission."""
        return self.full and permits(self.role, permission)

    def check(self, permission: Permission) -> None:
        """Raises NotAllowed that says what is missing: the second factor or the permission."""
        if not self.full:
            raise NotAllowed(ENROL_FIRST)
        check(self.role, permission)
