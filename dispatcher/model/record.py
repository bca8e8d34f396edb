"""Records: what a volunteer did with the offers of the last months, as the plan reckons with it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dispatcher.model.base import Base


class VolunteerRecord(Base):
    """Offers that a person could answer, and how many of them were accepted; the same for three kinds of them."""

    __tablename__ = "volunteer_records"

    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey("volunteers.id"), primary_key=True)
    asked: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)
    night_asked: Mapped[int] = mapped_column(default=0)
    night_taken: Mapped[int] = mapped_column(default=0)
    far_asked: Mapped[int] = mapped_column(default=0)
    far_taken: Mapped[int] = mapped_column(default=0)
    tired_asked: Mapped[int] = mapped_column(default=0)
    tired_taken: Mapped[int] = mapped_column(default=0)
    reckoned_at: Mapped[datetime] = mapped_column(index=True)
