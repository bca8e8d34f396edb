"""A station's day on a simulated clock: the same for the same seed, and true to what people can do."""

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from uuid import UUID

import pytest

from dispatcher.policy import DEFAULT_POLICY
from simulator.station.figures import interval, of_play, over_seeds
from simulator.station.play import CaseFile, Picked, Play, State
from simulator.station.report import page, table
from simulator.station.scene import DAYS, HOUR, Scene, make_scene
from simulator.station.strategies import knowing, planned, side_by_side, with_waves
from simulator.station.trial import Setting, one_seed, try_out

STRATEGIES = list(side_by_side())


def play(name: str, seed: int, day: str = "normal", acceptance: float = 0.3) -> State:
    policy, strategy = side_by_side()[name]
    return Play(make_scene(seed, DAYS[day], acceptance), strategy, policy).run()


def told(state: State) -> list[tuple[float | None, float | None, int, int]]:
    return [(case.accepted_at, case.door_at, case.asks, case.closings) for case in state.cases.values()]


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_same_seed_is_the_same_day(name: str) -> None:
    assert told(play(name, 7)) == told(play(name, 7))
    assert told(play(name, 7)) != told(play(name, 8))


@pytest.mark.parametrize("day", list(DAYS))
@pytest.mark.parametrize("name", STRATEGIES)
def test_everybody_is_reached_and_nobody_is_in_two_places(name: str, day: str) -> None:
    state = play(name, 3, day)
    assert all(case.door_at is not None and case.door_at > case.warned.at for case in state.cases.values())
    assert not state.busy
    for person in state.scene.people:
        theirs = sorted(spans(state, person.id))
        assert all(end <= start for (_, end), (start, _) in pairwise(theirs))
        assert all(person.there(start) or start > 0 for start, _ in theirs)


def spans(state: State, person: UUID) -> list[tuple[float, float]]:
    """From the yes until the talk at the door is over, at the least."""
    taken = [case for case in state.cases.values() if case.taker == person and case.accepted_at is not None]
    return [(case.accepted_at or 0.0, (case.accepted_at or 0.0) + state.scene.talk_s(case.warned)) for case in taken]


def test_only_people_on_duty_are_asked() -> None:
    scene = make_scene(5, DAYS["normal"], 0.3)
    asked: list[tuple[float, UUID]] = []
    choose = planned(DEFAULT_POLICY)

    def noting(state: State) -> Picked:
        found = choose(state)
        asked.extend((state.now, person) for _, person in found.asks)
        return found

    state = Play(scene, noting, DEFAULT_POLICY).run()
    assert asked
    assert all(state.people[person].there(at) for at, person in asked)
    assert max(Counter((case.warned.id, p) for case in state.cases.values() for p in case.asked).values()) == 1


def test_one_at_a_time_is_one_at_a_time() -> None:
    policy = with_waves(1)
    live: list[int] = []

    def noting(state: State) -> Picked:
        live.extend(len(case.live) for case in state.cases.values())
        return planned(policy)(state)

    Play(make_scene(2, DAYS["bad"], 0.3), noting, policy).run()
    assert max(live) == 1


def test_who_knows_every_answer_asks_nobody_in_vain() -> None:
    state = Play(make_scene(4, DAYS["normal"], 0.3), knowing(DEFAULT_POLICY), DEFAULT_POLICY).run()
    assert all(case.asks == (case.taker is not None) for case in state.cases.values())


def test_knowing_is_the_bound_and_asking_everyone_costs_texts() -> None:
    seeds = range(1, 13)
    by_name = {name: over_seeds([of_play(play(name, seed)) for seed in seeds]) for name in STRATEGIES}
    bound = by_name["all-knowing"]["door_mean"].mean
    assert all(figures["door_mean"].mean >= bound for figures in by_name.values())
    texts = {name: figures["texts_a_case"].mean for name, figures in by_name.items()}
    assert max(texts, key=lambda name: texts[name]) == "everyone at once"
    assert by_name["everyone at once"]["yes_mean"].mean < by_name["nearest, one at a time"]["yes_mean"].mean


def test_a_persons_answer_is_settled_beforehand() -> None:
    scene = make_scene(1, DAYS["normal"], 0.47)
    person, case = scene.people[0], scene.warnings[0]
    assert scene.answer(person, case) == scene.answer(person, case)
    yes = [scene.answer(person, case).yes for person in scene.people for case in scene.warnings]
    assert 0.25 < sum(yes) / len(yes) < 0.65


def test_the_bad_evening_is_forty_in_an_hour() -> None:
    scene = make_scene(1, DAYS["bad"], 0.3)
    assert len(scene.warnings) == 40
    assert all(19 * HOUR <= warned.at < 20 * HOUR for warned in scene.warnings)
    assert len(scene.people) == 11


def test_the_patrol_goes_to_one_door_at_a_time() -> None:
    silent = Scene(1, DAYS["bad"], [], make_scene(1, DAYS["bad"], 0.3).warnings)
    state = Play(silent, planned(DEFAULT_POLICY), DEFAULT_POLICY).run()
    doors = sorted(case.door_at or 0.0 for case in state.cases.values())
    assert all(case.by_patrol for case in state.cases.values())
    assert all(later - earlier >= 900 for earlier, later in pairwise(doors))


def test_intervals() -> None:
    assert interval([2.0]).half == 0
    found = interval([1.0, 2.0, 3.0])
    assert found.mean == 2
    assert found.half == pytest.approx(2.484, abs=0.001)  # 4.303 (t, 2 degrees of freedom, 97.5 %) × 1 ÷ √3


def test_a_trial_and_its_report() -> None:
    setting = Setting("quiet", 0.3, {"levels": {"high": {"wave": 2}}}, more_by_night=2)
    done: list[int] = []
    found = try_out(setting, [1, 2], lambda: done.append(1))
    assert len(done) == 2
    again: Mapping[str, Mapping[str, float]] = one_seed(setting, 1)
    assert list(found) == list(again) == STRATEGIES
    shown = page({"quiet": found}, 2)
    assert shown.count("<svg") == 4
    assert "nan" not in shown.lower().replace("nance", "")
    assert table("quiet", found).row_count == 15


def test_a_case_that_the_patrol_reached_is_not_asked_for_any_more() -> None:
    state = play("nearest, one at a time", 1, "bad", 0.17)
    reached: list[CaseFile] = [case for case in state.cases.values() if case.by_patrol]
    assert reached
    assert all(not case.live and case.taker is None for case in reached)
