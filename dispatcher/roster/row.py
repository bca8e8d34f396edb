"""One row of a roster as text, before anything in it was understood."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

NEEDED: Final = ("name", "phone", "station")
COLUMNS: Final = (
    *NEEDED,
    "community",
    "grid",
    "lon",
    "lat",
    "crs",
    "kind",
    "means",
    "team",
    "skills",
    "on_duty",
)
"""The columns of the contract (Commands), and `means`."""

EXTRA: Final = "cells"
"""Under this name stands what a row holds beyond the header's last column."""


@dataclass(frozen=True, slots=True)
class Row:
    """`number` counts as in the file; `cells` has one text for every known column the file has, empty ones too."""

    number: int
    cells: Mapping[str, str]
