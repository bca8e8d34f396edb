"""The random mode's schedule: one seed, one schedule; what was printed can be read again; a failure is cut down."""

from itertools import islice

import pytest

from laboratory import chances
from laboratory.chances import Step, Tally, read, schedule, shrink, written
from laboratory.faults import FAULTS, named


def test_a_seed_is_a_schedule() -> None:
    assert list(islice(schedule(7), 50)) == list(islice(schedule(7), 50))
    assert list(islice(schedule(7), 50)) != list(islice(schedule(8), 50))


def test_every_fault_has_its_turn() -> None:
    seen = {fault for step in islice(schedule(1), 400) for fault in step.faults}
    assert seen == set(FAULTS[1:])


def test_what_is_printed_is_read_again() -> None:
    steps = list(islice(schedule(3), 20))
    assert read(written(steps)) == steps


def test_names_are_unique() -> None:
    assert [named(str(fault)) for fault in FAULTS] == list(FAULTS)


def test_a_failure_is_cut_down_to_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = {named("PostgreSQL: stopped at once"), named("web: kill -9")}
    steps = [*islice(schedule(5), 6), Step((named("Valkey: emptied"), *sorted(needed, key=str)), 1.0)]

    def run(_seed: int, _seconds: float, tried: list[Step], _say: object) -> Tally:
        breaks = any(needed <= set(step.faults) for step in tried)
        return Tally(broken=["I1: lost"] if breaks else [])

    monkeypatch.setattr(chances, "run", run)
    shortest = shrink(5, steps, lambda _line: None)
    assert [set(step.faults) for step in shortest] == [needed]
