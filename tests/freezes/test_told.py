"""Who hears of a request: the centre, in the contract's shape; and what a vest's "6" finds there."""

from sqlalchemy import select

from dispatcher.casework import lock_case
from dispatcher.freezes import acts
from dispatcher.lifecycle import FreezeState
from dispatcher.model import Case, Feedback, Freeze
from tests import builders
from tests.freezes.desk import Desk
from tests.tracking.world import World


def told(desk: Desk, case: Case) -> list[tuple[str, str]]:
    """What the centre was told of requests, in order: by whom, and the state of the case."""
    rows = select(Feedback).where(Feedback.case_id == case.id, Feedback.type == "freeze.changed")
    found = desk.database.read(lambda session: session.scalars(rows.order_by(Feedback.place)).all())
    payloads = [row.payload["data"] for row in found]
    for data in payloads:
        assert data.keys() == {"case", "alert_nos", "state", "by", "at"}
    return [(data["by"], data["state"]) for data in payloads]


def test_the_centre_hears_of_every_change(desk: Desk) -> None:
    desk.database.transact(lambda work: builders.source(work, feedback_url="http://127.0.0.1:9/feedback"))
    case, officer = desk.case(), desk.officer()
    desk.stopped(case, officer)
    desk.clock.forward(hours=48)
    desk.tick()
    assert told(desk, case) == [("officer", "new")] * 3 + [("system", "new")]


def test_an_officers_act_on_what_a_vest_drafted_signs_for_the_case(desk: Desk) -> None:
    case, officer = desk.case(), desk.officer()
    freeze = desk.draft(case, officer)
    desk.database.transact(lambda work: setattr(lock_case(work, case.id), "signed_at", None))
    desk.do(freeze, officer, acts.send)
    signed = desk.database.read(lambda session: session.get_one(Case, case.id).signed_at)
    assert signed == desk.clock.now()


def test_a_vest_opens_no_second_draft_while_the_first_is_with_the_bank(desk: Desk, world: World) -> None:
    person, officer = world.person(), desk.officer()
    case = world.case()
    offer = world.ask(case, person)
    world.text(person, f"1{offer.code}")
    world.text(person, f"6{offer.code}")
    (freeze,) = desk.database.read(lambda session: session.scalars(select(Freeze)).all())
    desk.do(freeze.id, officer, lambda act: acts.correct(act, {"account": "6222020000000017", "bank": "工商银行"}))
    desk.do(freeze.id, officer, lambda act: acts.correct(act, {"account_name": "王某丽", "facts": "钱在转"}))
    for does in (acts.send, lambda act: acts.stop(act, desk.said())):
        desk.do(freeze.id, officer, does)
        world.text(person, f"6{offer.code}")
    rows = desk.database.read(lambda session: session.scalars(select(Freeze)).all())
    assert [row.state for row in rows] == [FreezeState.STOPPED]


def test_a_draft_from_before_there_were_steps_goes_the_same_way(desk: Desk) -> None:
    officer = desk.officer()
    freeze = desk.draft(desk.case(), officer)
    with desk.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM freeze_steps")
        connection.exec_driver_sql("UPDATE freezes SET account_index = NULL")
    desk.do(freeze, officer, acts.send)
    desk.do(freeze, officer, lambda act: acts.stop(act, desk.said(42000)))
    assert (desk.one(freeze).stop_no, [step.version for step in desk.steps(freeze)]) == (1, [2, 3])
