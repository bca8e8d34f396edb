from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.protection.masking import mask_account, mask_identity, mask_name, mask_phone

Mask = Callable[[str | None], str | None]
ALL: list[Mask] = [mask_name, mask_phone, mask_account, mask_identity]


@pytest.mark.parametrize(
    ("mask", "value", "seen"),
    [
        (mask_name, "王某丽", "王**"),
        (mask_name, "王丽", "王**"),
        (mask_name, "欧阳娜娜", "欧**"),
        (mask_name, " John Smith", "J**"),
        (mask_name, "王", "**"),
        (mask_name, "  ", "**"),
        (mask_phone, "+8613800000001", "138****0001"),
        (mask_phone, "13800000001", "138****0001"),
        (mask_phone, "0086 138-0000-0001", "138****0001"),
        (mask_phone, "+15005550006", "****0006"),
        (mask_phone, "+8675527771234", "****1234"),
        (mask_phone, "110", "****"),
        (mask_account, "6222…0017", "****0017"),
        (mask_account, "6222 0200 0000 0017", "****0017"),
        (mask_account, "6222020000000017", "****0017"),
        (mask_account, "6222…", "****"),
        (mask_identity, "44030619900101123X", "****123X"),
        (mask_identity, "4403061990", "****"),
    ],
)
def test_examples(mask: Mask, value: str, seen: str) -> None:
    assert mask(value) == seen


@pytest.mark.parametrize("mask", ALL)
def test_nothing_stays_nothing(mask: Mask) -> None:
    assert mask(None) is None
    assert mask("") == ""


@given(st.text(min_size=1, max_size=30))
def test_of_a_name_one_character_is_seen_at_most_and_not_its_length(name: str) -> None:
    seen = mask_name(name) or ""
    assert seen == "**" or (len(seen) == 3 and seen[0] in name and len(name.strip()) > 1)


@given(st.from_regex(r"\+?[0-9]{1,20}", fullmatch=True))
def test_of_a_number_at_least_four_digits_are_never_seen(number: str) -> None:
    digits = number.removeprefix("+")
    for mask in (mask_phone, mask_account, mask_identity):
        seen = (mask(number) or "").replace("*", "")
        assert len(seen) <= max(0, len(digits) - 4)
        assert len(seen) <= (7 if mask is mask_phone else 4)


@given(st.text(min_size=1, max_size=40))
def test_any_text_is_masked_without_an_error(value: str) -> None:
    for mask in (mask_phone, mask_account, mask_identity):
        assert "****" in (mask(value) or "")
        assert len(mask(value) or "") <= 11
