from datetime import UTC, datetime, timedelta

import pyotp
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.access.totp import STEP_S, matching_step, new_secret

NOW = datetime(2026, 4, 29, 8, 0, 7, tzinfo=UTC)
STEP = int(NOW.timestamp()) // STEP_S


@given(shift=st.integers(-5, 5))
def test_one_step_of_tolerance_and_no_more(shift: int) -> None:
    secret = new_secret()
    code = pyotp.TOTP(secret).at(NOW + timedelta(seconds=shift * STEP_S))
    near = {pyotp.TOTP(secret).at(NOW + timedelta(seconds=s * STEP_S)) for s in (-1, 0, 1)}
    assert (matching_step(secret, code, NOW, None) is not None) == (code in near)


def test_a_code_is_used_once_and_none_before_it_afterwards() -> None:
    secret = new_secret()
    codes = [pyotp.TOTP(secret).at(NOW + timedelta(seconds=s * STEP_S)) for s in (-1, 0, 1)]
    assert matching_step(secret, codes[1], NOW, None) == STEP
    assert matching_step(secret, codes[1], NOW, STEP) is None
    assert matching_step(secret, codes[0], NOW, STEP) is None
    assert matching_step(secret, codes[2], NOW, STEP) == STEP + 1


def test_full_width_digits_and_blanks_are_read() -> None:
    secret = new_secret()
    code = pyotp.TOTP(secret).at(NOW)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert matching_step(secret, f" {wide[:3]} {wide[3:]} ", NOW, None) == STEP


@given(st.text(st.characters(blacklist_categories=["Nd", "No", "Cs"]), max_size=20))
def test_anything_else_is_no_code(text: str) -> None:
    assert matching_step(new_secret(), text, NOW, None) is None


def test_five_or_seven_digits_are_no_code() -> None:
    secret = new_secret()
    code = pyotp.TOTP(secret).at(NOW)
    assert matching_step(secret, code[:5], NOW, None) is None
    assert matching_step(secret, code + "0", NOW, None) is None
