"""True stories, played over the service's public doors: by the demonstration, by a command, by tests."""

from collections.abc import Callable, Mapping

from simulator.stories.driver import Story, play
from simulator.stories.liutang import Liutang
from simulator.stories.stage import Stage, Stopped, Stuck
from simulator.stories.world import World, open_stage
from simulator.stories.yongning import Yongning

STORIES: Mapping[str, Callable[[Stage], Story]] = {"liutang": Liutang, "yongning": Yongning}
"""Every story by its name."""

__all__ = ["STORIES", "Liutang", "Stage", "Stopped", "Story", "Stuck", "World", "Yongning", "open_stage", "play"]
