import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dispatcher.tracking.grammar import Reply, Unclear, parse

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ"
SPACES = " \t\r\n\u3000"

codes = st.builds("".join, st.tuples(st.sampled_from(LETTERS), *[st.sampled_from(LETTERS + "23456789")] * 2).map(list))
replies = st.builds(Reply, st.integers(1, 9), st.none() | codes)


@st.composite
def written(draw: st.DrawFn, reply: Reply) -> str:
    """The ways in which people write a reply."""
    parts = [str(reply.digit), reply.code or ""]
    plain = "".join(draw(st.permutations(parts)))
    out = draw(st.text(SPACES, max_size=3))
    for char in plain:
        shown = char.lower() if draw(st.booleans()) else char
        wide = draw(st.booleans())
        out += (chr(ord(shown) + 0xFEE0) if wide else shown) + draw(st.text(SPACES, max_size=2))
    return out


def reference(text: str) -> Reply | Unclear:
    """The contract once more, written another way."""
    kept = []
    for char in text:
        if char in SPACES:
            continue
        kept.append(chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" else char)
    if any(char not in string.ascii_letters + string.digits for char in kept):
        return Unclear()
    typed = "".join(kept).upper()
    for digit, code in ((typed[:1], typed[1:]), (typed[-1:], typed[:-1])):
        good_code = len(code) == 3 and code[0] in LETTERS and all(c in LETTERS + "23456789" for c in code)
        if digit and digit in "123456789" and (good_code or not code):
            return Reply(int(digit), code or None)
    return Unclear()


@given(st.data(), replies)
def test_however_a_reply_is_written_it_is_read_as_meant(data: st.DataObject, reply: Reply) -> None:
    assert parse(data.draw(written(reply))) == reply


NEAR = st.text(
    st.sampled_from("0123456789KkABzOoIilL73 \t\n\u3000１９Ｋｋ７３０①²٣ſıΚК\u200b\ufeff\u00a0。\"'+-🚓"), max_size=7
)


@given(NEAR | st.text(max_size=12) | st.text(st.characters(codec=None), max_size=6))
@example("K73 ſ")
@example("\ud800")
def test_nothing_else_is_read_as_a_reply_and_nothing_raises(text: str) -> None:
    assert parse(text) == reference(text)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("1K73", Reply(1, "K73")),
        ("k731", Reply(1, "K73")),
        ("2 k73", Reply(2, "K73")),
        ("K73\n3", Reply(3, "K73")),
        ("　４　ｋ７３　", Reply(4, "K73")),
        ("1 K 7 3", Reply(1, "K73")),
        ("1abc", Reply(1, "ABC")),
        ("8", Reply(8, None)),
        ("９", Reply(9, None)),
        ("9K73", Reply(9, "K73")),
        ("1", Reply(1, None)),
        (" " * 100_000 + "1K73", Reply(1, "K73")),
    ],
)
def test_replies_as_they_come(text: str, reply: Reply) -> None:
    assert parse(text) == reply


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "0",
        "0K73",
        "10",
        "K73",
        "1K7",
        "1K733",
        "1K73K73",
        "11K73",
        "1K731",
        "1K03",
        "1KO3",
        "1IL2",
        "1-K73",
        "1K73。",
        '"1K73"',
        "好的1K73",
        "收到",
        "STOP",
        "YES",
        "①K73",
        "¹K73",
        "٣K73",
        "३",
        "一",
        "1ſ73",
        "1Κ73",  # a Greek kappa
        "1К73",  # a Cyrillic ka
        "1K\u200b73",
        "\ufeff1K73",
        "1\u00a0K73",
        "1\u0301K73",
        "👮",
        "1️⃣",
        "１" * 50_000,
        "1K73 " * 20_000,
    ],
)
def test_what_is_left_to_the_duty_officer(text: str) -> None:
    assert parse(text) == Unclear()
