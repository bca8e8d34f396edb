import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.protection.phones import normalise_phone


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("+8613800000001", "+8613800000001"),
        ("+8613900009999", "+8613900009999"),
        ("13800000001", "+8613800000001"),
        (" 138 0000 0001 ", "+8613800000001"),
        ("138-0000-0001", "+8613800000001"),
        ("138–0000–0001", "+8613800000001"),
        ("１３８０００００００１", "+8613800000001"),
        ("（＋８６）13800000001", "+8613800000001"),
        ("＋８６ １３８００００ ０００１", "+8613800000001"),
        ("0086 13800000001", "+8613800000001"),
        ("008613800000001", "+8613800000001"),
        ("86 13800000001", "+8613800000001"),
        ("(+86) 138 0000 0001", "+8613800000001"),
        ("+86 (138) 0000 0001", "+8613800000001"),
        ("0755-27771234", "+8675527771234"),
        ("（０７５５）２７７７１２３４", "+8675527771234"),
        ("010-12345678", "+861012345678"),
        ("+15005550006", "+15005550006"),
        ("+15005550001", "+15005550001"),
        ("+852 9123 4567", "+85291234567"),
    ],
)
def test_numbers_as_people_write_them(raw: str, number: str) -> None:
    assert normalise_phone(raw) == number


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "110",
        "96110",
        "27771234",
        "11012345678",
        "12345678901",
        "无",
        "tel:13800000001",
        "1380000000a",
        "440306199001011234",
        "6222020000000017",
        "138000000011",
        "+",
        "++8613800000001",
        "+999123456789",
        "13800000001/13900000002",
        "1" * 10000,
        "+86",
        "\ud800",
        "\x00",
    ],
)
def test_what_is_no_number(raw: str) -> None:
    assert normalise_phone(raw) is None


def test_a_number_without_country_is_of_the_region() -> None:
    assert normalise_phone("(415) 555-2671", "US") == "+14155552671"


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", "+86", "0086", "+86 ", "86-"]))
def test_every_chinese_mobile_number_in_every_writing_is_one_number(national: str, before: str) -> None:
    assert normalise_phone(before + national) == "+86" + national


@given(st.text(max_size=45) | st.text("0123456789+-() ０１８", max_size=20))
def test_whatever_comes_the_answer_is_e164_or_none_and_stays_itself(raw: str) -> None:
    number = normalise_phone(raw)
    if number is not None:
        assert number[0] == "+"
        assert number[1:].isascii()
        assert number[1:].isdigit()
        assert normalise_phone(number) == number
        assert phonenumbers.is_possible_number(phonenumbers.parse(number))
