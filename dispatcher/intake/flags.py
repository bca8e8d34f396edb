"""What the officer should know of an order that was accepted though something in it was unusable (contract)."""

from dispatcher.intake.facts import Facts
from dispatcher.intake.placing import Spot
from dispatcher.model import Flag
from dispatcher.words import FRAUD_TYPES

OURS = frozenset({Flag.NO_POSITION, Flag.OUTSIDE_AREAS, Flag.BAD_PHONE, Flag.UNKNOWN_FRAUD_TYPE})
"""Flags that follow from the facts alone: set and taken back as these change."""


def flags_of(facts: Facts, spot: Spot) -> frozenset[Flag]:
    """The flags among `OURS` that these facts deserve."""
    holds = {
        Flag.NO_POSITION: spot.point is None,
        Flag.OUTSIDE_AREAS: spot.outside,
        Flag.BAD_PHONE: facts.phone is not None and facts.phone.index is None,
        Flag.UNKNOWN_FRAUD_TYPE: facts.fraud_type is not None and facts.fraud_type not in FRAUD_TYPES,
    }
    return frozenset(flag for flag, on in holds.items() if on)
