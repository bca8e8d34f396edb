import itertools
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.codes import NoCodeLeftError, is_code, new_code


def codes_with_a_digit() -> list[str]:
    more = string.ascii_uppercase + string.digits
    spelled = ("".join(parts) for parts in itertools.product(string.ascii_uppercase, more, more))
    return [text for text in spelled if is_code(text) and not text.isalpha()]


@given(st.integers(), st.sets(st.from_regex(r"\A[A-Z][A-Z0-9]{2}\Z"), max_size=50))
def test_a_new_code_is_a_code_that_was_free(seed: int, taken: set[str]) -> None:
    code = new_code(random.Random(seed), taken)
    assert is_code(code)
    assert code not in taken
    assert not set(code) & set("0O1IL")


@given(st.integers())
def test_while_there_are_plain_ones_a_code_is_a_letter_and_two_digits(seed: int) -> None:
    code = new_code(random.Random(seed), ())
    assert code[0].isalpha()
    assert code[1:].isdigit()


def test_every_code_with_a_digit_can_be_given_out_and_then_there_is_none() -> None:
    codes = codes_with_a_digit()
    assert len(codes) == 9936
    for left in (codes[0], codes[5000], codes[-1]):
        assert new_code(random.Random(2), set(codes) - {left}) == left
    with pytest.raises(NoCodeLeftError):
        new_code(random.Random(2), codes)


def test_the_same_seed_draws_the_same_code_and_others_draw_others() -> None:
    draws = [new_code(random.Random(seed), set()) for seed in range(40)]
    assert draws == [new_code(random.Random(seed), set()) for seed in range(40)]
    assert len(set(draws)) > 20


@pytest.mark.parametrize(
    "text",
    ["", "K7", "K733", "k73", "773", "K73 ", "K73\n", "KO3", "K03", "K13", "LAB", "I22", "O22", "K７3", "Ñ73", "K7٣"],
)
def test_what_is_no_code(text: str) -> None:
    assert not is_code(text)


@given(st.text(max_size=5))
def test_only_the_alphabet_makes_a_code(text: str) -> None:
    letters = set(string.ascii_uppercase) - set("OIL")
    allowed = letters | set("23456789")
    assert is_code(text) == (len(text) == 3 and text[0] in letters and set(text) <= allowed)
