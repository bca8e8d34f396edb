"""The grammar of replies: one digit and a code, or nothing we act on (contract: SMS)."""

import re
from dataclasses import dataclass

from dispatcher.codes import is_code

# Only these are folded. NFKC would also turn ①, ² or ٣ into digits, and what a person did not clearly write
# must not be guessed at.
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SPACES = dict.fromkeys(map(ord, " \t\r\n\u3000"), "")
_FOLD = _FULL_WIDTH | _SPACES
_DIGIT_FIRST = re.compile(r"([1-9])([A-Za-z][A-Za-z2-9]{2})?")
_CODE_FIRST = re.compile(r"([A-Za-z][A-Za-z2-9]{2})([1-9])")


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that was understood: `digit` 1-9, `code` in capitals, or None where the sender left it out."""

    digit: int
    code: str | None


@dataclass(frozen=True, slots=True)
class Unclear:
    """Anything else: for the duty officer's eyes, never guessed at."""


def parse(text: str) -> Reply | Unclear:
    """Read a reply: one digit 1-9 and a code, in either order, any case, half or full width, spaces or none.

    A digit alone is a Reply without a code; whether the code may be left out is the caller's to decide
    (8 and 9 need none). Spaces are the blank, the full-width blank, tab and line ends. Never raises.
    """
    typed = text.translate(_FOLD)
    if found := _DIGIT_FIRST.fullmatch(typed):
        digit, code = found.groups()
    elif found := _CODE_FIRST.fullmatch(typed):
        code, digit = found.groups()
    else:
        return Unclear()
    if code is None:
        return Reply(int(digit), None)
    code = code.upper()
    return Reply(int(digit), code) if is_code(code) else Unclear()
