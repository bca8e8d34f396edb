"""One row of a file as text, before anything in it was understood; and which columns a file has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns a kind of file must have, and those it may have besides."""

    needed: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def known(self) -> tuple[str, ...]:
        """All of them."""
        return self.needed + self.others


ROSTER: Final = Columns(
    needed=("name", "phone", "station"),
    others=("community", "grid", "lon", "lat", "crs", "kind", "means", "team", "skills", "on_duty"),
)
"""The columns of the contract (Commands), and `means`."""

EXTRA: Final = "cells"
"""Under this name stands what a row holds beyond the header's last column."""


@dataclass(frozen=True, slots=True)
class Row:
    """`number` counts as in the file; `cells` has one text for every known column the file has, empty ones too."""

    number: int
    cells: Mapping[str, str]
