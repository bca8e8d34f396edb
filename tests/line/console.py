"""The duty officer's console as a program: signs in, watches the socket without missing a number, acts by API."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from tests.line.processes import PATIENCE_S

Frame = dict[str, Any]
_LOOK_S = 0.2


class ConsoleClient:
    """One officer at one console. `seq` and `epoch` are where its feed stands."""

    def __init__(self, url: str, name: str, password: str) -> None:
        self._url = url
        self._credentials = {"username": name, "password": password}
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE_S)
        self._open_socket = ExitStack()
        self._socket: ClientConnection | None = None
        self.epoch, self.seq = "", 0
        self.sign_in()

    def sign_in(self) -> None:
        """By password; the session lives in the cookie."""
        answer = self._http.post("/api/session", json=self._credentials)
        assert answer.status_code == 200, answer.text

    def start(self) -> Frame:
        """Open the socket and begin with a snapshot."""
        return self._begin({"type": "start"})

    def resume(self) -> None:
        """Open the socket again and go on after the last number."""
        self._open({"type": "resume", "epoch": self.epoch, "seq": self.seq})

    def expect(self, kind: str, case_id: str | None = None) -> Frame:
        """Read on to the next event of this kind (about this case); every number on the way must be the next one."""
        give_up = time.monotonic() + PATIENCE_S
        passed = []
        while time.monotonic() < give_up:
            event = self._next_event(give_up)
            if event is None:
                break
            if event["kind"] == kind and case_id in {None, event["case_id"]}:
                return event
            passed.append(event["kind"])
        raise AssertionError(f"no {kind} came, but {passed}")

    def events(self, stop: threading.Event) -> Iterator[Frame]:
        """Every event as it comes, until somebody says stop; every number must be the next one."""
        while not stop.is_set():
            event = self._next_event(time.monotonic() + _LOOK_S)
            if event:
                yield event

    def snapshot(self) -> Frame:
        """What a console sees that starts now; this one's feed stays where it is."""
        with self._connecting() as socket:
            socket.send('{"type":"start"}')
            return _frame(socket.recv(PATIENCE_S))

    def case(self, case_id: str) -> Frame:
        """One open case as a console sees it that starts now."""
        return next(case for case in self.snapshot()["cases"] if case["id"] == case_id)

    def get(self, path: str) -> Any:
        """Read from the API."""
        answer = self._http.get(f"/api{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        """Act by the API, as the buttons of the screen do."""
        answer = self._http.post(f"/api{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def close(self) -> None:
        """Hang up."""
        self._open_socket.close()
        self._http.close()

    def _begin(self, first: Frame) -> Frame:
        socket = self._open(first)
        frame = _frame(socket.recv(PATIENCE_S))
        assert frame["type"] == "snapshot", frame
        self.epoch, self.seq = frame["epoch"], frame["seq"]
        return frame

    def _open(self, first: Frame) -> ClientConnection:
        self._open_socket.close()
        self._socket = self._open_socket.enter_context(self._connecting())
        self._socket.send(json.dumps(first))
        return self._socket

    def _connecting(self) -> AbstractContextManager[ClientConnection]:
        cookie = "; ".join(f"{name}={value}" for name, value in self._http.cookies.items())
        address = f"{self._url.replace('http', 'ws', 1)}/ws/console"
        found: AbstractContextManager[ClientConnection] = connect(
            address, additional_headers={"Cookie": cookie}, proxy=None, max_size=None
        )
        return found

    def _next_event(self, give_up: float) -> Frame | None:
        assert self._socket, "start first"
        try:
            event = _frame(self._socket.recv(max(0.0, give_up - time.monotonic())))
        except TimeoutError:
            return None
        assert (event["type"], event["seq"]) == ("event", self.seq + 1), event
        self.seq = event["seq"]
        return event


def _frame(text: str | bytes) -> Frame:
    found: Frame = json.loads(text)
    return found
