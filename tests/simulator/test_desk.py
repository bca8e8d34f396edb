"""The simulated officer at the desk: whoever sits there is first, and what nobody wants any more is closed."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from hypothesis import given
from hypothesis import strategies as st

from simulator.desk import Desk, Ending, Patience, ending
from simulator.officer import Officer, Refused
from simulator.serving import Served

NOW = datetime(2026, 4, 29, 8, 0, tzinfo=UTC)
ME = "liutang-b"
FLAGS = st.sets(st.sampled_from(["dissuaded_reported", "withdrawal_asked", "searching", "money_moving"]))


def ago(seconds: float) -> str:
    return (NOW - timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def a_case(number: int = 1, *flags: str, opened: float = 5000, **fields: Any) -> dict[str, Any]:
    case = {"id": f"c{number}", "state": "on_scene", "held_by": None, "flags": list(flags), "opened_at": ago(opened)}
    return case | fields


class TestWhatIsDue:
    @given(FLAGS, st.floats(0, 119))
    def test_nothing_that_changed_a_moment_ago_is_touched(self, flags: set[str], quiet_s: float) -> None:
        assert ending(a_case(1, *flags), quiet_s, ME, Patience()) is None

    @given(FLAGS, st.floats(0, 1e6))
    def test_what_another_officer_holds_is_theirs(self, flags: set[str], quiet_s: float) -> None:
        assert ending(a_case(1, *flags, held_by="liutang"), quiet_s, ME, Patience()) is None

    def test_a_case_reported_as_dissuaded_is_closed_so(self) -> None:
        end = ending(a_case(1, "dissuaded_reported"), 121, ME, Patience())
        assert end
        assert (end.disposition, end.call) == ("dissuaded", False)

    def test_a_withdrawal_that_waits_for_an_officer_gets_one(self) -> None:
        end = ending(a_case(1, "withdrawal_asked"), 121, ME, Patience())
        assert end
        assert end.disposition == "withdrawn"

    def test_a_case_nobody_does_anything_about_gets_a_call_first(self) -> None:
        assert ending(a_case(), 899, ME, Patience()) is None
        end = ending(a_case(), 900, ME, Patience())
        assert isinstance(end, Ending)
        assert end.call


class Console:
    """The console's API with what the desk looks at, and a book of what it did."""

    def __init__(self) -> None:
        self.cases: list[dict[str, Any]] = []
        self.changed: dict[str, float] = {}
        self.refuse: set[str] = set()
        self.sessions_end = False
        self.sign_ins = 0
        self.done: list[tuple[str, Any]] = []
        self.app = FastAPI()
        self.app.state.on_stop = lambda: None
        self.app.add_api_route("/api/{path:path}", self.answer, methods=["GET", "POST"])

    async def answer(self, request: Request, path: str) -> Response:
        if path == "session":
            self.sign_ins += 1
            self.sessions_end = False
            return JSONResponse({"needs_enrolment": False})
        if self.sessions_end:
            return JSONResponse({"detail": "not signed in"}, 401)
        if request.method == "GET":
            return JSONResponse(self.shown(path))
        if path in self.refuse:
            return JSONResponse({"detail": "the case is held by liutang"}, 409)
        self.done.append((path, await request.json() if await request.body() else None))
        return JSONResponse({})

    def shown(self, path: str) -> Any:
        if path == "cases":
            return {"cases": self.cases, "total": len(self.cases), "next": None}
        if path == "alarms":
            return [{"id": "old", "raised_at": ago(2000)}, {"id": "new", "raised_at": ago(100)}]
        if path == "inbox":
            return [{"id": "old", "received_at": ago(2000)}, {"id": "new", "received_at": ago(100)}]
        case_id = path.removeprefix("cases/")
        case = next(case for case in self.cases if case["id"] == case_id)
        return {"case": case, "events": [{"at": ago(self.changed.get(case_id, 5000))}]}

    def paths(self) -> list[str]:
        return [path for path, _ in self.done]


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.fixture
def desk(console: Console) -> Iterator[Desk]:
    with Served(console.app) as served, Officer(served.url, ME, "a password") as officer:
        yield Desk(officer, Patience(), threading.Event())


def test_the_desk_closes_what_is_due_and_leaves_new_alarms_and_texts_to_people(console: Console, desk: Desk) -> None:
    console.cases = [a_case(1, "dissuaded_reported"), a_case(2), a_case(3, "dissuaded_reported", opened=10)]
    desk.look(NOW)
    assert console.paths() == [
        "cases/c1/close",
        "cases/c2/contacts",
        "cases/c2/close",
        "alarms/old/acknowledge",
        "inbox/old/handled",
    ]
    assert console.done[1][1] == {"channel": "phone", "result": "spoken", "note": "民警电话劝阻"}


def test_an_old_case_that_somebody_touched_a_moment_ago_is_left_alone(console: Console, desk: Desk) -> None:
    console.cases = [a_case(1, "dissuaded_reported"), a_case(2)]
    console.changed = {"c1": 30, "c2": 600}
    desk.look(NOW)
    assert not [path for path in console.paths() if path.startswith("cases")]


def test_a_case_somebody_took_meanwhile_hinders_nothing_else(console: Console, desk: Desk) -> None:
    console.cases = [a_case(1, "dissuaded_reported"), a_case(2, "dissuaded_reported")]
    console.refuse = {"cases/c1/close"}
    desk.look(NOW)
    assert "cases/c2/close" in console.paths()


def test_an_officer_whose_session_ended_signs_in_again(console: Console, desk: Desk) -> None:
    desk.look(NOW)
    console.sessions_end = True
    desk.look(NOW)
    assert console.sign_ins == 2


def test_a_refusal_has_the_services_words(console: Console) -> None:
    console.refuse = {"cases/c1/hold"}
    with (
        Served(console.app) as served,
        Officer(served.url, ME, "a password") as officer,
        pytest.raises(Refused) as refused,
    ):
        officer.hold("c1")
    assert (refused.value.status, refused.value.detail) == (409, "the case is held by liutang")
