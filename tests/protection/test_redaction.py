import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.protection.redaction import redact, redact_text

MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
PHONES = st.one_of(
    MOBILES,
    MOBILES.map(lambda n: "+86" + n),
    MOBILES.map(lambda n: f"+86 {n[:3]} {n[3:7]} {n[7:]}"),
    MOBILES.map(lambda n: f"{n[:3]}-{n[3:7]}-{n[7:]}"),
    st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True),
)
CARDS = st.from_regex(r"[0-9]{12,19}", fullmatch=True)
GROUPED = CARDS.map(lambda n: " ".join(n[i : i + 4] for i in range(0, len(n), 4)))
IDENTITIES = st.from_regex(r"[0-9]{17}[0-9Xx]", fullmatch=True)
NUMBERS = PHONES | CARDS | GROUPED | IDENTITIES
TOKENS = st.from_regex(r"[0-9A-Za-z_-]{16,32}", fullmatch=True)
AROUND = st.text(st.characters(exclude_categories=("Nd", "Cs"), exclude_characters="+-Xx"), max_size=20)


def digits_in(text: str) -> int:
    return sum(character.isdecimal() for character in text)


@given(AROUND, NUMBERS, AROUND)
def test_a_number_in_any_text_is_gone_and_the_text_stays(before: str, number: str, after: str) -> None:
    redacted = redact_text(before + number + after)
    assert digits_in(redacted) == digits_in(before + after) == 0
    assert redacted.endswith(after)
    assert "[number]" in redacted


@given(AROUND, TOKENS, st.sampled_from(["", " ", "\n", '"', "?a=b", "/arrived"]))
def test_a_link_in_any_text_is_gone(before: str, token: str, after: str) -> None:
    redacted = redact_text(f"{before} https://vest.example/t/{token}{after}")
    assert token not in redacted
    assert redacted.endswith("/t/[link]" + after)


@given(NUMBERS)
def test_full_width_digits_are_digits(number: str) -> None:
    wide = number.translate({ord("0") + i: ord("０") + i for i in range(10)} | {ord("+"): "＋"})
    assert digits_in(redact_text(f"回电{wide}。")) == 0


@given(st.recursive(NUMBERS, lambda v: st.lists(v) | st.dictionaries(NUMBERS, v) | st.tuples(v), max_leaves=6))
def test_a_number_in_any_part_of_a_value_is_gone(value: Any) -> None:
    assert digits_in(json.dumps(redact(value))) == 0


@given(st.text(max_size=80) | st.text("0123456789+- X/t", max_size=60))
def test_no_eleven_digits_in_a_row_ever_stay(text: str) -> None:
    assert not re.search(r"\d{11}", redact_text(text))
    assert redact_text(redact_text(text)) == redact_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "worker dispatch: ready",
        "2026-04-29T08:00:00.123456+08:00",
        "2026-04-29 08:00:00,123",
        "BA-20260429-0017",
        "LT-20260429-003",
        "127.0.0.1:54321 - GET /api/cases 200",
        "10000000.00",
        "0196822e-7c5a-7000-8000-123456789012",
        "/api/tasks",
        "station 440306-LT",
    ],
)
def test_what_a_log_needs_stays(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("tel13800000001y", "tel[number]y"),
        ("To=%2B8613800000001&Body=1K73", "To=[number]&Body=1K73"),
        ("To=%2B6591234567", "To=[number]"),
        ("0755-27771234", "[number]"),
        ("+1 (500) 555-0006", "[number]"),
        ("440306 19900101 123X", "[number]"),
        ("(440306199001011234)", "([number])"),
        ("GET /t/aB3-_x/accept", "GET /t/[link]/accept"),
        ("next=%2Ft%2FaB3dE", "next=/t/[link]"),
        ("secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw=", "secret [secret]"),
        ("12345678-1234-1234-1234-123456789012", "12345678-[number]-[number]"),
    ],
)
def test_what_must_not_stay(text: str, redacted: str) -> None:
    assert redact_text(text) == redacted


def test_numbers_that_are_numbers_are_seen_and_others_keep_their_type() -> None:
    assert redact({"phone": 13800000001, 13800000001: 1, "card": Decimal(6222020000000017)}) == {
        "phone": "[number]",
        "[number]": 1,
        "card": "Decimal('[number]')",
    }
    kept = {"n": 3, "ms": 12.5, "ok": True, "none": None, "list": [1, "a"]}
    assert redact(kept) == kept


def test_what_json_does_not_know_becomes_text() -> None:
    row = UUID("0196822e-7c5a-7000-8000-123456789012")
    assert redact([row, datetime(2026, 4, 29, tzinfo=UTC), b"+8613800000001"]) == [
        "0196822e-7c5a-7000-8000-123456789012",
        "2026-04-29 00:00:00+00:00",
        "b'[number]'",
    ]


def test_a_value_that_holds_itself_ends() -> None:
    loop: list[Any] = ["13800000001"]
    loop.append(loop)
    assert "13800000001" not in json.dumps(redact(loop))
