"""How many segments a text needs, counted as Twilio counts: GSM-7 160/153 septets, else UCS-2 70/67 units."""

from collections.abc import Iterable

GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENDED = frozenset("\f^{}\\[~]|€")

GSM7_SINGLE, GSM7_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67
_BMP_LAST = 0xFFFF


def is_gsm7(body: str) -> bool:
    """Whether every character is in the GSM 03.38 alphabet or its extension table."""
    return all(char in GSM7_BASIC or char in GSM7_EXTENDED for char in body)


def segments(body: str) -> int:
    """The number of segments, at least 1. Neither an escape pair nor a surrogate pair is torn in two."""
    if is_gsm7(body):
        return _fill((2 if char in GSM7_EXTENDED else 1 for char in body), GSM7_SINGLE, GSM7_PART)
    return _fill((2 if ord(char) > _BMP_LAST else 1 for char in body), UCS2_SINGLE, UCS2_PART)


def _fill(sizes: Iterable[int], single: int, part: int) -> int:
    widths = list(sizes)
    if sum(widths) <= single:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    return parts
