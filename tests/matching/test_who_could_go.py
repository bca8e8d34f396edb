"""What the plan weighs beside the distance: means of travel, load and rest, grids, skills, radii."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from dispatcher.matching.candidates import Waiting
from dispatcher.matching.people import Candidate
from dispatcher.matching.waves import Plan, plan
from dispatcher.model import Level, Means
from dispatcher.policy import read_policy
from tests.matching.test_waves import DOOR, OPENED, asked, case, person

GRID = UUID(int=77)


def planned(cases: list[Waiting], people: list[Candidate], **policy: Any) -> Plan:
    return plan(cases, people, read_policy(policy), now=OPENED, departure_s=60)


def first(people: list[Candidate], waiting: Waiting | None = None, **policy: Any) -> int:
    return planned([waiting or case(1)], people, **policy).picks[0].candidate.volunteer_id.int


def test_a_bicycle_from_farther_away_is_sooner_than_somebody_on_foot() -> None:
    on_foot, cyclist = person(1, north_m=800), replace(person(2, north_m=1500), means=Means.BIKE)
    assert first([on_foot, cyclist]) == 2
    assert first([person(1, north_m=500), cyclist]) == 1


def test_whoever_had_two_tasks_today_stands_behind_a_neighbour() -> None:
    busy, fresh = replace(person(1, north_m=500), load=2), person(2, north_m=550)
    assert first([busy, fresh]) == 2
    assert first([replace(busy, load=0), fresh]) == 1
    assert first([busy, fresh], fair={"load_s": 0}) == 1


def test_whoever_comes_from_a_task_rests_unless_nobody_else_is_near() -> None:
    tired = replace(person(1, north_m=500), rested=False)
    assert first([tired, person(2, north_m=550)]) == 2
    assert first([tired, person(2, north_m=900)]) == 1


def test_the_grids_own_worker_is_first_among_equals() -> None:
    own = replace(person(2, north_m=320), grid_id=GRID)
    assert first([person(1, north_m=300), own], case(1, grid_id=GRID)) == 2
    assert first([person(1, north_m=100), own], case(1, grid_id=GRID)) == 1, "not before somebody clearly sooner"
    assert first([person(1, north_m=300), own], case(1, grid_id=UUID(int=78))) == 1


def test_a_skill_that_is_asked_for_is_worth_a_little_way() -> None:
    speaks = replace(person(2, north_m=400), skills=frozenset({"hakka"}))
    wants = case(1, skills=frozenset({"hakka"}))
    assert first([person(1, north_m=300), speaks], wants) == 2
    assert first([person(1, north_m=300), replace(speaks, point=person(3, north_m=900).point)], wants) == 1


def test_whoever_hardly_ever_goes_stands_behind() -> None:
    seldom, willing = replace(person(1, north_m=300), near=0.03), replace(person(2, north_m=400), near=0.5)
    found = planned([case(1)], [seldom, willing])
    assert asked(found) == {1: [2]}
    assert (found.picks[0].later, found.picks[0].elsewhere) == (1, 0)


def test_a_wave_ends_with_the_wanted_chance() -> None:
    eager = [replace(person(n, north_m=n * 50), near=0.9) for n in range(1, 7)]
    waiting = case(1, Level.HIGH, width=5)
    assert len(planned([waiting], eager).picks) == 1, "one such is as likely as wanted"
    assert len(planned([waiting], [person(n, north_m=n * 50) for n in range(1, 7)]).picks) == 5


def test_what_those_who_were_asked_may_still_answer_counts() -> None:
    people = [replace(person(n, north_m=n * 50), near=0.5) for n in range(1, 7)]
    assert len(planned([case(1, width=5, firm=2, silence=0.4)], people).picks) == 2
    assert not planned([case(1, width=5, firm=2, silence=0.05)], people).picks


def test_nobody_is_asked_from_beyond_the_widest_radius_and_that_is_said() -> None:
    found = planned([case(1)], [person(1, north_m=9000)], radii_m=[2000, 8000])
    assert not found.picks
    assert found.short == found.nobody_left == (UUID(int=1001),)


def test_the_radius_widens_when_too_few_are_within_it() -> None:
    near = [replace(person(n, north_m=100 * n), near=0.05) for n in range(1, 6)]
    keen = replace(person(9, north_m=2600), near=0.95, far=0.95, means=Means.CAR)
    assert 9 not in asked(planned([case(1, width=5)], [*near, keen], radii_m=[1000, 9000]))[1]
    assert 9 in asked(planned([case(1, width=5)], [*near[:3], keen], radii_m=[1000, 9000]))[1]


def test_the_nearest_for_each_is_not_the_least_lateness_for_all() -> None:
    """Two cases want the same person; the other of them has somebody else close by, the one has not."""
    north, south = case(1), case(2, point=replace(DOOR, lat=DOOR.lat - 400 / 111_195))
    shared, spare = person(1, north_m=-150), person(2, north_m=-900)
    assert asked(planned([north, south], [shared, spare])) == {1: [1], 2: [2]}


def test_a_crowd_at_one_place_is_served_beyond_those_looked_at_first() -> None:
    cases = [case(n, minutes_ago=n) for n in range(60)]
    people = [person(n, north_m=n) for n in range(1, 101)]
    found = planned(cases, people)
    assert len(found.picks) == 60
    assert not found.nobody_left
