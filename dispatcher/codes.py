"""Codes of offers: short enough to type in the rain, and without look-alikes (contract: SMS)."""

import itertools
import random
import re
from collections.abc import Collection

_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ"
_DIGITS = "23456789"
_CODE = re.compile(f"[{_LETTERS}][{_LETTERS}{_DIGITS}]{{2}}")

# A code is typed with a digit before or after it, so a letter and two digits is what a thumb does best.
_PLAIN = ["".join(parts) for parts in itertools.product(_LETTERS, _DIGITS, _DIGITS)]
# At least one digit in every code: three letters could spell a word, END and YES among them (field guide §6).
_MIXED = [
    "".join(parts)
    for tail in ((_LETTERS, _DIGITS), (_DIGITS, _LETTERS))
    for parts in itertools.product(_LETTERS, *tail)
]


class NoCodeLeftError(RuntimeError):
    """Every code is taken."""


def is_code(text: str) -> bool:
    """Whether `text` is a code as we write it: a capital letter, two more letters or digits, no 0 O 1 I L."""
    return _CODE.fullmatch(text) is not None


def new_code(rng: random.Random, taken: Collection[str]) -> str:
    """Draw a code that is not in `taken`: a letter and two digits while there are any (1,472), then the others.

    Raises NoCodeLeftError when all 9,936 are taken.
    """
    used = frozenset(taken)
    for stock in (_PLAIN, _MIXED):
        free = [code for code in stock if code not in used]
        if free:
            return rng.choice(free)
    raise NoCodeLeftError("every code is taken")
