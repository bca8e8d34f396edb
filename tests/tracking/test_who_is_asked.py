"""Whom the plan asks as time goes on: more people while nobody answers, neighbours when nobody is left."""

from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select, update

from dispatcher import sweep
from dispatcher.casework import hold_case, lock_case, release_case
from dispatcher.casework.offers import end_offer
from dispatcher.ids import new_id
from dispatcher.jobs import Job
from dispatcher.lifecycle import CaseState, OfferState
from dispatcher.matching import free, planner
from dispatcher.model import AlarmKind, Case, Level, Means, Offer, Place, PlaceKind, Volunteer, VolunteerKind
from dispatcher.places.tree import insert_places
from dispatcher.work import Work
from tests import builders
from tests.tracking.world import World

LAT_500_M = builders.LAT + 500 / 111_195


def asked(world: World, case: Case) -> list[UUID]:
    found = select(Offer.volunteer_id).where(Offer.case_id == case.id).order_by(Offer.asked_at, Offer.eta_s)
    return world.database.read(lambda session: list(session.scalars(found)))


def offers(world: World, case: Case) -> list[Offer]:
    found = select(Offer).where(Offer.case_id == case.id).order_by(Offer.asked_at, Offer.eta_s)
    return world.database.read(lambda session: list(session.scalars(found)))


def change(world: World, person: Volunteer, **values: object) -> None:
    world.database.transact(
        lambda work: work.session.execute(update(Volunteer).where(Volunteer.id == person.id).values(**values))
    )


def to_plan(world: World) -> bool:
    now = world.clock.now()
    return (Job.PLAN, str(world.station.id)) in world.database.read(lambda s: sweep.lost_wakeups(s, now))


@pytest.fixture
def neighbour(world: World) -> Place:
    """Another station under the same parent."""

    def build(work: Work) -> Place:
        parent = Place(id=new_id(), code=f"S{new_id().hex[:8]}", kind=PlaceKind.STREET, name="西乡街道", path="S/")
        insert_places(work.session, [parent])
        other = builders.station(work)
        other.name, other.parent_id = "西乡派出所", parent.id
        work.session.get_one(Place, world.station.id).parent_id = parent.id
        return other

    return world.database.transact(build)


def test_one_more_is_asked_at_every_step_while_nobody_answers(world: World) -> None:
    people = [world.person(lat=builders.LAT + n * 100 / 111_195) for n in range(4)]
    case = world.case()
    world.plan()
    assert asked(world, case) == [people[0].id]
    world.clock.forward(seconds=19)
    assert not to_plan(world)
    world.clock.forward(seconds=1)
    assert to_plan(world), "the timekeeper wakes the plan when more may be asked"
    assert world.plan() == 1
    assert asked(world, case) == [people[0].id, people[1].id]
    assert not to_plan(world)
    assert world.plan() == 0, "planning twice asks nobody twice"
    world.text(people[0], "2")
    assert world.plan() == 1, "a decliner is replaced at once"
    assert asked(world, case)[-1] == people[2].id


def test_once_somebody_goes_nobody_more_is_asked(world: World) -> None:
    first, _ = world.person(), world.person()
    case = world.case()
    world.plan()
    world.text(first, "1")
    world.clock.forward(seconds=30)
    assert not to_plan(world)
    assert world.plan() == 0
    assert asked(world, case) == [first.id]


def test_a_step_at_which_nobody_is_free_passes_and_wakes_nobody_again(world: World) -> None:
    world.person()
    world.case()
    world.plan()
    world.clock.forward(seconds=20)
    assert to_plan(world)
    assert world.plan() == 0
    assert not to_plan(world)


def test_a_reopened_case_begins_with_one_again(world: World) -> None:
    people = [world.person() for _ in range(6)]
    case = world.case()
    world.plan()
    world.clock.forward(seconds=25)
    world.plan()
    world.close(case)
    world.reopen(case)
    assert world.plan() == 1
    assert world.of(case).width == 1
    assert len(people) > len(set(asked(world, case)))


def test_a_case_that_comes_back_begins_with_one_again(world: World) -> None:
    people = [world.person() for _ in range(5)]
    case = world.case()
    world.plan()
    world.clock.forward(seconds=45)
    world.plan()
    assert world.of(case).width == 3
    (first,) = [person for person in people if person.id == asked(world, case)[0]]
    world.text(first, "1")
    world.clock.forward(minutes=5)
    officer = world.database.transact(lambda work: builders.officer(work, world.station))
    world.database.transact(lambda work: hold_case(work, lock_case(work, case.id), officer))
    world.database.transact(lambda work: release_case(work, lock_case(work, case.id)))
    assert world.of(case).width == 0
    assert world.plan() == 0, "somebody is on the way"


def test_a_neighbours_vest_is_asked_when_nobody_is_left_here(world: World, neighbour: Place) -> None:
    own = world.person()
    lent = world.database.transact(lambda work: builders.volunteer(work, neighbour, lat=LAT_500_M))
    first, second = world.case(), world.case()
    world.plan()
    (mine,), (theirs,) = sorted((offers(world, case) for case in (first, second)), key=lambda o: o[0].eta_s or 0)
    assert (mine.volunteer_id, theirs.volunteer_id) == (own.id, lent.id)
    assert "西乡派出所支援" in theirs.reason["zh"]
    assert "支援" not in mine.reason["zh"]


def test_a_station_may_do_without_its_neighbours(world: World, neighbour: Place) -> None:
    world.database.transact(lambda work: builders.volunteer(work, neighbour))
    world.database.transact(
        lambda work: work.session.execute(
            update(Place).where(Place.id == world.station.id).values(policy={"neighbours": False})
        )
    )
    case = world.case()
    assert world.plan() == 0
    assert world.of(case).state == CaseState.ESCALATED
    assert world.alarms(AlarmKind.NOBODY_LEFT) == 1


def test_an_escalated_case_is_planned_again_once_a_neighbour_is_free(world: World, neighbour: Place) -> None:
    case = world.case()
    world.plan()
    assert world.of(case).state == CaseState.ESCALATED
    world.clock.forward(seconds=5)
    assert not to_plan(world)
    world.database.transact(lambda work: builders.volunteer(work, neighbour))
    assert to_plan(world)
    assert world.plan() == 1


def test_two_stations_ask_a_neighbours_vest_once(world: World, neighbour: Place) -> None:
    lent = world.database.transact(lambda work: builders.volunteer(work, neighbour))
    here = world.case()
    there = world.database.transact(lambda work: builders.open_case(work, neighbour))
    world.plan()
    builders.plan(world.database, neighbour, world.settings)
    assert asked(world, here) == [lent.id]
    assert asked(world, there) == []
    assert world.of(there).state == CaseState.ESCALATED


def test_the_community_officer_is_the_last_who_is_asked(world: World, neighbour: Place) -> None:
    officer = world.person()
    change(world, officer, kind=VolunteerKind.POLICE)
    vest = world.person(lat=LAT_500_M)
    lent = world.database.transact(lambda work: builders.volunteer(work, neighbour, lat=LAT_500_M))
    case = world.case(level=Level.EXTREME)
    world.plan()
    assert set(asked(world, case)) == {officer.id, vest.id, lent.id}, "three at once, and only three there are"
    second = world.case()
    world.plan()
    assert world.of(second).state == CaseState.ESCALATED


def test_somebody_by_bicycle_is_reckoned_with_so(world: World) -> None:
    person = world.person(lat=LAT_500_M)
    change(world, person, means=Means.BIKE)
    case = world.case()
    world.plan()
    (offer,) = offers(world, case)
    assert offer.eta_s == 60 + round(500 * 1.3 / 5)
    assert "骑车约3分钟到门口" in offer.reason["zh"]
    assert "about 3 min to the door by bike" in offer.reason["en"]
    assert offer.reason["numbers"] == {
        "metres": 500,
        "eta_s": 190,
        "means": "bike",
        "position": "base",
        "position_age_min": None,
        "elsewhere": 0,
        "later": 0,
        "together": 0.3,
    }


def test_a_phone_that_is_off_is_asked_last_for_a_while(world: World) -> None:
    off, farther = world.person(), world.person(lat=LAT_500_M)
    case = world.case()
    world.plan()
    (offer,) = offers(world, case)
    assert offer.volunteer_id == off.id

    def fail(work: Work) -> None:
        end_offer(work, work.session.get_one(Offer, offer.id), OfferState.UNDELIVERABLE)

    world.database.transact(fail)
    world.close(case)
    second = world.case()
    world.plan()
    assert asked(world, second) == [farther.id]
    assert world.case() is not None
    world.plan()
    assert world.live(off) is not None, "rather than nobody"


def test_an_old_position_weighs_less_the_older_it_is(world: World) -> None:
    person = world.person(lat=builders.LAT)
    seen = world.clock.now() - timedelta(minutes=60)
    change(world, person, page_lon=builders.LON, page_lat=builders.LAT + 1000 / 111_195, page_at=seen)
    case = world.case()
    world.plan()
    (offer,) = offers(world, case)
    assert offer.metres == 500, "an hour old, it is drawn half the way to the base"
    assert offer.reason["numbers"]["position_age_min"] == 60
    assert "手机定位，60分钟前" in offer.reason["zh"]


def test_a_position_of_yesterday_does_not_count(world: World) -> None:
    person = world.person(lat=LAT_500_M)
    seen = world.clock.now() - timedelta(hours=20)
    change(world, person, page_lon=builders.LON, page_lat=builders.LAT, page_at=seen)
    case = world.case()
    world.plan()
    assert offers(world, case)[0].metres == 500
    assert offers(world, case)[0].reason["numbers"]["position"] == "base"


def test_of_very_many_cases_so_many_are_planned_at_a_time_and_none_is_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "AT_ONCE", 4)
    people = [world.person() for _ in range(3)]
    cases = [world.case(level=Level.EXTREME if n == 7 else Level.LOW) for n in range(11)]
    rounds = 0
    world.waker.woken.clear()
    while world.plan() or world.planned():
        world.waker.woken.clear()
        rounds += 1
        assert rounds < 20
    states = [world.of(case).state for case in cases]
    assert states.count(CaseState.DISPATCHING) + states.count(CaseState.ESCALATED) == 11
    assert len({person for case in cases for person in asked(world, case)}) == len(people)
    assert asked(world, cases[7]), "the gravest is among those who have somebody"
    assert not to_plan(world)


def test_where_nobody_is_free_and_all_is_said_a_plan_touches_nothing(world: World) -> None:
    case = world.case()
    world.plan()
    assert world.of(case).state == CaseState.ESCALATED
    before = world.of(case).widen_at
    world.clock.forward(seconds=40)
    assert world.plan() == 0
    assert world.of(case).widen_at == before
    assert not to_plan(world)


def test_at_one_door_nobody_is_forgotten_among_many_people(world: World) -> None:
    """A dozen cases at one door want more people than are looked at first for one."""

    def build(work: Work) -> None:
        for number in range(120):
            builders.volunteer(work, world.station, lat=builders.LAT + number / 111_195)

    world.database.transact(build)
    policy = {"levels": {"extreme": {"wave": 8, "most": 8, "chance": 0.99}}}
    world.database.transact(
        lambda work: work.session.execute(update(Place).where(Place.id == world.station.id).values(policy=policy))
    )
    cases = [world.case(level=Level.EXTREME) for _ in range(12)]
    assert world.plan() == 96
    assert {len(asked(world, case)) for case in cases} == {8}


def test_of_many_people_those_are_found_who_would_be_found_among_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    luck = Random(7)
    now = world.clock.now()

    def somewhere() -> tuple[float, float]:
        return builders.LON + luck.uniform(-0.04, 0.04), builders.LAT + luck.uniform(-0.03, 0.03)

    def build(work: Work) -> None:
        for _ in range(160):
            lon, lat = somewhere()
            one = builders.volunteer(work, world.station, lon=lon, lat=lat)
            one.means = luck.choice(list(Means))
            if luck.random() < 0.3:
                one.page_lon, one.page_lat = somewhere()
                one.page_at = now - timedelta(minutes=luck.choice((5, 40, 600)))
            if luck.random() < 0.1:
                one.base_lon = one.base_lat = one.base_source = None

    world.database.transact(build)
    doors = [somewhere() for _ in range(3)]

    def plan() -> list[tuple[UUID, int | None]]:
        cases = [world.case(level=Level.EXTREME, lon=lon, lat=lat) for lon, lat in doors]
        world.clock.forward(seconds=1)
        world.plan()
        found = [(o.volunteer_id, o.eta_s) for case in cases for o in offers(world, case)]
        for case in cases:
            world.close(case)
        world.clock.forward(hours=1)
        return found

    few = plan()
    world.clock.moment = now
    monkeypatch.setattr(free, "FEW_DOORS", 0)
    assert plan() == few
    assert len(few) == 9
