"""The centre's messages may overtake each other: what a case says in the end does not depend on it."""

import itertools
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.intake.facts import Facts, Phone, Statement, together
from dispatcher.intake.incoming import Outcome
from dispatcher.lifecycle import CaseState
from dispatcher.model import Alert, Case
from tests.intake.world import ELSEWHERE, FAR_AWAY, INSIDE, NOW, Town, body, withdrawal

_runs = itertools.count()

LEVELS = st.sampled_from(["extreme", "high", "medium", "low"])
LOCATIONS = st.sampled_from([INSIDE, ELSEWHERE, FAR_AWAY, None])
NAMES = st.sampled_from(["王某", "李某", None])


@st.composite
def spoken(draw: st.DrawFn, alerts: str) -> list[tuple[str, dict[str, Any]]]:
    """What the centre says about each alert, raised first and then updated, each at a minute of its own."""
    said = []
    for minute in range(draw(st.integers(len(alerts), 5))):
        alert = alerts[minute % len(alerts)]
        said.append(
            (
                alert,
                {
                    "type_": "alert.raised" if minute < len(alerts) else "alert.updated",
                    "minute": minute,
                    "level": draw(LEVELS),
                    "resident": {"name": draw(NAMES), "location": draw(LOCATIONS)},
                },
            )
        )
    return said


def tell(town: Town, bodies: list[bytes], together_: list[int]) -> list[Outcome]:
    """Send the bodies in batches of these sizes, the rest alone."""
    answers: list[Outcome] = []
    sizes = iter(together_)
    while bodies:
        size = next(sizes, 1)
        batch, bodies = bodies[:size], bodies[size:]
        answers += [a for a in town.send_together(*batch) if isinstance(a, Outcome)]
    return answers


def written(town: Town, case_id: UUID | None, alert_id: UUID) -> dict[str, Any]:
    """What is known in the end, without what belongs to the run."""

    def look(session: Any) -> dict[str, Any]:
        alert, case = session.get_one(Alert, alert_id), session.get_one(Case, case_id)
        data = {k: v for k, v in alert.data.items() if k != "alert_no"}
        data["resident"] = {k: v for k, v in data["resident"].items() if k != "phone"}
        found = {"data": data, "level": alert.level, "withdrawn": alert.withdrawn_at is not None}
        found |= {"stated_at": alert.stated_at, "state": case.state, "disposition": case.disposition}
        if case.state != CaseState.CLOSED:
            place = case.lon, case.lat, case.community_id, case.grid_id
            found |= {"case": (case.level, case.resident_name, place, sorted(case.flags), case.alert_count)}
        return found

    return town.database.read(look)


def ending(town: Town, said: list[tuple[str, dict[str, Any]]], back: bool, order: list[int], batches: list[int]) -> Any:
    run = next(_runs)
    phone = f"+86139{run:08d}"
    bodies = [
        body(**(words | {"alert_no": f"{alert}-{run}", "resident": words["resident"] | {"phone": phone}}))
        for alert, words in said
    ]
    if back:
        bodies.append(withdrawal(f"{said[0][0]}-{run}", minute=9))
    outcomes = tell(town, [bodies[i] for i in order if i < len(bodies)], batches)
    cases = {o.case_id for o in outcomes if o.case_id}
    assert len(cases) == 1
    [case_id] = cases
    return [written(town, case_id, alert_id) for alert_id in alert_ids(town, run)]


def alert_ids(town: Town, run: int) -> list[UUID]:
    found = [a for a in town.alerts() if a.alert_no.endswith(f"-{run}")]
    return [a.id for a in sorted(found, key=lambda a: a.alert_no)]


@settings(max_examples=15)
@given(said=spoken("A"), back=st.booleans(), order=st.permutations(range(6)), batches=st.lists(st.integers(1, 4)))
def test_one_alert_raised_updated_and_withdrawn_in_any_order(
    town: Town, said: list[tuple[str, dict[str, Any]]], back: bool, order: list[int], batches: list[int]
) -> None:
    assert ending(town, said, back, order, batches) == ending(town, said, back, list(range(6)), [])


@settings(max_examples=15)
@given(said=spoken("AB"), order=st.permutations(range(5)), batches=st.lists(st.integers(1, 4)))
def test_two_alerts_about_one_resident_in_any_order(
    town: Town, said: list[tuple[str, dict[str, Any]]], order: list[int], batches: list[int]
) -> None:
    assert ending(town, said, False, order, batches) == ending(town, said, False, list(range(5)), [])


FACTS = st.builds(
    Facts,
    name=NAMES,
    address=st.sampled_from(["1栋", None]),
    phone=st.sampled_from([None, Phone("138", None), Phone("+8613800000001", b"1"), Phone("+8613800000002", b"2")]),
)
STATEMENTS = st.builds(Statement, st.just(NOW), st.sampled_from("ABC"), FACTS)


@given(said=st.lists(STATEMENTS, min_size=1, unique_by=lambda s: s.alert_no), data=st.data())
def test_putting_together_does_not_look_at_the_order(said: list[Statement], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(said))
    assert together(shuffled) == together(said)


@given(said=st.lists(STATEMENTS, min_size=1, unique_by=lambda s: s.alert_no))
def test_putting_together_loses_nothing_that_was_said(said: list[Statement]) -> None:
    whole = together(said)
    assert (whole.name is None) == all(s.facts.name is None for s in said)
    numbers = [s.facts.phone for s in said if s.facts.phone and s.facts.phone.index]
    assert not numbers or whole.phone in numbers
