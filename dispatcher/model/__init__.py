"""The tables, one noun a file."""

from dispatcher.model.alarm import STOPS_FIRST, Alarm, AlarmKind
from dispatcher.model.alert import Alert
from dispatcher.model.base import Base
from dispatcher.model.case import Case, CaseCount, Deadline, DeadlineWhat, Flag, Level
from dispatcher.model.event import Event, FeedCounter
from dispatcher.model.feedback import Feedback
from dispatcher.model.freeze import AskedBy, Freeze, FreezeAct, FreezeStep, Whose
from dispatcher.model.installation import Heartbeat, Installation
from dispatcher.model.message import InboundText, Message, Receipt
from dispatcher.model.offer import Offer
from dispatcher.model.officer import AuditEntry, Officer, OfficerSession, Role
from dispatcher.model.place import Area, Place, PlaceKind
from dispatcher.model.record import VolunteerRecord
from dispatcher.model.shift import WEEK, Shift, Weekday
from dispatcher.model.source import Delivery, Source
from dispatcher.model.track import Channel, Contact, ContactResult
from dispatcher.model.volunteer import Means, PositionSource, Volunteer, VolunteerKind

__all__ = [
    "STOPS_FIRST",
    "WEEK",
    "Alarm",
    "AlarmKind",
    "Alert",
    "Area",
    "AskedBy",
    "AuditEntry",
    "Base",
    "Case",
    "CaseCount",
    "Channel",
    "Contact",
    "ContactResult",
    "Deadline",
    "DeadlineWhat",
    "Delivery",
    "Event",
    "FeedCounter",
    "Feedback",
    "Flag",
    "Freeze",
    "FreezeAct",
    "FreezeStep",
    "Heartbeat",
    "InboundText",
    "Installation",
    "Level",
    "Means",
    "Message",
    "Offer",
    "Officer",
    "OfficerSession",
    "Place",
    "PlaceKind",
    "PositionSource",
    "Receipt",
    "Role",
    "Shift",
    "Source",
    "Volunteer",
    "VolunteerKind",
    "VolunteerRecord",
    "Weekday",
    "Whose",
]
