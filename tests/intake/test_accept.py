"""What becomes of warning orders: cases, repeats, updates, withdrawals, flags."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from dispatcher.errors import Conflict, Unavailable
from dispatcher.ids import new_id
from dispatcher.intake.accept import accept_many
from dispatcher.intake.case_book import NotTogether
from dispatcher.intake.incoming import Outcome
from dispatcher.jobs import Job
from dispatcher.lifecycle import CaseState, Disposition, OfferState
from dispatcher.model import Alarm, AlarmKind, Area, Deadline, Offer, Officer, Place, Role, Volunteer
from dispatcher.policy import DEFAULT_POLICY
from dispatcher.protection.columns import blind_index
from dispatcher.work import Work
from tests.intake.world import ELSEWHERE, FAR_AWAY, INSIDE, NOW, Town, body, data, withdrawal


def test_an_order_becomes_a_case_with_its_clocks_its_event_and_its_feedback(town: Town, waker: Any) -> None:
    outcome = town.send(body())
    case = town.case()
    assert outcome.case_id == case.id
    assert not outcome.duplicate
    assert case.number == "LT-20260429-001"
    assert (case.state, case.level, case.kind, case.alert_count) == (CaseState.NEW, "high", "fund", 1)
    assert (case.resident_name, case.resident_phone) == ("王某丽", "+8613800000001")
    assert case.resident_phone_index == blind_index("phone", "+8613800000001")
    assert (case.lon, case.lat) == (113.8712, 22.5741)
    assert (case.community_id, case.grid_id) == (town.places["west"], town.places["grid"])
    assert case.flags == []
    limits = DEFAULT_POLICY.levels[case.level]
    deadlines = town.database.read(lambda s: {d.what: d.at - NOW for d in s.scalars(select(Deadline))})
    assert deadlines == {
        "sign": timedelta(seconds=limits.sign_s),
        "contact": timedelta(seconds=limits.contact_s),
        "meet": timedelta(seconds=limits.meet_s),
        "feedback": timedelta(seconds=limits.feedback_s),
    }
    assert town.events() == ["case.opened"]
    assert town.feedbacks() == ["case.opened"]
    assert (Job.PLAN, str(case.station_id)) in waker.woken
    [alert] = town.alerts()
    assert alert.data == data() | {"occurred_at": "2026-04-29T07:58:10Z"}


def test_a_station_may_set_its_own_limits_and_how_many_people_a_case_needs(town: Town) -> None:
    policy = {"people_per_case": 2, "levels": {"high": {"sign_s": 5}}}

    def set_policy(work: Work) -> None:
        work.session.get_one(Place, town.stations["LT"]).policy = policy

    town.database.transact(set_policy)
    town.send(body())
    assert town.case().wanted == 2
    sign = select(Deadline.at).where(Deadline.what == "sign")
    assert town.database.read(lambda s: s.scalar(sign)) == NOW + timedelta(seconds=5)


def test_numbers_count_within_a_station_and_a_day(town: Town) -> None:
    for n in range(3):
        town.send(body(alert_no=f"A{n}", resident={"phone": f"+861380000001{n}"}))
    town.send(body(alert_no="B", station="440306-XX", resident={"phone": "+8613800000020"}))
    town.send_together(*(body(alert_no=f"C{n}", resident={"phone": f"+861380000003{n}"}) for n in range(2)))
    numbers = [case.number for case in town.cases()]
    assert numbers == [*(f"LT-20260429-00{n}" for n in range(1, 6)), "XX-20260429-001"]


def test_stations_whose_codes_end_alike_have_numbers_that_differ(town: Town) -> None:
    other = new_id()

    def add(work: Work) -> None:
        from dispatcher.model import FeedCounter, PlaceKind

        work.session.add(Place(id=other, code="440307-LT", kind=PlaceKind.STATION, name="x", path="x/"))
        work.session.flush()
        work.session.add(FeedCounter(station_id=other))

    town.database.transact(add)
    town.send(body())
    town.send(body(alert_no="B", station="440307-LT", resident={"phone": "+8613800000020"}))
    assert [c.number for c in town.cases()] == ["440306-LT-20260429-001", "440307-LT-20260429-001"]


def test_the_same_delivery_again_changes_nothing_and_gets_the_same_ids(town: Town) -> None:
    first = town.send(body(), webhook_id="msg_same")
    again = town.send(body(), webhook_id="msg_same")
    assert again == Outcome(first.alert_id, first.case_id, duplicate=True)
    assert town.events() == ["case.opened"]


def test_another_body_under_a_used_id_is_a_conflict_and_changes_nothing(town: Town) -> None:
    town.send(body(), webhook_id="msg_same")
    other = town.incoming(body(level="extreme"), webhook_id="msg_same")
    [answer] = town.database.transact(lambda work: accept_many(work, [other]))
    assert isinstance(answer, Conflict)
    assert answer.field == "webhook-id"
    assert town.case().level == "high"


def test_the_same_delivery_twice_in_one_batch_is_taken_once(town: Town) -> None:
    twice = [town.incoming(body(), webhook_id="msg_same") for _ in range(2)]
    first, second = town.database.transact(lambda work: accept_many(work, twice))
    assert isinstance(first, Outcome)
    assert second == Outcome(first.alert_id, first.case_id, duplicate=True)
    assert len(town.alerts()) == 1


class TestRepeats:
    @pytest.mark.parametrize("together", [False, True])
    def test_a_second_order_about_the_resident_hangs_on_the_open_case(self, town: Town, together: bool) -> None:
        orders = body(level="medium"), body(alert_no="B", level="extreme", station="440306-XX", minute=1)
        answers = town.send_together(*orders) if together else [town.send(order) for order in orders]
        case = town.case()
        assert {a.case_id for a in answers if isinstance(a, Outcome)} == {case.id}
        assert (case.alert_count, case.level) == (2, "extreme")
        assert town.events() == ["case.opened", "case.repeated"]
        assert [a.case_id for a in town.alerts()] == [case.id, case.id]

    def test_a_lower_level_does_not_lower_the_case(self, town: Town) -> None:
        town.send(body())
        town.send(body(alert_no="B", level="low", minute=1))
        assert town.case().level == "high"

    def test_a_graver_level_shortens_the_clocks_that_still_run(self, town: Town, clock: Any) -> None:
        town.send(body(level="low"))
        clock.forward(minutes=10)
        town.send(body(alert_no="B", level="extreme", minute=10))
        ats = town.database.read(lambda s: {d.what.value: d.at for d in s.scalars(select(Deadline))})
        assert ats["sign"] == clock.now() + timedelta(seconds=DEFAULT_POLICY.levels[town.case().level].sign_s)

    def test_a_repeat_without_a_position_leaves_the_one_that_is_known(self, town: Town) -> None:
        town.send(body())
        town.send(body(alert_no="B", minute=1, resident={"location": None, "address": None}))
        case = town.case()
        assert (case.lon, case.resident_address, case.flags) == (113.8712, "桃源社区1栋", [])

    def test_without_the_same_number_nobody_is_the_same(self, town: Town) -> None:
        town.send(body())
        town.send(body(alert_no="B", resident={"phone": "+8613800000009"}))
        town.send(body(alert_no="C", resident={"phone": "138"}))
        town.send(body(alert_no="D", resident={"phone": "138"}))
        assert len(town.cases()) == 4

    def test_the_number_may_be_written_in_any_way(self, town: Town) -> None:
        town.send(body())
        town.send(body(alert_no="B", resident={"phone": "0086 138-0000-0001"}))
        assert town.case().alert_count == 2

    def test_after_the_case_is_closed_a_new_one_opens(self, town: Town) -> None:
        first = town.send(body())
        assert first.case_id
        town.change(first.case_id, state=CaseState.CLOSED)
        town.send(body(alert_no="B"))
        assert [c.state for c in town.cases()] == [CaseState.CLOSED, CaseState.NEW]

    def test_a_resident_with_hundreds_of_orders_keeps_the_gravest_level(self, town: Town) -> None:
        town.send(body(level="extreme"))
        for batch in range(3):
            town.send_together(*(body(alert_no=f"B{batch}-{n}", level="low", minute=1) for n in range(30)))
        town.send(body("alert.updated", alert_no="B0-0", level="medium", minute=2))
        case = town.case()
        assert (case.alert_count, case.level) == (91, "extreme")


class TestUpdates:
    def test_an_update_replaces_what_the_order_said(self, town: Town, waker: Any) -> None:
        town.send(body())
        waker.woken.clear()
        changed = {"name": "王某", "location": ELSEWHERE}
        town.send(body("alert.updated", minute=1, level="extreme", resident=changed))
        case = town.case()
        assert (case.level, case.resident_name, case.community_id) == ("extreme", "王某", town.places["east"])
        assert case.alert_count == 1
        assert town.events() == ["case.opened", "case.updated"]
        assert waker.woken == [(Job.PLAN, str(case.station_id))]

    def test_an_update_may_lower_the_level(self, town: Town) -> None:
        town.send(body())
        town.send(body("alert.updated", minute=1, level="low"))
        assert town.case().level == "low"

    def test_an_update_that_says_nothing_new_tells_nobody(self, town: Town) -> None:
        town.send(body())
        town.send(body("alert.updated", minute=1))
        assert town.events() == ["case.opened"]

    def test_an_update_before_its_order_opens_the_case_and_the_late_order_does_not_overwrite(self, town: Town) -> None:
        early = town.send(body("alert.updated", minute=5, level="extreme"))
        late = town.send(body("alert.raised", minute=0, level="low"))
        assert (early.alert_id, early.case_id) == (late.alert_id, late.case_id)
        assert town.case().level == "extreme"
        assert town.case().alert_count == 1

    @pytest.mark.parametrize("minute", [0, 1], ids=["stamped alike", "stamped when it was sent at last"])
    @pytest.mark.parametrize("together", [True, False])
    def test_a_late_order_never_takes_its_update_back(self, town: Town, minute: int, together: bool) -> None:
        bodies = body("alert.updated", level="extreme"), body("alert.raised", minute=minute, level="low")
        if together:
            town.send_together(*bodies)
        else:
            for one in bodies:
                town.send(one)
        assert (town.case().level, town.alerts()[0].level, town.case().alert_count) == ("extreme", "extreme", 1)

    def test_an_order_raised_again_is_an_update(self, town: Town) -> None:
        town.send(body("alert.updated", level="medium"))
        town.send(body("alert.raised", minute=1, level="low"))
        town.send(body("alert.raised", minute=2, level="extreme"))
        assert town.case().level == "extreme"

    def test_on_a_closed_case_it_is_recorded_and_nothing_opens_again(self, town: Town) -> None:
        opened = town.send(body())
        assert opened.case_id
        town.change(opened.case_id, state=CaseState.CLOSED)
        assert town.send(body("alert.updated", minute=1, level="extreme")).case_id == opened.case_id
        assert town.case().state == CaseState.CLOSED
        assert town.alerts()[0].level == "extreme"
        assert town.events() == ["case.opened", "case.updated"]

    def test_a_phone_that_becomes_anothers_leaves_two_cases_and_says_so(self, town: Town) -> None:
        town.send(body(alert_no="A"))
        town.send(body(alert_no="B", resident={"phone": "+8613800000009"}))
        town.send(body("alert.updated", alert_no="B", minute=1))
        a, b = town.cases()
        assert b.resident_phone == a.resident_phone
        assert (a.resident_phone_index is None, b.resident_phone_index) == (False, None)
        assert b.flags == ["same_resident"]
        town.send(body("alert.updated", alert_no="B", minute=2, resident={"phone": "+8613800000009"}))
        assert town.cases()[1].flags == []

    def test_flags_go_when_their_reason_goes(self, town: Town) -> None:
        town.send(body(resident={"location": None, "phone": "none"}, fraud_type="martian"))
        assert sorted(town.case().flags) == ["bad_phone", "no_position", "unknown_fraud_type"]
        town.send(body("alert.updated", minute=1))
        assert town.case().flags == []


class TestWithdrawals:
    def test_nobody_has_set_out_so_the_case_is_closed_and_the_asked_are_told(self, town: Town) -> None:
        opened = town.send(body())
        offer_id = ask_somebody(town, OfferState.SENT)
        answer = town.send(withdrawal(minute=1))
        case = town.case()
        assert answer.case_id == opened.case_id
        assert (case.state, case.disposition) == (CaseState.CLOSED, Disposition.WITHDRAWN)
        assert town.database.read(lambda s: s.get_one(Offer, offer_id).state) == OfferState.STOOD_DOWN
        assert town.events() == ["case.opened", "offer.stood_down", "case.closed"]
        assert town.feedbacks() == ["case.opened", "case.closed"]
        assert town.alerts()[0].withdrawn_reason == "误报"

    def test_somebody_is_on_the_way_so_the_officer_is_asked(self, town: Town) -> None:
        opened = town.send(body())
        assert opened.case_id
        ask_somebody(town, OfferState.ACCEPTED)
        town.change(opened.case_id, state=CaseState.ACCEPTED)
        town.send(withdrawal(minute=1))
        assert (town.case().state, town.case().flags) == (CaseState.ACCEPTED, ["withdrawal_asked"])
        alarms = town.database.read(lambda s: list(s.scalars(select(Alarm))))
        assert [(a.kind, a.case_id) for a in alarms] == [(AlarmKind.WITHDRAWAL_ASKED, opened.case_id)]
        assert "case.withdrawal_asked" in town.events()

    def test_one_of_two_wanted_is_on_the_way_while_another_is_sought(self, town: Town) -> None:
        town.send(body())
        ask_somebody(town, OfferState.ACCEPTED)
        town.send(withdrawal(minute=1))
        assert town.case().state == CaseState.NEW
        assert town.case().flags == ["withdrawal_asked"]

    def test_an_officer_holds_it_so_the_officer_is_asked(self, town: Town) -> None:
        opened = town.send(body())
        assert opened.case_id
        officer = new_id()

        def hire(work: Work) -> None:
            work.session.add(
                Officer(
                    id=officer,
                    name="duty",
                    place_id=town.stations["LT"],
                    role=Role.DUTY,
                    password_hash="x",
                    added_at=NOW,
                )
            )

        town.database.transact(hire)
        town.change(opened.case_id, held_by=officer)
        town.send(withdrawal(minute=1))
        assert town.case().state == CaseState.NEW
        assert town.case().flags == ["withdrawal_asked"]

    def test_another_order_still_stands_so_the_case_goes_on(self, town: Town) -> None:
        town.send(body(level="medium"))
        town.send(body(alert_no="B", level="extreme", minute=1))
        town.send(withdrawal("B", minute=2))
        case = town.case()
        assert (case.state, case.level, case.alert_count) == (CaseState.NEW, "medium", 2)
        assert town.events() == ["case.opened", "case.repeated", "case.updated"]

    @pytest.mark.parametrize("together", [False, True])
    def test_before_its_order_it_is_kept_and_the_case_opens_closed(self, town: Town, together: bool) -> None:
        orders = withdrawal(), body()
        answers = town.send_together(*orders) if together else [town.send(order) for order in orders]
        first, second = (a for a in answers if isinstance(a, Outcome))
        assert (first.case_id, first.alert_id) == (None, second.alert_id)
        case = town.case()
        assert (case.id, case.state, case.disposition) == (second.case_id, CaseState.CLOSED, Disposition.WITHDRAWN)
        assert town.events() == ["case.opened", "case.closed"]
        assert town.feedbacks() == ["case.opened", "case.closed"]

    def test_before_its_order_while_the_resident_has_an_open_case(self, town: Town) -> None:
        town.send(body(alert_no="A", level="low"))
        town.send(withdrawal("B"))
        town.send(body(alert_no="B", level="extreme"))
        case = town.case()
        assert (case.state, case.level, case.alert_count) == (CaseState.NEW, "low", 2)

    def test_raised_and_withdrawn_in_one_batch(self, town: Town) -> None:
        town.send_together(body(), withdrawal(minute=1))
        assert town.case().state == CaseState.CLOSED

    def test_twice_or_on_a_closed_case_it_is_only_recorded(self, town: Town) -> None:
        town.send(body())
        town.send(withdrawal(minute=1))
        town.send(withdrawal(minute=2, reason="再次"))
        assert town.alerts()[0].withdrawn_reason == "误报"
        assert town.events() == ["case.opened", "case.closed"]

    def test_withdrawn_and_raised_for_the_same_resident_in_one_batch_come_one_by_one(self, town: Town) -> None:
        town.send(body())
        with pytest.raises(NotTogether):
            town.send_together(withdrawal(minute=1), body(alert_no="B"))
        assert town.case().state == CaseState.NEW

    def test_taking_back_a_changed_phone_falls_back_to_one_that_is_anothers_by_now(self, town: Town) -> None:
        town.send(body(alert_no="A"))
        town.send(body(alert_no="B", minute=1))
        town.send(body("alert.updated", alert_no="B", minute=2, resident={"phone": "+8613800000009"}))
        town.send(body(alert_no="C", minute=3))
        town.send(withdrawal("B", minute=4))
        first, second = town.cases()
        assert first.resident_phone == second.resident_phone == "+8613800000001"
        assert (first.resident_phone_index, first.flags) == (None, ["same_resident"])


class TestFlags:
    @pytest.mark.parametrize(
        ("changes", "flags"),
        [
            ({"resident": {"location": None}}, ["no_position"]),
            ({"resident": {"location": {"lon": None, "lat": None, "crs": "wgs84"}}}, ["no_position"]),
            ({"resident": {"location": {"lon": 113.9, "lat": 22.5}}}, ["no_position"]),
            ({"resident": {"location": {"lon": 0, "lat": 0, "crs": "wgs84"}}}, ["no_position"]),
            ({"resident": {"location": {"lon": 500, "lat": 22.5, "crs": "gcj02"}}}, ["no_position"]),
            ({"resident": {"location": FAR_AWAY}}, ["outside_areas"]),
            ({"resident": {"phone": "ask at the door"}}, ["bad_phone"]),
            ({"resident": {"phone": None}}, []),
            ({"fraud_type": "martian"}, ["unknown_fraud_type"]),
            ({"fraud_type": None}, []),
            ({"station": "nowhere"}, ["unknown_station"]),
            ({"station": None}, []),
        ],
    )
    def test_what_is_unusable_is_accepted_and_said(self, town: Town, changes: dict[str, Any], flags: list[str]) -> None:
        town.send(body(**changes))
        case = town.case()
        assert case.flags == flags
        assert case.station_id == town.stations["LT"]
        assert "case.opened" in town.events()

    def test_a_phone_that_is_none_is_kept_as_it_was_sent(self, town: Town) -> None:
        town.send(body(resident={"phone": "ask at the door"}))
        assert (town.case().resident_phone, town.case().resident_phone_index) == ("ask at the door", None)

    def test_a_point_in_another_system_is_converted_once(self, town: Town) -> None:
        town.send(body(resident={"location": INSIDE | {"crs": "gcj02"}}))
        case = town.case()
        assert case.lon == pytest.approx(113.8712 - 0.0049, abs=0.0005)
        assert case.lat == pytest.approx(22.5741 + 0.0029, abs=0.0005)

    def test_new_ground_counts_from_the_next_order_on(self, town: Town, clock: Any) -> None:
        town.send(body())
        clock.forward(minutes=1)

        def clear(work: Work) -> None:
            moved = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
            work.session.execute(update(Area).values(geometry=moved, changed_at=work.now))

        town.database.transact(clear)
        town.send(body("alert.updated", minute=1, level="low"))
        assert town.case().flags == ["outside_areas"]

    def test_without_any_station_nothing_can_be_taken(self, database: Any) -> None:
        from dispatcher.intake.sources import add_source

        database.transact(lambda work: add_source(work, "centre"))
        lost = Town(database, "", new_id())
        [answer] = lost.send_together(body())
        assert isinstance(answer, Unavailable)


def test_a_batch_takes_as_many_statements_as_two_orders(town: Town) -> None:
    counted = 0

    def count(*_: Any) -> None:
        nonlocal counted
        counted += 1

    def statements(start: int, orders: int) -> int:
        nonlocal counted
        counted = 0
        numbers = range(start, start + orders)
        town.send_together(*(body(alert_no=f"N{n}", resident={"phone": f"+86138{n:08d}"}) for n in numbers))
        return counted

    town.send(body())
    event.listen(town.database.engine, "before_cursor_execute", count)
    try:
        few, many = statements(100, 2), statements(200, 100)
    finally:
        event.remove(town.database.engine, "before_cursor_execute", count)
    assert many == few
    assert len(town.cases()) == 103


def test_personal_data_is_not_readable_in_the_tables(town: Town) -> None:
    town.send(body())
    dump = town.database.read(
        lambda s: str(
            s.connection()
            .exec_driver_sql("select cases, alerts, events, deliveries from cases, alerts, events, deliveries")
            .all()
        )
    )
    for secret in ("王某丽", "13800000001", "6222020000000017", "李某"):
        assert secret not in dump


def ask_somebody(town: Town, state: OfferState) -> Any:
    """A vest with an offer of the only case."""
    case = town.case()
    person, offer = new_id(), new_id()

    def act(work: Work) -> None:
        work.session.add(
            Volunteer(
                id=person,
                station_id=case.station_id,
                name="张三",
                phone="+8613900000001",
                phone_index=b"1",
                on_duty=True,
                added_at=NOW,
            )
        )
        work.session.flush()
        work.session.add(
            Offer(
                id=offer,
                case_id=case.id,
                volunteer_id=person,
                state=state,
                round=1,
                wave=1,
                code="K73",
                token="t",
                token_index=b"t",
                reason={},
                asked_at=NOW,
                expires_at=NOW + timedelta(minutes=1),
                seat=1 if state == OfferState.ACCEPTED else None,
            )
        )

    town.database.transact(act)
    return offer
