import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.exchange.segments import GSM7_BASIC, GSM7_EXTENDED, segments


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("蓝" * 70, 1),
        ("蓝" * 71, 2),
        ("蓝" * 134, 2),
        ("蓝" * 135, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("a" * 159 + "é", 1),
        ("a" * 159 + "中", 3),
        ("a" * 152 + "€" + "a" * 152, 3),
    ],
)
def test_counts_at_the_edges(body: str, count: int) -> None:
    assert segments(body) == count


@given(st.text(st.sampled_from(sorted(GSM7_BASIC | GSM7_EXTENDED)), max_size=500))
def test_gsm7_never_takes_more_than_ucs2(body: str) -> None:
    assert 1 <= segments(body) <= segments(body + "中")


@given(st.text(max_size=400), st.text(max_size=50))
def test_more_text_never_takes_fewer_segments(body: str, more: str) -> None:
    assert segments(body + more) >= segments(body)
