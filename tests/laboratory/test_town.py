"""The laboratory's town is one that the service takes: its ground, its people, its policy, and the cells about it."""

from collections import Counter

from dispatcher.geo.areas import read_geojson
from dispatcher.geo.xixiang import BOX, STREET
from dispatcher.policy import read_policy
from dispatcher.roster.person import Person, read_person
from dispatcher.roster.reading import parse_roster
from laboratory.__main__ import CELLS
from laboratory.faults import AT_EVERY_MOMENT, FAULTS, WHERE_PEOPLE_ARE_ASKED
from laboratory.moments import ASKING, MOMENTS
from laboratory.town import MOST, NEIGHBOUR, PEOPLE, POLICY, WAVE, ground, roster


def test_the_policy_is_one_and_waves_widen_while_the_first_may_still_answer() -> None:
    levels = read_policy(dict(POLICY)).levels
    assert {level.value: one.limit for level, one in levels.items()} == MOST
    assert {level.value: one.wave for level, one in levels.items()} == WAVE
    assert all(one.wave < one.limit and 2 * one.step_s < one.answer_s for one in levels.values())


def test_the_neighbour_lies_under_the_same_street_and_beside_the_stations_ground() -> None:
    (place,) = read_geojson(ground(), None)
    assert (place.code, place.kind, place.parent) == (NEIGHBOUR, "station", STREET)
    assert place.centre.lon > BOX.east


def test_both_stations_have_their_people_and_every_phone_is_one_that_leaks_are_looked_for_by() -> None:
    people = [read_person(row) for row in parse_roster(roster().encode()).rows]
    found = [person for person in people if isinstance(person, Person)]
    assert Counter(person.station for person in found) == PEOPLE
    assert len({person.phone for person in found}) == len(people)
    assert all("13657000" in person.phone for person in found)


def test_the_moments_of_asking_are_for_what_can_hit_the_asking() -> None:
    broken_then = {str(cell.fault) for cell in CELLS if cell.moment in ASKING}
    assert broken_then == WHERE_PEOPLE_ARE_ASKED
    assert (
        len(CELLS)
        == len(set(CELLS))
        == sum(len(_moments(fault.name)) for fault in FAULTS) + len(ASKING) * len(WHERE_PEOPLE_ARE_ASKED)
    )


def _moments(fault: str) -> set[str]:
    return MOMENTS.keys() - ASKING.keys() if fault in AT_EVERY_MOMENT else {"any"}
