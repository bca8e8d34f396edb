"""Ninety seconds of the random mode, from a fixed seed: whatever breaks, every promise holds (`make faults` for all)."""

import pytest

from laboratory.chances import run, written

SEED, SECONDS = 20260429, 90


@pytest.mark.timeout(600)
def test_ninety_seconds_of_faults_break_no_promise() -> None:
    said: list[str] = []
    tally = run(SEED, SECONDS, [], said.append)
    again = f'.venv/bin/python -m laboratory random --seed {SEED} --steps "{written(tally.steps)}"'
    assert not tally.broken, "\n".join([*said, again])
    assert tally.orders > tally.trials, said
