"""Reply codes in texts (contract: SMS): one digit and a code of a capital letter and two more characters."""

import re

_LINK = re.compile(r"https?://\S+")
_LETTER = "A-HJKMNP-Z"
_REPLY = re.compile(rf"(?<![0-9A-Za-z])([1-9])([{_LETTER}][2-9{_LETTER}]{{2}})(?![0-9A-Za-z])")


def quoted_replies(body: str) -> list[tuple[str, str]]:
    """Every reply the text suggests, as (digit, code), links left out: `回"1K73"接单` → [("1", "K73")]."""
    return [(found[1], found[2]) for found in _REPLY.finditer(_LINK.sub(" ", body))]


def reply_code(body: str) -> str | None:
    """The last code that the text suggests a reply with, or None."""
    replies = quoted_replies(body)
    return replies[-1][1] if replies else None


def offer_code(body: str) -> str | None:
    """The code of an offer: a text that suggests accepting (digit 1). None when it is no offer."""
    return next((code for digit, code in quoted_replies(body) if digit == "1"), None)
