"""What of a personal value may be seen from outside; the whole of it is an officer's logged act."""

import re
import unicodedata

_HIDDEN = "****"
_TAIL = 4
_LONG_ENOUGH = 8  # at least as much is hidden as is shown
_IDENTITY_LENGTH = 15  # the old form of the identity number; today's has 18
_CHINESE_MOBILE = re.compile(r"(?:00)?(?:86)?(1[3-9]\d)\d{4}(\d{4})", re.ASCII)


def mask_name(name: str | None) -> str | None:
    """The first character and two stars, whatever the length: 王某丽 → 王** (contract: Console).

    A name of one character is hidden whole. None and "" stay what they are.
    """
    if not name:
        return name
    letters = name.strip()
    return letters[0] + "**" if len(letters) > 1 else "**"


def mask_phone(phone: str | None) -> str | None:
    """+8613800000001 → 138****0001 (contract: Console); other numbers show their last four digits, short ones none.

    None and "" stay what they are.
    """
    if not phone:
        return phone
    characters = _characters(phone)
    foreign = unicodedata.normalize("NFKC", phone).strip().startswith("+") and not characters.startswith("86")
    mobile = _CHINESE_MOBILE.fullmatch(characters)
    if mobile and not foreign:
        return mobile[1] + _HIDDEN + mobile[2]
    return _tail(characters, _LONG_ENOUGH)


def mask_account(account: str | None) -> str | None:
    """6222020000000017 → ****0017 (contract: Console); short ones are hidden whole. None and "" stay."""
    return _tail(_characters(account), _LONG_ENOUGH) if account else account


def mask_identity(identity: str | None) -> str | None:
    """440306199001011234 → ****1234; what is too short to be an identity number is hidden whole. None and "" stay."""
    return _tail(_characters(identity), _IDENTITY_LENGTH) if identity else identity


def _characters(value: str) -> str:
    """Letters and digits alone, full-width ones made plain."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", value)))


def _tail(characters: str, long_enough: int) -> str:
    return _HIDDEN + characters[-_TAIL:] if len(characters) >= long_enough else _HIDDEN
