import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluevest.children import Recipe, alive, run_once
from bluevest.errors import StartError
from bluevest.supervisor import STEADY_S, Part, Supervisor, delay_before_restart, failures_in_a_row
from tests.bluevest.conftest import (
    PATIENCE_S,
    Script,
    assert_gone,
    clean_environment,
    descendants_of,
    linux_only,
)

SLEEP = "import time; time.sleep(600)"
SAY_THE_END = """
import os, signal, sys, time
def end(*_):
    with open(sys.argv[1], "a") as file: file.write(sys.argv[2] + "\\n")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
print("listening", flush=True)
time.sleep(600)
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('listening', flush=True); time.sleep(600)"


@given(st.integers(1, 10_000))
def test_the_first_restart_is_at_once_and_later_ones_wait_longer_up_to_five_seconds(failures: int) -> None:
    assert delay_before_restart(1) == 0
    assert delay_before_restart(failures) <= delay_before_restart(failures + 1) <= 5
    assert delay_before_restart(1000) == 5


@given(st.integers(0, 100), st.floats(0, 1000))
def test_a_part_that_lived_long_starts_with_a_clean_slate(before: int, lived_s: float) -> None:
    assert failures_in_a_row(before, lived_s) == (1 if lived_s >= STEADY_S else before + 1)


class Stage:
    """A supervisor, the lines it said, and small parts for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.supervisor = Supervisor(self.said.append)

    def part(self, name: str, code: str, *arguments: str, stop_rank: int = 0, stop_s: float = PATIENCE_S) -> Part:
        command = [sys.executable, "-I", "-S", "-c", code, *arguments]
        recipe = Recipe(name, command, clean_environment(), self.folder / "log" / f"{name}.log")
        return Part(recipe, stop_rank, stop_s)

    def tick_until(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < until, self.said
            self.supervisor.tick()
            time.sleep(0.02)

    def wait_for(self, name: str, text: str) -> None:
        log = self.folder / "log" / f"{name}.log"
        self.tick_until(lambda: log.exists() and text in log.read_text())


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.supervisor.stop()


def test_a_killed_part_is_started_again_with_the_same_command(stage: Stage) -> None:
    part = stage.part("sleeper", "print('awake', flush=True);" + SLEEP)
    process = stage.supervisor.start(part)
    stage.wait_for("sleeper", "awake")
    process.kill()
    stage.wait_for("sleeper", "awake\nawake")
    assert len(stage.said) == 1
    assert stage.said[0].startswith("sleeper was ended by SIGKILL; starting it again now")


def test_every_restart_of_a_part_that_cannot_live_is_said_once(stage: Stage) -> None:
    part = stage.part("mayfly", "print('born'); raise SystemExit(3)")
    stage.supervisor.start(part)
    stage.tick_until(lambda: stage.supervisor.failures("mayfly") == 2)
    assert [line.partition(";")[0] for line in stage.said] == ["mayfly ended with 3"] * 2
    assert "in 0.5 s" in stage.said[1]
    worst = stage.supervisor.worst()
    assert worst is not None
    assert worst.recipe.name == "mayfly"


def test_one_dying_part_does_not_disturb_another(stage: Stage) -> None:
    steady = stage.supervisor.start(stage.part("steady", SLEEP))
    stage.supervisor.start(stage.part("mayfly", "raise SystemExit(3)"))
    stage.tick_until(lambda: stage.supervisor.failures("mayfly") == 2)
    assert steady.poll() is None
    assert stage.supervisor.failures("steady") == 0


def test_what_a_dead_part_left_is_cleared_away_before_its_next_start(stage: Stage) -> None:
    part = stage.part("sleeper", SLEEP)
    cleared: list[str] = []
    process = stage.supervisor.start(Part(part.recipe, 0, before_start=lambda: cleared.append("cleared")))
    process.kill()
    stage.tick_until(lambda: len(cleared) == 2)


def test_a_restart_that_fails_is_tried_again(stage: Stage) -> None:
    results = iter([None, StartError("still in the way"), None])

    def clear() -> None:
        result = next(results)
        if result:
            raise result

    process = stage.supervisor.start(
        Part(stage.part("sleeper", "print('awake', flush=True);" + SLEEP).recipe, 0, before_start=clear)
    )
    stage.wait_for("sleeper", "awake")
    process.kill()
    stage.wait_for("sleeper", "awake\nawake")
    assert stage.said[1] == "sleeper could not be started again: still in the way"


def test_parts_stop_in_the_order_of_their_ranks(stage: Stage) -> None:
    ends = stage.folder / "ends"
    for name, rank in (("store", 9), ("web", 2), ("traffic", 0)):
        stage.supervisor.start(stage.part(name, SAY_THE_END, str(ends), name, stop_rank=rank))
        stage.wait_for(name, "listening")
    stage.supervisor.stop()
    assert ends.read_text().split() == ["traffic", "web", "store"]


def test_a_part_that_does_not_stop_in_time_is_killed(stage: Stage) -> None:
    process = stage.supervisor.start(stage.part("deaf", DEAF, stop_s=0.2))
    stage.wait_for("deaf", "listening")
    stage.supervisor.stop()
    assert process.returncode == -signal.SIGKILL
    assert stage.said == ["deaf does not stop; it is killed"]


def test_verbose_shows_whole_lines_of_the_parts_with_their_name(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.supervisor = Supervisor(stage.said.append, verbose=True)
    stage.supervisor.start(stage.part("talker", "print('one\\ntwo', flush=True);" + SLEEP))
    stage.tick_until(lambda: stage.said == ["talker | one", "talker | two"])
    stage.supervisor.stop()


def test_a_large_log_is_turned_over_before_a_start(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bluevest.children._LOG_LIMIT_BYTES", 10)
    log = stage.folder / "log" / "sleeper.log"
    log.parent.mkdir()
    log.write_text("an old and long story\n")
    stage.supervisor.start(stage.part("sleeper", SLEEP))
    assert log.with_name("sleeper.log.1").read_text() == "an old and long story\n"
    assert log.read_text() == ""


def test_a_child_run_to_its_end_gives_its_last_line_as_the_reason(stage: Stage) -> None:
    run_once(stage.part("good", "pass").recipe, PATIENCE_S)
    code = "import sys; sys.stderr.write('Traceback\\nbluevest: the door is locked\\n\\n'); sys.exit(2)"
    with pytest.raises(StartError, match=r"^bad: bluevest: the door is locked$"):
        run_once(stage.part("bad", code).recipe, PATIENCE_S)


def test_a_child_that_takes_too_long_is_ended(stage: Stage) -> None:
    with pytest.raises(StartError, match="slow took longer than"):
        run_once(stage.part("slow", SLEEP).recipe, 0.2)


FAMILY = """
import sys
from pathlib import Path
from bluevest.children import Recipe
from bluevest.supervisor import Part, Supervisor, interrupted_by_signals, plain_say
supervisor = Supervisor(plain_say)
code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
with interrupted_by_signals():
    try:
        for name in ("a", "b", "c"):
            recipe = Recipe(name, [sys.executable, "-I", "-S", "-c", code], {}, Path(sys.argv[1]) / name)
            supervisor.start(Part(recipe, 0, 0.1))
        print("family", flush=True)
        supervisor.run()
    except KeyboardInterrupt:
        supervisor.stop()
        print("stopped", flush=True)
"""


@linux_only
def test_a_killed_supervisor_takes_its_children_along(start_script: Callable[..., Script], tmp_path: Path) -> None:
    script = start_script(FAMILY, str(tmp_path))
    script.read_until("family")
    children = descendants_of(script.process.pid)
    assert len(children) == 3
    script.process.kill()
    assert_gone(children)


@linux_only
def test_a_running_supervisor_notices_a_dead_child_by_itself(
    start_script: Callable[..., Script], tmp_path: Path
) -> None:
    script = start_script(FAMILY, str(tmp_path))
    script.read_until("family")
    victim = script.children()[0]
    os.kill(victim, signal.SIGKILL)
    script.read_until("was ended by SIGKILL")
    assert not alive(victim)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_termination_and_hang_up_stop_all(
    number: signal.Signals, start_script: Callable[..., Script], tmp_path: Path
) -> None:
    script = start_script(FAMILY, str(tmp_path))
    script.read_until("family")
    children = descendants_of(script.process.pid)
    script.process.send_signal(number)
    script.read_until("stopped")
    assert script.process.wait() == 0
    assert_gone(children)


def test_what_a_part_says_for_people_is_shown_and_nothing_else_of_its_log(stage: Stage) -> None:
    code = "import time; print('> a vest accepts', flush=True); print('a detail', flush=True); time.sleep(600)"
    stage.supervisor.start(replace(stage.part("traffic", code), aloud="> "))
    stage.wait_for("traffic", "a detail")
    stage.tick_until(lambda: "> a vest accepts" in stage.said)
    assert not any("a detail" in line for line in stage.said)
