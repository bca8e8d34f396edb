import re

import phonenumbers

_LOOSE = re.compile(r"[\s().-]+")


def e164(text: str) -> str | None:
    """The number in E.164 (`+8613800000001`), or None when it is no possible number.

    Spaces, dots, dashes and brackets are dropped, as Twilio drops them; a number without `+` is none.
    """
    compact = _LOOSE.sub("", text)
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", compact):
        return None
    try:
        number = phonenumbers.parse(compact)
    except phonenumbers.NumberParseException:
        return None
    return compact if phonenumbers.is_possible_number(number) else None
