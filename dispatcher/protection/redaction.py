"""Personal numbers and secret links taken out of text, wherever they stand in it."""

import re
import unicodedata
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any
from uuid import UUID

_GAP = r"[ \t.·-]"
_PATTERNS = {
    "link": r"(?:/|%2F)t(?:/|%2F)[^\s\"'<>?#/\\]+",
    "secret": r"whsec_[A-Za-z0-9+/=_-]+",
    "uuid": r"(?<![0-9A-Fa-f])(?=[0-9-]*[A-Fa-f])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f])",
    "international": rf"(?:\+|%2B){_GAP}?[1-9](?:[ ().-]{{0,2}}\d){{6,}}",
    "identity": rf"(?<!\d)\d{{6}}{_GAP}\d{{8}}{_GAP}\d{{3}}[\dXx]",
    "card": rf"(?<!\d)\d{{4}}(?:{_GAP}\d{{4}}){{2,}}(?:{_GAP}?\d{{1,3}})?(?!\d)",
    "mobile": rf"(?<!\d)1[3-9]\d(?:{_GAP}\d{{4}}){{2}}(?!\d)",
    "landline": rf"(?<!\d)0\d{{2,3}}{_GAP}\d{{7,8}}(?!\d)",
    "digits": r"\d{11,}[Xx]?",
}
_FOUND = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items()), re.ASCII)
_INSTEAD = {"link": "/t/[link]", "secret": "[secret]"}
_DEEPEST = 8


def redact_text(text: str) -> str:
    """The text without phone, card and identity numbers, signing secrets and volunteers' links.

    Any eleven digits in a row count as such a number, and so do the usual groupings; digits of every script are
    seen. A UUID is left whole: it is how a log line names a row.
    """
    plain = text if text.isascii() else "".join(map(_plain, text))
    pieces = []
    done = 0
    for found in _FOUND.finditer(plain):
        kind = found.lastgroup or ""
        if kind != "uuid":
            pieces += [text[done : found.start()], _INSTEAD.get(kind, "[number]")]
            done = found.end()
    return "".join([*pieces, text[done:]]) if pieces else text


def redact(value: Any, depth: int = 0) -> Any:
    """The same for a value of any kind, through its keys and parts; what JSON does not know becomes text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, int | float):
        return value if redact_text(written := repr(value)) == written else redact_text(written)
    if depth < _DEEPEST and isinstance(value, Mapping):
        return {redact_text(str(key)): redact(part, depth + 1) for key, part in value.items()}
    if depth < _DEEPEST and isinstance(value, list | tuple | AbstractSet):
        return [redact(part, depth + 1) for part in value]
    return redact_text(str(value) if isinstance(value, UUID | date) else repr(value))


def _plain(character: str) -> str:
    """One character for one: a digit of any script as 0-9, the full-width plus as +, any dash as a hyphen."""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if character == "＋":
        return "+"
    if character.isspace():
        return " "
    return "-" if unicodedata.category(character) == "Pd" else character
