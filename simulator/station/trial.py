"""Many seeds of one kind of day under every strategy, in parallel processes."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import Any

from dispatcher.geo.coordinates import Point
from simulator.station.figures import Interval, of_play, over_seeds
from simulator.station.play import Play
from simulator.station.scene import DAYS, Day, PastWarning, make_scene
from simulator.station.strategies import side_by_side


@dataclass(frozen=True)
class Setting:
    """What is tried: a kind of day, the share of offers that people accept, a station's own policy, where people live.

    With `bases` there is a person for each, on the two shifts in the day's proportion; `more_…` are on duty besides.
    With `past` each seed plays one of its days, in turn, with the people of the day's kind.
    """

    day: str
    acceptance: float
    overrides: Mapping[str, Any] | None = None
    bases: Sequence[Point] = ()
    more_by_day: int = 0
    more_by_night: int = 0
    past: Sequence[Sequence[PastWarning]] = ()


Found = dict[str, dict[str, Interval]]


def try_out(setting: Setting, seeds: Sequence[int], played: Callable[[], object] = lambda: None) -> Found:
    """Every figure of every strategy over the seeds, the same for the same seeds; `played` is called after each."""
    by_seed: dict[int, Mapping[str, Mapping[str, float]]] = {}
    with ProcessPoolExecutor(max_workers=min(len(seeds), os.cpu_count() or 1)) as pool:
        waiting = {pool.submit(one_seed, setting, seed): seed for seed in seeds}
        for future in as_completed(waiting):
            by_seed[waiting[future]] = future.result()
            played()
    strategies = by_seed[seeds[0]]
    return {name: over_seeds([by_seed[seed][name] for seed in seeds]) for name in strategies}


def one_seed(setting: Setting, seed: int) -> Mapping[str, Mapping[str, float]]:
    """The figures of one day under each strategy."""
    past = setting.past[(seed - 1) % len(setting.past)] if setting.past else None
    scene = make_scene(seed, _day(setting), setting.acceptance, setting.bases, past)
    plays = side_by_side(setting.overrides)
    return {name: of_play(Play(scene, strategy, policy).run()) for name, (policy, strategy) in plays.items()}


def _day(setting: Setting) -> Day:
    day = DAYS[setting.day]
    by_day, by_night = day.day_vests, day.night_vests
    if setting.bases:
        by_day = round(len(setting.bases) * day.day_vests / (day.day_vests + day.night_vests))
        by_night = len(setting.bases) - by_day
    return replace(
        day,
        day_vests=max(1, by_day + setting.more_by_day),
        night_vests=max(1, by_night + setting.more_by_night),
    )
