"""The line between a browser and the service, cut and healed."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.browser.cutter import HOST, Cutter


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that says everything back; its port."""
    with socket.create_server((HOST, 0)) as listening:
        answering: list[threading.Thread] = []
        accepting = threading.Thread(target=accept, args=(listening, answering))
        accepting.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        accepting.join()
        for thread in answering:
            thread.join()


def accept(listening: socket.socket, answering: list[threading.Thread]) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        answering.append(threading.Thread(target=say_back, args=(connection,)))
        answering[-1].start()


def say_back(connection: socket.socket) -> None:
    with connection:
        try:
            while said := connection.recv(1024):
                connection.sendall(said)
        except OSError:
            pass


def asked(cutter: Cutter) -> socket.socket:
    connection = socket.create_connection((HOST, cutter.port), timeout=20)
    connection.sendall("在吗".encode())
    assert connection.recv(1024).decode() == "在吗"
    return connection


def test_what_is_said_comes_back_until_the_line_is_cut(echo: int) -> None:
    with Cutter(echo) as cutter, asked(cutter) as connection:
        cutter.cut()
        with pytest.raises(ConnectionResetError):
            connection.recv(1024)
        with pytest.raises(ConnectionRefusedError):
            asked(cutter)


def test_after_it_healed_the_same_address_answers_again(echo: int) -> None:
    with Cutter(echo) as cutter:
        for _ in range(3):
            with cutter.severed(), pytest.raises(ConnectionRefusedError):
                asked(cutter)
            asked(cutter).close()


def test_a_side_that_hangs_up_is_heard_on_the_other(echo: int) -> None:
    with Cutter(echo) as cutter, asked(cutter) as connection:
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1024) == b""
