"""The wire between two processes: what goes in comes out, and every fault is the fault it says."""

import socket
import threading
from collections.abc import Iterator

import pytest

from laboratory.wire import Wire

_SOON_S = 5.0


class Echo:
    """Answers every line with the same line; `heard` is what has arrived."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        with line:
            try:
                while data := line.recv(1024):
                    self.heard.append(data)
                    line.sendall(data)
            except OSError:
                return


@pytest.fixture
def echo() -> Iterator[Echo]:
    answering = Echo()
    yield answering
    answering.close()


@pytest.fixture
def wire(echo: Echo) -> Iterator[Wire]:
    with Wire(echo.port) as found:
        yield found


def call(wire: Wire) -> socket.socket:
    return socket.create_connection(("127.0.0.1", wire.port), timeout=_SOON_S)


def test_what_is_sent_comes_back_and_the_end_is_passed_on(wire: Wire) -> None:
    with call(wire) as line:
        line.sendall(b"one")
        assert line.recv(10) == b"one"
        line.shutdown(socket.SHUT_WR)
        assert line.recv(10) == b""


def test_a_cut_resets_what_is_open_and_nothing_new(wire: Wire) -> None:
    with call(wire) as line:
        line.sendall(b"one")
        assert line.recv(10) == b"one"
        wire.cut()
        with pytest.raises(ConnectionResetError):
            line.recv(10)
    with call(wire) as line:
        line.sendall(b"two")
        assert line.recv(10) == b"two"


def test_nobody_gets_through_until_it_is_healed(wire: Wire) -> None:
    wire.refuse()
    with pytest.raises(ConnectionResetError), call(wire) as line:
        line.recv(10)
    wire.heal()
    with call(wire) as line:
        line.sendall(b"one")
        assert line.recv(10) == b"one"


def test_a_stalled_line_keeps_what_it_was_given(wire: Wire, echo: Echo) -> None:
    with call(wire) as line:
        wire.stall()
        line.sendall(b"one")
        line.settimeout(0.3)
        with pytest.raises(TimeoutError):
            line.recv(10)
        assert echo.heard == []
        wire.heal()
        line.settimeout(_SOON_S)
        assert line.recv(10) == b"one"


def test_the_request_arrives_and_its_answer_does_not(wire: Wire, echo: Echo) -> None:
    wire.lose_answers()
    with call(wire) as line:
        line.sendall(b"one")
        with pytest.raises(ConnectionResetError):
            line.recv(10)
    assert (echo.heard, wire.lost_answers) == ([b"one"], 1)
    with call(wire) as line:
        line.sendall(b"two")
        assert line.recv(10) == b"two"


def test_a_server_that_is_away_is_a_reset() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        with Wire(silent.getsockname()[1]) as wire, pytest.raises(ConnectionResetError), call(wire) as line:
            line.recv(10)
