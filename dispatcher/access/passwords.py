"""Passwords: length alone is asked for, Argon2id keeps them."""

import threading
import unicodedata
from functools import cache

from pwdlib import PasswordHash

from dispatcher.errors import BadInput

SHORTEST, LONGEST = 15, 1024

_HASHER = PasswordHash.recommended()
# Each check takes 64 MiB: a flood of sign-ins must not take the machine's memory from the warning orders.
_AT_ONCE = threading.BoundedSemaphore(4)


def hash_password(password: str) -> str:
    """The Argon2id hash to keep. Length is counted in characters after NFC; nothing is asked of their kinds.

    Raises BadInput when it is shorter than 15 or longer than 1024, or no Unicode text.
    """
    normal = _normal(password)
    if normal is None or not SHORTEST <= len(normal) <= LONGEST:
        raise BadInput(f"a password has {SHORTEST} to {LONGEST} characters", field="password")
    with _AT_ONCE:
        return _HASHER.hash(normal)


def verify_password(password: str, kept: str | None) -> bool:
    """Whether the password fits; without a hash to compare with it takes as long, and does not."""
    normal = _normal(password)
    if normal is None or len(normal) > LONGEST:
        normal, kept = "", None
    with _AT_ONCE:
        fits = _HASHER.verify(normal, kept or _nobodys())
    return fits and kept is not None


@cache
def _nobodys() -> str:
    return _HASHER.hash("the password of nobody at all")


def _normal(password: str) -> str | None:
    """The password in NFC, or None when it holds half a surrogate pair and so is no text."""
    try:
        password.encode()
    except UnicodeEncodeError:
        return None
    return unicodedata.normalize("NFC", password)
