"""One order to one acceptance with each child of `up` killed once by `kill -9`, at different moments.

Always one case, one task, one text a person; all of it looked at from outside.
"""

from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest

from tests.faults.story import MOMENTS, SENDING, TEAM, Station, tell
from tests.line.people import roster, vests
from tests.line.service import STATION, RunningService, data_folder, foreign_provider

CHILDREN = ("web", "worker dispatch", "worker messages", "worker feedback", "timekeeper", "postgres", "valkey")


@pytest.fixture(scope="module")
def station() -> Iterator[Station]:
    """The time to answer is long, so that only a fault can make somebody else be asked."""
    stories = (len(CHILDREN) + 2) * len(MOMENTS)
    with foreign_provider() as provider, data_folder() as folder, RunningService(folder, provider) as service:
        service.command("demo-places")
        service.command("policy", "set", STATION, stdin='{"levels": {"extreme": {"answer_s": 600}}}')
        service.add_people(roster(vests(TEAM * stories), on_duty=False))
        with closing(service.add_officer()) as console:
            yield Station(service, provider, service.add_source(), console)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("part", CHILDREN)
def test_a_part_is_killed(station: Station, part: str, moment: str) -> None:
    tell(station, {moment: partial(station.service.kill, part)})


@pytest.mark.parametrize("part", ["worker messages", "postgres"])
def test_a_text_that_nobody_can_account_for_is_not_sent_twice(station: Station, part: str) -> None:
    """The sender dies with the text at the provider, and no receipt will ever tell: it is looked up there."""
    tell(station, {SENDING: partial(station.service.kill, part)}, receipts=False)


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_top_is_killed_and_started_again(station: Station, moment: str) -> None:
    def kill_and_start() -> None:
        station.service.kill_top()
        station.service.nothing_left()
        station.service.start()

    tell(station, {moment: kill_and_start})
