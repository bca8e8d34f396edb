import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.messaging.segments import count_segments


@pytest.mark.parametrize(
    ("length", "segments"), [(0, 0), (1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)]
)
def test_chinese_is_70_in_one_and_67_in_each_of_several(length: int, segments: int) -> None:
    assert count_segments("警" * length) == segments


@pytest.mark.parametrize(
    ("length", "segments"), [(0, 0), (1, 1), (160, 1), (161, 2), (306, 2), (307, 3), (459, 3), (460, 4)]
)
def test_gsm_is_160_in_one_and_153_in_each_of_several(length: int, segments: int) -> None:
    assert count_segments("a" * length) == segments


def test_one_chinese_character_makes_the_whole_text_dear() -> None:
    assert count_segments("a" * 160) == 1
    assert count_segments("a" * 159 + "警") == 3


def test_a_character_of_the_extension_table_counts_twice() -> None:
    assert count_segments("€" * 80) == 1
    assert count_segments("€" * 80 + "a") == 2


def test_a_character_is_never_cut_in_half() -> None:
    assert count_segments("a" * 152 + "€" + "a" * 152) == 3  # 306 septets, but the euro sign moves over whole
    assert count_segments("警" * 66 + "🚓" + "警" * 66) == 3
    assert count_segments("🚓" * 35) == 1
    assert count_segments("🚓" * 36) == 2


@given(st.integers(0, 2000))
def test_single_units_fill_segments_exactly(length: int) -> None:
    assert count_segments("警" * length) == (min(length, 1) if length <= 70 else -(-length // 67))
    assert count_segments("a" * length) == (min(length, 1) if length <= 160 else -(-length // 153))


@given(st.text(st.sampled_from("a1 €[警】🚓é"), max_size=400))
def test_never_less_than_its_units_need_and_at_most_one_unit_wasted_a_segment(text: str) -> None:
    units = len(text.encode("utf-16-le")) // 2
    gsm = not set(text) & set("警】🚓")
    septets = len(text) + text.count("€") + text.count("[")
    size, single, part = (septets, 160, 153) if gsm else (units, 70, 67)
    if size <= single:
        assert count_segments(text) == min(size, 1)
    else:
        assert -(-size // part) <= count_segments(text) <= -(-size // (part - 1))


@given(st.text(max_size=200), st.text(max_size=50))
def test_more_text_never_costs_less(text: str, more: str) -> None:
    assert count_segments(text + more) >= count_segments(text)
