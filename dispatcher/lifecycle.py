"""Every state machine of the service, each as one table of allowed moves (contract: States; field guide §3)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from dispatcher.errors import Conflict


class CaseState(StrEnum):
    """Where a case stands; `escalated` stays in the plan until an officer holds it."""

    NEW = "new"
    DISPATCHING = "dispatching"
    ESCALATED = "escalated"
    ACCEPTED = "accepted"
    ON_SCENE = "on_scene"
    CLOSED = "closed"


class OfferState(StrEnum):
    """Where an offer, and the task that grows from it, stands."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    STOOD_DOWN = "stood_down"
    UNDELIVERABLE = "undeliverable"
    RELEASED = "released"
    RECALLED = "recalled"
    COMPLETED = "completed"


class MessageState(StrEnum):
    """Where a text stands; forwards only. `unknown`: it may or may not have been taken by the provider."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


class FreezeState(StrEnum):
    """Where a stop-payment or freeze stands (field guide §3)."""

    DRAFT = "draft"
    TO_APPROVE = "to_approve"
    SENT = "sent"
    MISMATCH = "mismatch"
    STOPPED = "stopped"
    FROZEN = "frozen"
    RENEWED = "renewed"
    RELEASED = "released"
    LAPSED = "lapsed"
    RETURNED = "returned"


class Disposition(StrEnum):
    """How a case ended."""

    DISSUADED = "dissuaded"
    ALREADY_DEFRAUDED = "already_defrauded"
    NOT_FOUND = "not_found"
    NOT_MATCHING = "not_matching"
    REPEAT = "repeat"
    TRANSFERRED = "transferred"
    WITHDRAWN = "withdrawn"


C, O, M, F = CaseState, OfferState, MessageState, FreezeState  # noqa: E741  # stands for Offer in the tables below

CASE_MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    C.NEW: frozenset({C.DISPATCHING, C.ESCALATED, C.ACCEPTED, C.CLOSED}),
    C.DISPATCHING: frozenset({C.ESCALATED, C.ACCEPTED, C.CLOSED}),
    C.ESCALATED: frozenset({C.DISPATCHING, C.ACCEPTED, C.CLOSED}),
    C.ACCEPTED: frozenset({C.ON_SCENE, C.DISPATCHING, C.CLOSED}),
    C.ON_SCENE: frozenset({C.DISPATCHING, C.CLOSED}),
    C.CLOSED: frozenset({C.DISPATCHING}),
}

# A late acceptance is welcome while the case has nobody: hence the moves from expired and undeliverable.
OFFER_MOVES: Mapping[OfferState, frozenset[OfferState]] = {
    O.QUEUED: frozenset({O.SENT, O.DELIVERED, O.ACCEPTED, O.DECLINED, O.EXPIRED, O.STOOD_DOWN, O.UNDELIVERABLE}),
    O.SENT: frozenset({O.DELIVERED, O.ACCEPTED, O.DECLINED, O.EXPIRED, O.STOOD_DOWN, O.UNDELIVERABLE}),
    O.DELIVERED: frozenset({O.ACCEPTED, O.DECLINED, O.EXPIRED, O.STOOD_DOWN}),
    O.ACCEPTED: frozenset({O.RELEASED, O.RECALLED, O.COMPLETED}),
    O.EXPIRED: frozenset({O.ACCEPTED, O.STOOD_DOWN}),
    O.UNDELIVERABLE: frozenset({O.ACCEPTED, O.STOOD_DOWN}),
    O.DECLINED: frozenset(),
    O.STOOD_DOWN: frozenset(),
    O.RELEASED: frozenset(),
    O.RECALLED: frozenset(),
    O.COMPLETED: frozenset(),
}

MESSAGE_MOVES: Mapping[MessageState, frozenset[MessageState]] = {
    M.QUEUED: frozenset({M.SENDING, M.FAILED}),
    M.SENDING: frozenset({M.SENT, M.DELIVERED, M.UNDELIVERED, M.FAILED, M.UNKNOWN}),
    M.UNKNOWN: frozenset({M.SENT, M.DELIVERED, M.UNDELIVERED, M.FAILED}),
    M.SENT: frozenset({M.DELIVERED, M.UNDELIVERED, M.FAILED}),
    M.DELIVERED: frozenset(),
    M.UNDELIVERED: frozenset(),
    M.FAILED: frozenset(),
}

# A lapse is the clock's word. What a bank did before that end and the officer records after it stands all the same:
# hence the moves from lapsed. A second stop of an account is a request of its own.
FREEZE_MOVES: Mapping[FreezeState, frozenset[FreezeState]] = {
    F.DRAFT: frozenset({F.TO_APPROVE, F.SENT}),
    F.TO_APPROVE: frozenset({F.DRAFT, F.SENT}),
    F.SENT: frozenset({F.MISMATCH, F.STOPPED}),
    F.MISMATCH: frozenset({F.DRAFT, F.TO_APPROVE, F.SENT}),
    F.STOPPED: frozenset({F.FROZEN, F.RELEASED, F.LAPSED}),
    F.FROZEN: frozenset({F.RENEWED, F.RELEASED, F.LAPSED, F.RETURNED}),
    F.RENEWED: frozenset({F.RENEWED, F.RELEASED, F.LAPSED, F.RETURNED}),
    F.LAPSED: frozenset({F.FROZEN, F.RENEWED, F.RELEASED, F.RETURNED}),
    F.RELEASED: frozenset(),
    F.RETURNED: frozenset(),
}

ASKED = frozenset({O.QUEUED, O.SENT, O.DELIVERED})
"""An offer somebody may still answer in time."""
LIVE = ASKED | {O.ACCEPTED}
"""An offer or task that occupies a person: at most one a person, across stations (design: line, 8)."""
WAITING = frozenset({C.NEW, C.DISPATCHING, C.ESCALATED})
"""A case for which somebody is still sought."""
HELD = frozenset({F.STOPPED, F.FROZEN, F.RENEWED})
"""A stop or freeze that runs, and has an end unless the bank named none."""
FREEZE_OVER = frozenset({F.RELEASED, F.LAPSED, F.RETURNED})
"""A request that stops nothing any more."""

S = TypeVar("S", bound=StrEnum)


def allowed(moves: Mapping[S, frozenset[S]], old: S, new: S) -> bool:
    """Whether the table has the move."""
    return new in moves[old]


def check_move(moves: Mapping[S, frozenset[S]], old: S, new: S) -> S:
    """Return `new` when the table allows the move.

    Raises Conflict that names both states.
    """
    if not allowed(moves, old, new):
        raise Conflict(f"cannot go from {old} to {new}", field="state")
    return new
