"""A resident calls the station and reads out a code; and what to say at the door, for the case's page."""

import pytest
from sqlalchemy import select

from dispatcher.checks import read_code
from dispatcher.model import AuditEntry, Case, Offer, Role
from dispatcher.words import FRAUD_TYPES
from dispatcher.work import Work
from tests.access.world import CITY, LT, XX, World
from tests.web.live import Live


def under_way(world: World, station: str, code: str) -> tuple[Case, Offer]:
    """李队员 is on a case of the station, with this code."""
    case = world.case(station)
    offer = world.accept(case, world.volunteer(station))

    def give(work: Work) -> None:
        work.session.get_one(Offer, offer.id).check_code = read_code(code)

    world.database.transact(give)
    return case, offer


def acts(world: World) -> list[AuditEntry]:
    found = select(AuditEntry).where(AuditEntry.act.like("visitor.%")).order_by(AuditEntry.id)
    return world.database.read(lambda session: list(session.scalars(found)))


def test_the_officer_hears_a_code_and_sees_whose_visitor_it_is(world: World, desk: Live) -> None:
    world.officer("zhang")
    case, offer = under_way(world, LT, "482913")
    with desk.sign_in("zhang") as client:
        answer = client.post("/api/checks", json={"code": "482 913"})
    assert answer.status_code == 200
    found = answer.json()
    assert (found["case_id"], found["number"], found["community"]) == (str(case.id), case.number, None)
    assert (found["volunteer_id"], found["volunteer"], found["kind"]) == (str(offer.volunteer_id), "李**", "vest")
    assert found["accepted_at"].endswith("Z")
    assert found["arrived_at"] is None
    assert "李队员" not in answer.text
    assert "王某丽" not in answer.text
    (entry,) = acts(world)
    assert (entry.act, entry.actor, entry.subject) == ("visitor.confirmed", "zhang", str(case.id))
    assert entry.details == {"number": case.number, "offer": str(offer.id)}


def test_a_code_that_nobody_has_is_not_confirmed_and_written_down(world: World, desk: Live) -> None:
    world.officer("zhang")
    under_way(world, LT, "482913")
    with desk.sign_in("zhang") as client:
        answer = client.post("/api/checks", json={"code": "482914"})
    assert (answer.status_code, answer.json()["field"]) == (404, "code")
    (entry,) = acts(world)
    assert (entry.act, entry.details) == ("visitor.not_confirmed", {"code": "482914"})


def test_a_visitor_of_another_station_is_none_of_ours(world: World, desk: Live) -> None:
    world.officer("zhang", Role.DUTY, LT)
    world.officer("chief", Role.CHIEF, CITY)
    under_way(world, XX, "482913")
    with desk.sign_in("zhang") as client:
        assert client.post("/api/checks", json={"code": "482913"}).status_code == 404
    with desk.sign_in("chief") as client:
        assert client.post("/api/checks", json={"code": "482913"}).status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"code": ""}, {"code": "12345"}, {"code": "x" * 300}, {"code": "1\x00"}, {"code": 482913}]
)
def test_what_is_no_code_names_its_field(world: World, desk: Live, body: dict[str, object]) -> None:
    world.officer("zhang")
    with desk.sign_in("zhang") as client:
        answer = client.post("/api/checks", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, "code")
    assert acts(world) == []


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.DUTY, 200), (Role.CHIEF, 200), (Role.AUDITOR, 403), (Role.ADMIN, 403), (Role.CENTRE, 403)],
)
def test_who_acts_at_the_desk_may_check(world: World, desk: Live, role: Role, status: int) -> None:
    world.officer("zhang", role)
    under_way(world, LT, "482913")
    with desk.sign_in("zhang") as client:
        assert client.post("/api/checks", json={"code": "482913"}).status_code == status


def test_the_cases_page_has_the_same_words_as_the_volunteers(world: World, desk: Live) -> None:
    world.officer("zhang")
    with desk.sign_in("zhang") as client:
        for fraud_type in sorted(FRAUD_TYPES):
            found = client.get(f"/api/guidance/{fraud_type}").json()
            assert found["fraud_type"] == fraud_type
            assert (len(found["checks"]), len(found["questions"])) == (4, 3)
            assert set(found["protect"]) == set(found["where"]) == {"zh", "en"}
        general = client.get("/api/guidance/杀猪盘").json()
        assert general["fraud_type"] is None
        assert general["say"]
