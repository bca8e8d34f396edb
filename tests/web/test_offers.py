"""The officer asks one chosen person, and tells one that they need not go; and no lost answer doubles an act."""

from typing import Any

import pytest
from sqlalchemy import func, select

from dispatcher.ids import new_id
from dispatcher.model import AuditEntry, Case, Contact, Freeze, Message, Offer, Volunteer
from tests.access.world import XX, World
from tests.web.live import Live


def acts(world: World, name: str) -> list[dict[str, Any]]:
    rows = select(AuditEntry).where(AuditEntry.act == name).order_by(AuditEntry.id)
    return [row.details or {} for row in world.database.read(lambda session: session.scalars(rows).all())]


def texts(world: World, person: Volunteer) -> list[str]:
    rows = select(Message.template).where(Message.volunteer_id == person.id, Message.error.is_(None))
    return sorted(world.database.read(lambda session: session.scalars(rows).all()))


def count(world: World, table: type) -> int:
    return world.database.read(lambda session: session.scalars(select(func.count()).select_from(table)).one())


@pytest.fixture
def case(world: World) -> Case:
    world.officer("zhang")
    world.officer("li")
    return world.case(lon=113.8712, lat=22.5741)


def test_the_officer_asks_one_chosen_person(world: World, desk: Live, case: Case) -> None:
    person = world.volunteer(on_duty=False)
    path = f"/api/cases/{case.id}/offers"
    with desk.sign_in("zhang") as zhang:
        found = zhang.post(path, json={"volunteer": str(person.id), "note": "住在同一栋"}).json()
        [offer] = found["offers"]
        assert offer["reason"] == {"zh": "由值班民警指派", "en": "chosen by the duty officer"}
        assert (offer["volunteer"], offer["state"], found["state"]) == (str(person.id), "queued", "dispatching")
        assert offer["eta_s"] > 0
        again = zhang.post(path, json={"volunteer": str(person.id)})
        assert (again.status_code, again.json()["field"]) == (409, "volunteer")
        assert again.json()["detail"] == "李队员 is being asked for this case already"
    assert texts(world, person) == ["offer"]
    assert acts(world, "offer.made") == [{"number": case.number, "volunteer": str(person.id), "note": "住在同一栋"}]


def test_nobody_is_asked_for_two_cases_at_once(world: World, desk: Live, case: Case) -> None:
    busy, elsewhere = world.volunteer(), world.volunteer(XX)
    other = world.case()
    world.accept(other, busy)
    with desk.sign_in("zhang") as zhang:
        answer = zhang.post(f"/api/cases/{case.id}/offers", json={"volunteer": str(busy.id)})
        assert (answer.status_code, answer.json()["detail"]) == (409, "李队员 is on another case already")
        for who in (elsewhere.id, new_id()):
            answer = zhang.post(f"/api/cases/{case.id}/offers", json={"volunteer": str(who)})
            assert (answer.status_code, answer.json()["field"]) == (404, "volunteer")
    assert count(world, Offer) == 1


def test_who_is_on_a_case_is_decided_by_who_holds_it(world: World, desk: Live, case: Case) -> None:
    person = world.volunteer()
    offer = world.accept(case, person)
    with desk.sign_in("zhang") as zhang, desk.sign_in("li") as li:
        zhang.post(f"/api/cases/{case.id}/hold")
        asked = li.post(f"/api/cases/{case.id}/offers", json={"volunteer": str(world.volunteer().id)})
        recalled = li.post(f"/api/cases/{case.id}/offers/{offer.id}/recall", json={"reason": "x"})
        for answer in (asked, recalled):
            assert (answer.status_code, "zhang" in answer.json()["detail"]) == (409, True)
    assert acts(world, "offer.made") == acts(world, "offer.recalled") == []


def test_one_person_is_told_once_that_they_need_not_go(world: World, desk: Live, case: Case) -> None:
    person = world.volunteer()
    offer = world.accept(case, person)
    path = f"/api/cases/{case.id}/offers/{offer.id}/recall"
    with desk.sign_in("zhang") as zhang:
        assert zhang.post(path, json={"reason": " "}).status_code == 422
        for _ in range(2):
            found = zhang.post(path, json={"reason": "家属已到场"}).json()
            assert (found["offers"][0]["state"], found["state"]) == ("recalled", "dispatching")
        elsewhere = zhang.post(f"/api/cases/{world.case().id}/offers/{offer.id}/recall", json={"reason": "x"})
        assert elsewhere.status_code == 404
    assert texts(world, person) == ["stood_down"]
    assert acts(world, "offer.recalled") == [{"number": case.number, "offer": str(offer.id), "reason": "家属已到场"}]


@pytest.mark.parametrize(
    ("route", "body", "other", "table"),
    [
        (
            "contacts",
            {"channel": "phone", "result": "no_answer", "note": "响了十声"},
            {"channel": "door", "result": "no_answer"},
            Contact,
        ),
        (
            "freezes",
            {"whose": "own", "asked_by": "family", "account": "6222020000000017", "amount": "500.00"},
            {"whose": "own", "asked_by": "family", "account": "6222020000000018", "amount": "500.00"},
            Freeze,
        ),
    ],
    ids=["contact", "stop"],
)
def test_an_act_whose_answer_was_lost_is_done_once(
    world: World, desk: Live, case: Case, route: str, body: dict[str, str], other: dict[str, str], table: type
) -> None:
    path = f"/api/cases/{case.id}/{route}"
    key = {"Idempotency-Key": "2f0c"}
    with desk.sign_in("zhang") as zhang, desk.sign_in("li") as li:
        first, second = (zhang.post(path, json=body, headers=key) for _ in range(2))
        assert (first.status_code, first.json()) == (200, second.json())
        assert (count(world, table), len(acts(world, "contact.recorded") + acts(world, "freeze.drafted"))) == (1, 1)

        # The key stands for that act alone: not for another one, another officer, another case, or no key.
        mistaken = zhang.post(path, json=other, headers=key)
        assert (mistaken.status_code, mistaken.json()["field"]) == (409, "Idempotency-Key")
        li.post(path, json=body, headers=key)
        zhang.post(f"/api/cases/{world.case().id}/{route}", json=body, headers=key)
        zhang.post(path, json=body)
        zhang.post(path, json=body)
        assert count(world, table) == 5
        for wrong in ("", "k" * 129):
            assert zhang.post(path, json=body, headers={"Idempotency-Key": wrong}).status_code == 422


def test_the_same_key_asks_the_same_person_once(world: World, desk: Live, case: Case) -> None:
    person, other = world.volunteer(), world.volunteer()
    path, key = f"/api/cases/{case.id}/offers", {"Idempotency-Key": "ask-1"}
    with desk.sign_in("zhang") as zhang:
        first, second = (zhang.post(path, json={"volunteer": str(person.id)}, headers=key) for _ in range(2))
        assert (first.status_code, first.json()) == (200, second.json())
        mistaken = zhang.post(path, json={"volunteer": str(other.id)}, headers=key)
        assert (mistaken.status_code, mistaken.json()["field"]) == (409, "Idempotency-Key")
    assert (texts(world, person), count(world, Offer)) == (["offer"], 1)


def test_contacts_stand_in_the_order_of_time(world: World, desk: Live, case: Case, clock: Any) -> None:
    path = f"/api/cases/{case.id}/contacts"
    results = ["no_answer", "spoken", "refused", "met", "no_answer", "spoken"]
    with desk.sign_in("zhang") as zhang:
        for number, result in enumerate(results):
            key = {"Idempotency-Key": f"key {number}"}
            found = zhang.post(path, json={"channel": "phone", "result": result}, headers=key).json()
            clock.forward(seconds=1)
    assert [contact["result"] for contact in found["contacts"]] == results
