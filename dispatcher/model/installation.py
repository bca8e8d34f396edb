"""The installation itself: which keys fit it, and which of its parts are alive."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.model.base import Base


class Installation(Base):
    """One row: a check value of the keys, and where their file lies on this machine."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_fingerprint: Mapped[str]
    keys_file: Mapped[str | None]
    probed_at: Mapped[datetime | None]


class Heartbeat(Base):
    """When a part was last alive, on the database's clock."""

    __tablename__ = "heartbeats"

    part: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
