"""What the socket says of alarms and texts: enough for a console to change its lists without asking again."""

from typing import Any

from websockets.sync.client import ClientConnection

from dispatcher.casework import lock_case, raise_alarm
from dispatcher.model import AlarmKind
from dispatcher.tracking.replies import take_text
from tests.access.world import LT, World
from tests.web.live import Live, hear, say


def begin(connection: ClientConnection) -> None:
    """From the snapshot on, everything comes as an event."""
    say(connection, {"type": "start"})
    assert hear(connection)["type"] == "snapshot"


def until(connection: ClientConnection, kind: str) -> dict[str, Any]:
    while (frame := hear(connection)).get("kind") != kind:
        assert frame["type"] == "event"
    return frame


def test_an_alarm_on_the_socket_is_the_alarm_in_the_list(world: World, desk: Live) -> None:
    world.officer("zhang")
    first, second = world.case(), world.case()

    def ring(case_id: Any) -> None:
        world.database.transact(
            lambda work: raise_alarm(work, AlarmKind.DEADLINE_MISSED, world.place(LT).id, lock_case(work, case_id))
        )

    with desk.sign_in("zhang") as client, desk.watch(client) as connection:
        begin(connection)
        ring(first.id)
        raised = until(connection, "alarm.raised")
        assert client.get("/api/alarms").json() == [raised["data"]["alarm"]]
        assert raised["data"]["alarm"]["case_id"] == raised["case_id"] == str(first.id)

        ring(second.id)
        grown = until(connection, "alarm.grown")
        assert client.get("/api/alarms").json() == [grown["data"]["alarm"]]
        assert (grown["data"]["alarm"]["cases"], grown["case_id"]) == (2, str(second.id))

        answer = client.post(f"/api/alarms/{grown['data']['alarm']['id']}/acknowledge").json()
        acknowledged = until(connection, "alarm.acknowledged")["data"]["alarm"]
        assert acknowledged == answer
        assert (acknowledged["acknowledged_by"], acknowledged["acknowledged_at"]) == (
            "zhang",
            "2026-04-29T08:00:00.000Z",
        )


def test_a_text_is_named_on_the_socket_and_its_words_are_not(world: World, desk: Live) -> None:
    world.officer("zhang")
    person = world.volunteer()
    words = "王某丽说卡号6222020000000017"
    with desk.sign_in("zhang") as client, desk.watch(client) as connection:
        begin(connection)
        world.database.transact(lambda work: take_text(work, "SM-1", person.phone, words))
        came = until(connection, "text.received")["data"]
        [waiting] = client.get("/api/inbox").json()
        assert (came["text"], came["outcome"]) == (waiting["id"], waiting["outcome"])
        assert came["volunteer"]["id"] == waiting["volunteer"] == str(person.id)
        assert waiting["body"] == words
        assert words not in str(came)

        handled = client.post(f"/api/inbox/{waiting['id']}/handled").json()
        assert until(connection, "text.handled")["data"] == {
            "text": handled["id"],
            "handled_by": "zhang",
            "handled_at": handled["handled_at"],
        }
