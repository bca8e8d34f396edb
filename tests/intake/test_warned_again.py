"""A resident said to be talked out of it is warned about again: nobody is sent, so the officer must hear it."""

from sqlalchemy import select

from dispatcher.lifecycle import CaseState
from dispatcher.model import Alarm, AlarmKind, Flag
from tests.intake.world import Town, body, withdrawal


def alarms(town: Town) -> list[AlarmKind]:
    return town.database.read(lambda session: list(session.scalars(select(Alarm.kind))))


def dissuaded(town: Town) -> None:
    case_id = town.send(body()).case_id
    assert case_id
    town.change(case_id, state=CaseState.ON_SCENE, flags=[Flag.DISSUADED_REPORTED.value])


def test_the_officer_is_called_once_while_the_alarm_rings(town: Town) -> None:
    dissuaded(town)
    for number in ("BA-2", "BA-3"):
        town.send(body(alert_no=number))
    assert alarms(town) == [AlarmKind.WARNED_AGAIN]
    assert town.events() == ["case.opened", "case.repeated", "alarm.raised", "case.repeated"]


def test_one_for_whom_somebody_is_still_sought_rings_no_alarm(town: Town) -> None:
    town.send(body())
    town.send(body(alert_no="BA-2"))
    assert alarms(town) == []


def test_an_order_taken_back_before_it_came_rings_no_alarm(town: Town) -> None:
    dissuaded(town)
    town.send(withdrawal("BA-2"))
    town.send(body(alert_no="BA-2"))
    assert alarms(town) == []
