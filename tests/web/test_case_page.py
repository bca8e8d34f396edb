"""One case on one page: people, notes, money, and what else there is about the same resident."""

from datetime import timedelta
from typing import Any

from dispatcher.lifecycle import CaseState, Disposition
from dispatcher.model import Alert, Case, Role
from tests.access.world import ALERT_DATA, LT, XX, World
from tests.conftest import FixedClock
from tests.web.live import Live
from web.api.history import at_risk


def page(client: Any, case: Case) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/cases/{case.id}").json()
    return found


def same_phone(case: Case) -> dict[str, Any]:
    return {"resident_phone": case.resident_phone, "resident_phone_index": case.resident_phone_index}


def closed(disposition: Disposition = Disposition.DISSUADED) -> dict[str, Any]:
    return {"state": CaseState.CLOSED, "disposition": disposition}


def test_people_notes_and_moments_are_for_who_may_see_them(world: World, desk: Live, clock: FixedClock) -> None:
    world.officer("zhang")
    world.officer("auditor", Role.AUDITOR)
    world.officer("centre", Role.CENTRE)
    case, person = world.case(), world.volunteer()
    world.accept(case, person)
    with desk.sign_in("zhang") as zhang, desk.sign_in("auditor") as auditor, desk.sign_in("centre") as centre:
        noted = {"channel": "phone", "result": "spoken", "note": "说在银行排队"}
        contact = zhang.post(f"/api/cases/{case.id}/contacts", json=noted).json()["contacts"][0]
        whole = page(zhang, case)
        assert [one["id"] for one in whole["volunteers"]] == [str(person.id)]
        assert whole["volunteers"][0]["task"] == str(case.id)
        assert whole["contacts_detail"] == [{"id": contact["id"], "note": "说在银行排队", "lon": None, "lat": None}]
        assert (whole["signed_at"], whole["closed_at"]) == ("2026-04-29T08:00:00.000Z", None)
        assert page(auditor, case)["contacts_detail"] == whole["contacts_detail"]

        outside = page(centre, case)
        assert outside["case"] == whole["case"]
        assert outside["volunteers"] == outside["contacts_detail"] == outside["texts"] == []

        clock.forward(minutes=5)
        zhang.post(f"/api/cases/{case.id}/close", json={"disposition": "dissuaded", "reason": "已劝阻"})
        assert page(zhang, case)["closed_at"] == "2026-04-29T08:05:00.000Z"


def order(at_risk: Any, currency: str | None = "CNY", *, withdrawn: bool = False) -> Alert:
    data = {"money": {"at_risk": at_risk, "currency": currency}}
    return Alert(data=data, withdrawn_at=FixedClock().now() if withdrawn else None)


def test_repeated_orders_are_about_the_same_money_so_the_largest_counts_by_currency() -> None:
    orders = [order("10000000.00"), order("0.5"), order("7", "HKD"), order("9.99", withdrawn=True)]
    nonsense = [order("一千万"), order("NaN"), order("-3"), order(None), order("1e999999"), Alert(data=None)]
    assert at_risk(orders + nonsense) == [
        {"at_risk": "10000000.00", "currency": "CNY"},
        {"at_risk": "7.00", "currency": "HKD"},
    ]


def test_the_page_has_what_its_orders_put_at_risk(world: World, desk: Live) -> None:
    world.officer("zhang")
    case = world.case()
    now = world.database.clock.now()
    again = Alert(
        source_id=case.source_id, alert_no="BA-again", case_id=case.id, data=ALERT_DATA, received_at=now, raised=True
    )
    world.database.transact(lambda work: work.session.add(again))
    with desk.sign_in("zhang") as zhang:
        assert page(zhang, case)["money"] == [{"at_risk": "10000000.00", "currency": "CNY"}]


def test_earlier_cases_of_the_same_phone_are_on_the_page(world: World, desk: Live) -> None:
    world.officer("zhang")
    case = world.case()
    before = case.opened_at
    first, second = (
        world.case(**closed(end), **same_phone(case), opened_at=before - timedelta(days=days))
        for end, days in ((Disposition.DISSUADED, 90), (Disposition.REPEAT, 2))
    )
    world.case(**closed(), **same_phone(case), opened_at=before + timedelta(days=1))  # a later one
    world.case(XX, **closed(), **same_phone(case), opened_at=before - timedelta(days=1))  # out of sight
    world.case(**closed(), opened_at=before - timedelta(days=1))  # somebody else
    with desk.sign_in("zhang") as zhang:
        found = page(zhang, case)["earlier"]
        assert [(one["id"], one["disposition"]) for one in found] == [
            (str(second.id), "repeat"),
            (str(first.id), "dissuaded"),
        ]
        assert found[0]["number"] == second.number
        assert page(zhang, first)["earlier"] == []


def test_a_likeness_is_only_suggested(world: World, desk: Live) -> None:
    world.officer("zhang")
    long_ago = world.database.clock.now() - timedelta(days=31)
    case = world.case(resident_name="王晓丽", resident_address="桃源社区 1栋502")
    like = {
        "name": world.case(resident_name="王晓丽", resident_address="别处"),
        "address": world.case(resident_name="李强", resident_address="桃源社区1栋５０２"),
    }
    world.case(resident_name="王晓", resident_address="桃源社区1栋503")
    world.case(LT, **closed(), opened_at=long_ago, resident_name="王晓丽")
    old_and_open = world.case(opened_at=long_ago, resident_name="王晓丽", resident_address=None)
    world.case(XX, resident_name="王晓丽")
    world.case(**closed(), **same_phone(case), resident_name="王晓丽")  # the same resident, not a likeness
    with desk.sign_in("zhang") as zhang:
        found = page(zhang, case)["similar"]
        assert {one["id"]: one["same"] for one in found} == {
            str(like["name"].id): ["name"],
            str(like["address"].id): ["address"],
            str(old_and_open.id): ["name"],
        }
        assert "王晓丽" not in zhang.get(f"/api/cases/{case.id}").text
        nameless = world.case(resident_name=None, resident_address="")
        assert page(zhang, nameless)["similar"] == []


def test_a_phone_that_is_none_finds_no_earlier_case(world: World, desk: Live) -> None:
    world.officer("zhang")
    world.case(**closed(), resident_phone=None, resident_phone_index=None)
    case = world.case(resident_phone=None, resident_phone_index=None)
    with desk.sign_in("zhang") as zhang:
        assert page(zhang, case)["earlier"] == []
