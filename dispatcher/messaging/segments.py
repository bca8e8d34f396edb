"""How many segments a text costs (field guide §6; GSM 03.38)."""

from collections.abc import Iterable

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
_GSM = _GSM_BASIC | _GSM_EXTENSION
_GSM_SINGLE, _GSM_PART = 160, 153
_UCS2_SINGLE, _UCS2_PART = 70, 67
_LAST_BMP = 0xFFFF


def count_segments(text: str) -> int:
    """Segments of `text`: 160 GSM-7 septets in one, else 153 each; else 70 UTF-16 units in one, else 67 each.

    A character of the extension table is two septets, one outside the BMP two units; neither is cut in half.
    An empty text is 0.
    """
    if _GSM.issuperset(text):
        return _pack((2 if c in _GSM_EXTENSION else 1 for c in text), _GSM_SINGLE, _GSM_PART)
    return _pack((2 if ord(c) > _LAST_BMP else 1 for c in text), _UCS2_SINGLE, _UCS2_PART)


def _pack(widths: Iterable[int], single: int, part: int) -> int:
    total, parts, used = 0, 0, part
    for width in widths:
        total += width
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    return min(parts, 1) if total <= single else parts
