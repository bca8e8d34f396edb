"""Playing a story: one step after another, each told in one line, until its end or until a person takes over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx

from simulator.officer import Refused
from simulator.stories.stage import Stage, TakenOver


@dataclass(frozen=True)
class Step:
    """One thing that happens: what it is in both languages, and the doing.

    `play` returns when everybody can see that it happened; what it returns, a number or a code, is told with it.
    """

    play: Callable[[], str | None]
    zh: str
    en: str

    @property
    def name(self) -> str:
        """What the step is called in the code."""
        return getattr(self.play, "__name__", "step")


class Story(Protocol):
    """A story: its title and its steps, which are played in order and once. A story object is one playing of it."""

    zh: str
    en: str

    @property
    def steps(self) -> Sequence[Step]:
        """What happens, in order."""


def play(story: Story, stage: Stage, *, pace: float, say: Callable[[str], None]) -> bool:
    """Play the story with `pace` seconds after each step; `say` gets a line a step.

    False when a person was first (the service answered 409, or the case is closed): the story leaves it to them.
    Raises Stuck, Stopped, Refused for any other no, httpx.HTTPError.
    """
    steps = story.steps
    for number, step in enumerate(steps, 1):
        at = f"{story.zh} {number}/{len(steps)}"
        try:
            fact = step.play()
        except (TakenOver, Refused) as no:
            say(f"{at} 已由真人接手,演示到此为止 · a person was first, the story ends here: {_first(no)}")
            return False
        say(f"{at} {step.zh} · {step.en}" + (f" [{fact}]" if fact else ""))
        stage.pause(pace)
    return True


def _first(no: TakenOver | Refused) -> str:
    """What the other did. A no that is about anything else is raised again."""
    if isinstance(no, Refused) and no.status != httpx.codes.CONFLICT:
        raise no
    return no.detail if isinstance(no, Refused) else str(no)
