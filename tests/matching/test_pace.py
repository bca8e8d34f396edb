"""How wide a case asks grows with the silence, and never past the level's limit."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.matching.pace import Pace
from dispatcher.model import Level
from dispatcher.policy import DEFAULT_POLICY, LevelPolicy

BEGAN = datetime(2026, 4, 29, 8, 0, tzinfo=UTC)
HIGH = DEFAULT_POLICY.levels[Level.HIGH]


def after(seconds: float, pace: Pace = Pace(), level: LevelPolicy = HIGH) -> Pace:  # noqa: B008  # it is frozen
    return pace.at(BEGAN + timedelta(seconds=seconds), level)


def test_one_has_a_head_start_and_after_every_step_there_is_one_more() -> None:
    first = after(0)
    assert first == Pace(1, BEGAN + timedelta(seconds=20))
    assert after(19.9, first).width == 1
    assert after(20, first) == Pace(2, BEGAN + timedelta(seconds=40))
    assert after(65, first) == Pace(4, BEGAN + timedelta(seconds=80))


def test_at_the_limit_the_clock_stands_still() -> None:
    assert after(3600, after(0)) == Pace(5, None)


def test_a_wave_wider_than_the_limit_is_the_limit() -> None:
    wide = HIGH.model_copy(update={"wave": 9, "most": 2})
    assert after(0, level=wide) == Pace(9, None)


@given(st.integers(1, 9), st.integers(1, 40), st.integers(1, 90), st.lists(st.floats(0, 500), max_size=12))
def test_looking_more_often_changes_nothing(wave: int, most: int, step_s: int, looks: list[float]) -> None:
    level = HIGH.model_copy(update={"wave": wave, "most": most, "step_s": step_s})
    first = after(0, level=level)
    often = first
    for seconds in sorted(looks):
        often = after(seconds, often, level)
    last = max(looks, default=0.0)
    assert often == after(last, first, level)
    assert wave <= often.width <= level.limit
    assert (often.widen_at is None) == (often.width == level.limit)
