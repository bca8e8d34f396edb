"""The plan is a pure function: who is asked for what."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.geo.coordinates import Point
from dispatcher.matching.candidates import Waiting
from dispatcher.matching.people import Candidate
from dispatcher.matching.waves import Plan, plan
from dispatcher.model import Level, PositionSource
from dispatcher.policy import DEFAULT_POLICY, read_policy

OPENED = datetime(2026, 4, 29, 8, 0, tzinfo=UTC)
DOOR = Point(113.8712, 22.5741)


def person(number: int, *, north_m: float | None = 0.0) -> Candidate:
    point = None if north_m is None else Point(DOOR.lon, DOOR.lat + north_m / 111_195)
    return Candidate(UUID(int=number), point, PositionSource.BASE if point else None)


def case(number: int, level: Level = Level.HIGH, *, minutes_ago: float = 0, **more: object) -> Waiting:
    fields: dict[str, object] = {"point": DOOR} | more
    return Waiting(UUID(int=1000 + number), level, OPENED - timedelta(minutes=minutes_ago), **fields)  # type: ignore[arg-type]


def planned(cases: list[Waiting], people: list[Candidate]) -> Plan:
    return plan(cases, people, DEFAULT_POLICY, now=OPENED, departure_s=60)


def asked(found: Plan) -> dict[int, list[int]]:
    result: dict[int, list[int]] = {}
    for pick in found.picks:
        result.setdefault(pick.case_id.int - 1000, []).append(pick.candidate.volunteer_id.int)
    return result


def test_the_nearest_by_time_is_asked_first() -> None:
    found = planned([case(1)], [person(1, north_m=900), person(2, north_m=100), person(3, north_m=500)])
    assert asked(found) == {1: [2]}
    pick = found.picks[0]
    assert pick.metres == 100
    assert pick.eta_s == 60 + 65


def test_the_gravest_level_asks_a_small_wave() -> None:
    people = [person(n, north_m=n * 100) for n in range(1, 9)]
    assert asked(planned([case(1, Level.EXTREME)], people)) == {1: [1, 2, 3]}


def test_a_wave_is_topped_up_not_repeated() -> None:
    waiting = case(1, Level.EXTREME, firm=2, asked_before=frozenset({UUID(int=1), UUID(int=2), UUID(int=3)}))
    people = [person(n, north_m=n * 100) for n in range(1, 9)]
    assert asked(planned([waiting], people)) == {1: [4]}


def test_one_more_for_a_late_arrival_is_one_not_a_wave() -> None:
    waiting = case(1, Level.EXTREME, on_it=1, seats=1, asked_before=frozenset({UUID(int=1)}))
    assert asked(planned([waiting], [person(n, north_m=n) for n in range(1, 9)])) == {1: [2]}


def test_the_gravest_chooses_first_and_each_gets_one_before_any_gets_two() -> None:
    people = [person(1, north_m=10), person(2, north_m=20), person(3, north_m=30)]
    found = asked(planned([case(1, Level.LOW, minutes_ago=60), case(2, Level.EXTREME)], people))
    assert found == {2: [1, 3], 1: [2]}


def test_among_equals_the_oldest_is_first() -> None:
    found = asked(planned([case(1, minutes_ago=1), case(2, minutes_ago=9)], [person(1)]))
    assert found == {2: [1]}


def test_nobody_left_is_said_at_planning_time() -> None:
    found = planned([case(1, asked_before=frozenset({UUID(int=1)})), case(2)], [person(1)])
    assert found.nobody_left == (UUID(int=1001),)


def test_nobody_is_missing_while_somebody_may_still_answer_or_is_on_it() -> None:
    assert planned([case(1, firm=1), case(2, on_it=1, seats=1)], []).nobody_left == ()


def test_a_case_without_a_position_is_dispatched_all_the_same() -> None:
    found = planned([case(1, point=None)], [person(1, north_m=5000)])
    assert asked(found) == {1: [1]}
    assert found.picks[0].metres is None


def test_a_known_position_nearby_beats_an_unknown_one() -> None:
    assert asked(planned([case(1)], [person(1, north_m=None), person(2, north_m=300)])) == {1: [2]}


def test_a_station_sets_its_own_wave() -> None:
    policy = read_policy({"levels": {"low": {"wave": 5}}})
    people = [person(n) for n in range(1, 9)]
    assert len(plan([case(1, Level.LOW)], people, policy, now=OPENED, departure_s=0).picks) == 5


LEVELS = st.sampled_from(list(Level))
PEOPLE = st.lists(
    st.tuples(st.integers(1, 40), st.none() | st.floats(-3000, 3000)), max_size=25, unique_by=lambda p: p[0]
).map(lambda rows: [person(number, north_m=metres) for number, metres in rows])
CASES = st.lists(
    st.tuples(
        st.integers(1, 12),
        LEVELS,
        st.integers(0, 60),
        st.integers(0, 3),
        st.booleans(),
        st.sets(st.integers(1, 40), max_size=6),
    ),
    max_size=12,
    unique_by=lambda c: c[0],
).map(
    lambda rows: [
        case(n, level, minutes_ago=age, firm=firm, on_it=int(on), asked_before=frozenset(UUID(int=b) for b in before))
        for n, level, age, firm, on, before in rows
    ]
)


@given(CASES, PEOPLE)
def test_whatever_comes_nobody_is_asked_twice_and_no_case_is_forgotten(
    cases: list[Waiting], people: list[Candidate]
) -> None:
    found = planned(cases, people)
    chosen = [pick.candidate.volunteer_id for pick in found.picks]
    assert len(chosen) == len(set(chosen))
    by_id = {c.case_id: c for c in cases}
    for pick in found.picks:
        assert pick.candidate.volunteer_id not in by_id[pick.case_id].asked_before
    for waiting in cases:
        mine = [p for p in found.picks if p.case_id == waiting.case_id]
        most = waiting.seats if waiting.on_it else max(waiting.width, DEFAULT_POLICY.levels[waiting.level].wave)
        assert len(mine) <= max(0, most - waiting.firm)
        assert mine or waiting.firm or waiting.on_it or waiting.case_id in found.nobody_left


@given(CASES, PEOPLE)
def test_the_same_question_has_the_same_answer(cases: list[Waiting], people: list[Candidate]) -> None:
    assert planned(cases, people) == planned(cases[::-1], people[::-1])


@given(CASES, PEOPLE)
def test_nobody_free_could_have_been_sooner(cases: list[Waiting], people: list[Candidate]) -> None:
    found = planned(cases, people)
    chosen = {pick.candidate.volunteer_id for pick in found.picks}
    left = [p for p in people if p.volunteer_id not in chosen]
    by_id = {c.case_id: c for c in cases}
    for pick in found.picks:
        waiting = by_id[pick.case_id]
        open_to_it = [p for p in left if p.volunteer_id not in waiting.asked_before]
        for other in open_to_it:
            alone = plan([waiting], [other, pick.candidate], DEFAULT_POLICY, now=OPENED, departure_s=60).picks[0]
            assert alone.eta_s >= pick.eta_s
