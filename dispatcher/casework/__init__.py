"""What several stages do to a case in the same way; each call expects the case row to be locked by its caller."""

from dispatcher.casework.alarms import acknowledge_alarm, raise_alarm
from dispatcher.casework.by_hand import ask_by_hand, recall
from dispatcher.casework.cases import (
    close_case,
    hold_case,
    lock_case,
    lock_cases,
    release_case,
    reopen_case,
    sign_for,
)
from dispatcher.casework.duty import set_duty
from dispatcher.casework.feedback import feedback, feedback_many
from dispatcher.casework.handover import hand_over, lock_held
from dispatcher.casework.offers import end_task, stand_down
from dispatcher.casework.outbox import queue_text
from dispatcher.casework.stops import draft_freeze
from dispatcher.casework.tracks import record_contact

__all__ = [
    "acknowledge_alarm",
    "ask_by_hand",
    "close_case",
    "draft_freeze",
    "end_task",
    "feedback",
    "feedback_many",
    "hand_over",
    "hold_case",
    "lock_case",
    "lock_cases",
    "lock_held",
    "queue_text",
    "raise_alarm",
    "recall",
    "record_contact",
    "release_case",
    "reopen_case",
    "set_duty",
    "sign_for",
    "stand_down",
]
