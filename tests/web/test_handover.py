"""Hand-over: a case goes from hand to hand, in one step, to somebody who may take it."""

from typing import Any

from sqlalchemy import select, update

from dispatcher.lifecycle import CaseState
from dispatcher.model import AuditEntry, Case, Event, Officer, Role
from tests.access.world import CITY, LT, XX, World
from tests.conftest import FixedClock
from tests.web.live import Live


def holder(world: World, case: Case) -> str | None:
    look = select(Officer.name).join(Case, Case.held_by == Officer.id).where(Case.id == case.id)
    return world.database.read(lambda session: session.scalar(look))


def handed(world: World) -> list[tuple[str, dict[str, Any]]]:
    """What was recorded of hand-overs, in order: the case's number is left out."""
    rows = select(AuditEntry).where(AuditEntry.act == "case.handed_over").order_by(AuditEntry.id)
    found = world.database.read(lambda session: session.scalars(rows).all())
    return [(row.actor, {k: v for k, v in (row.details or {}).items() if k != "number"}) for row in found]


def told(world: World, case: Case) -> list[dict[str, Any]]:
    rows = select(Event).where(Event.kind == "case.handed_over", Event.case_id == case.id).order_by(Event.seq)
    return [row.data for row in world.database.read(lambda session: session.scalars(rows).all())]


def test_the_holder_gives_a_case_to_a_colleague(world: World, desk: Live) -> None:
    for name in ("zhang", "li", "wang"):
        world.officer(name)
    case = world.case()
    path = f"/api/cases/{case.id}"
    giving = {"to": "li", "note": "家属十点到所"}
    with desk.sign_in("zhang") as zhang, desk.sign_in("wang") as wang:
        nobodys = zhang.post(f"{path}/hand_over", json=giving)
        assert (nobodys.status_code, nobodys.json()["field"]) == (409, "held_by")
        zhang.post(f"{path}/hold")
        strangers = wang.post(f"{path}/hand_over", json=giving)
        assert (strangers.status_code, "zhang" in strangers.json()["detail"]) == (409, True)

        assert zhang.post(f"{path}/hand_over", json=giving).json()["held_by"] == "li"
        # The answer was lost, and the same is asked again.
        assert zhang.post(f"{path}/hand_over", json=giving).json()["held_by"] == "li"
        back = zhang.post(f"{path}/hand_over", json=giving | {"to": "zhang"})
        assert (back.status_code, "li" in back.json()["detail"]) == (409, True)
    assert handed(world) == [("zhang", {"from": "zhang", "to": "li", "note": "家属十点到所"})]
    assert told(world, case) == [{"from": "zhang", "to": "li", "note": "家属十点到所"}]


def test_a_chief_takes_a_case_over_by_giving_it_to_themselves(world: World, desk: Live) -> None:
    world.officer("zhang")
    world.officer("chief", Role.CHIEF)
    case = world.case()
    with desk.sign_in("zhang") as zhang, desk.sign_in("chief") as chief:
        zhang.post(f"/api/cases/{case.id}/hold")
        taken = chief.post(f"/api/cases/{case.id}/hand_over", json={"to": "chief", "note": "张警官已下班"})
    assert taken.json()["held_by"] == "chief"
    assert told(world, case) == [{"from": "zhang", "to": "chief", "note": "张警官已下班"}]


def test_nobody_gets_what_they_may_not_act_on(world: World, desk: Live) -> None:
    world.officer("zhang")
    world.officer("auditor", Role.AUDITOR)
    world.officer("xi", place=XX)
    gone = world.officer("gone")
    world.officer("city", place=CITY)
    world.database.transact(
        lambda work: work.session.execute(update(Officer).where(Officer.id == gone.id).values(active=False))
    )
    case = world.case()
    path = f"/api/cases/{case.id}/hand_over"
    with desk.sign_in("zhang") as zhang:
        zhang.post(f"/api/cases/{case.id}/hold")
        answers = [zhang.post(path, json={"to": to, "note": "x"}) for to in ("auditor", "xi", "gone", "nobody")]
        assert {(a.status_code, a.json()["field"], a.json()["detail"]) for a in answers} == {
            (422, "to", "there is no colleague of that name who could take this over")
        }
        assert zhang.post(path, json={"to": "city", "note": ""}).status_code == 422
        assert holder(world, case) == "zhang"
        assert zhang.post(path, json={"to": "city", "note": "全市统一处置"}).json()["held_by"] == "city"


def test_at_the_end_of_a_shift_all_goes_to_one_colleague(world: World, desk: Live) -> None:
    for name in ("zhang", "li"):
        world.officer(name)
    mine = [world.case() for _ in range(3)]
    over, others, nobodys = world.case(), world.case(), world.case()
    with desk.sign_in("zhang") as zhang, desk.sign_in("li") as li:
        for case in (*mine, over):
            zhang.post(f"/api/cases/{case.id}/hold")
        li.post(f"/api/cases/{others.id}/hold")
        zhang.post(f"/api/cases/{over.id}/close", json={"disposition": "dissuaded", "reason": "已劝阻"})

        assert zhang.post("/api/hand_over", json={"to": "zhang", "note": "交班"}).status_code == 422
        answer = zhang.post("/api/hand_over", json={"to": "li", "note": "交班"})
        assert answer.json() == {"cases": [case.number for case in mine]}
        assert zhang.post("/api/hand_over", json={"to": "li", "note": "交班"}).json() == {"cases": []}
    assert [holder(world, case) for case in mine] == ["li"] * 3
    assert (holder(world, over), holder(world, nobodys)) == ("zhang", None)
    assert handed(world) == [("zhang", {"from": "zhang", "to": "li", "note": "交班"})] * 3
    assert [told(world, case) for case in mine] == [[{"from": "zhang", "to": "li", "note": "交班"}]] * 3
    assert told(world, others) == []


def test_a_shift_over_two_stations_is_handed_over_whole_or_by_station(world: World, desk: Live) -> None:
    world.officer("city", place=CITY)
    world.officer("li")
    here, there = world.case(LT), world.case(XX)
    with desk.sign_in("city") as city:
        for case in (here, there):
            city.post(f"/api/cases/{case.id}/hold")
        # One of the two is out of the colleague's reach: nothing moves.
        assert city.post("/api/hand_over", json={"to": "li", "note": "交班"}).status_code == 422
        assert (holder(world, here), holder(world, there)) == ("city", "city")
        only = city.post("/api/hand_over", json={"to": "li", "note": "交班", "station": LT})
        assert only.json() == {"cases": [here.number]}
    assert (holder(world, here), holder(world, there)) == ("li", "city")


def test_a_closed_case_is_nobodys_to_give(world: World, desk: Live) -> None:
    world.officer("zhang")
    world.officer("li")
    case = world.case(state=CaseState.CLOSED)
    with desk.sign_in("zhang") as zhang:
        answer = zhang.post(f"/api/cases/{case.id}/hand_over", json={"to": "li", "note": "x"})
    assert (answer.status_code, answer.json()["detail"]) == (409, "the case is closed")


def test_the_list_of_colleagues_says_who_sits_at_a_desk(world: World, desk: Live, clock: FixedClock) -> None:
    for name, role, place in (
        ("zhang", Role.DUTY, LT),
        ("li", Role.DUTY, LT),
        ("chief", Role.CHIEF, LT),
        ("auditor", Role.AUDITOR, LT),
        ("city", Role.DUTY, CITY),
        ("xi", Role.DUTY, XX),
    ):
        world.officer(name, role, place)
    with desk.sign_in("zhang") as zhang, desk.sign_in("li") as li, desk.sign_in("city") as city:
        found = zhang.get("/api/officers").json()
        assert found[0] == {
            "name": "chief",
            "role": "chief",
            "place": LT,
            "place_name": "流塘派出所",
            "place_name_en": "Liutang",
            "signed_in": False,
        }
        assert [(one["name"], one["signed_in"]) for one in found[1:]] == [("city", True), ("li", True)]
        li.delete("/api/session")
        assert [o["signed_in"] for o in zhang.get("/api/officers").json()] == [False, True, False]
        clock.forward(minutes=16)
        assert [o["signed_in"] for o in zhang.get("/api/officers").json()] == [False, False, False]
        clock.forward(minutes=1)
        city.get("/api/session")
        assert [o["signed_in"] for o in zhang.get("/api/officers").json()] == [False, True, False]

        assert {one["name"] for one in city.get("/api/officers").json()} == {"zhang", "li", "chief", "xi"}
        assert {o["name"] for o in city.get("/api/officers", params={"station": XX}).json()} == {"xi"}
        assert zhang.get("/api/officers", params={"station": XX}).status_code == 404
