"""The exchange as a process: it ends when told to, also while somebody waits, and says so when its port is taken."""

import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import httpx

SERVE = "from simulator.exchange import serve; serve('127.0.0.1', {port})"


@contextlib.contextmanager
def process(port: int) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen(
        [sys.executable, "-c", SERVE.format(port=port)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def alive(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/healthz", trust_env=False).is_success
    return False


def test_the_exchange_ends_well_while_a_reader_waits(until: Callable[[Callable[[], bool]], None]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with process(port) as exchange:
        until(lambda: alive(url))
        epoch = httpx.get(f"{url}/control/ledger", trust_env=False).json()["epoch"]
        with socket.create_connection(("127.0.0.1", port)) as reader:
            reader.sendall(f"GET /control/ledger?epoch={epoch}&wait=25 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert alive(url)
            exchange.send_signal(signal.SIGTERM)
            _, said = exchange.communicate(timeout=20)
    assert (exchange.returncode, said) == (0, "")


def test_a_taken_port_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with process(port) as exchange:
            _, said = exchange.communicate(timeout=60)
    assert exchange.returncode == 2
    assert said == f"cannot listen on 127.0.0.1 port {port}: Address already in use\n"
