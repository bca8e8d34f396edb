"""Phone numbers as people write them, brought to the one form they are compared in."""

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

_LONGEST_INPUT = 40
_AS_WRITTEN = re.compile(r"\(?\+?[0-9\s().·‐‑‒–—―−_-]+")
_CHINA = 86
_CHINESE_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_CHINESE_LANDLINE = re.compile(r"10[0-9]{8}|[2-9][0-9]{8,10}")


def normalise_phone(raw: str, region: str = "CN") -> str | None:
    """E.164 (`+8613800000001`), or None when it is no phone number.

    Full-width digits, spaces, hyphens, brackets, 0086 and 86 before the number are understood; a number without a
    country is taken to be of `region`. "Possible" is asked for, not "valid": ranges are allotted sooner than any
    list of them is brought up to date, and refusing a real number costs the family more than flagging a wrong one.
    For China the shape is asked for as well: a mobile number (13-19), or a landline with its area code.
    """
    text = unicodedata.normalize("NFKC", raw).strip() if len(raw) <= _LONGEST_INPUT else ""
    if not _AS_WRITTEN.fullmatch(text):
        return None
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    if number.country_code == _CHINA and not _is_chinese(phonenumbers.national_significant_number(number)):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _is_chinese(national: str) -> bool:
    return bool(_CHINESE_MOBILE.fullmatch(national) or _CHINESE_LANDLINE.fullmatch(national))


def as_dialled(number: str) -> str:
    """An E.164 number as people of its country dial and read it: +8675500000110 → 0755 0000 0110.

    What is no number comes back as it is.
    """
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return number
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
