"""Ten thousand connections that say nothing: the service goes on, and soon hangs up on all of them."""

import contextlib
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.line.processes import until
from tests.line.service import RunningService

SLEEPERS, RESERVE = 10_000, 400
MOST_GROWTH = 200 * 1024 * 1024
"""Bytes; about 20 kB a sleeper: its socket, its parser, its clock."""


@pytest.fixture
def sleepers() -> Iterator[int]:
    """How many files this process may open, at most ten thousand besides its own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = hard if hard != resource.RLIM_INFINITY else SLEEPERS + RESERVE
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, SLEEPERS + RESERVE), hard))
    yield min(SLEEPERS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - RESERVE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def resident(pid: int) -> int:
    """Bytes in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_ten_thousand_sleepers_disturb_nobody(service: RunningService, sleepers: int) -> None:
    web = service.pid("web")
    memory, files = resident(web), open_files(web)
    with ExitStack() as stack:
        for _ in range(sleepers):
            stack.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=60))
        assert httpx.get(f"{service.url}/readyz", timeout=60, trust_env=False).is_success
        assert resident(web) - memory < MOST_GROWTH
        until(lambda: open_files(web) <= files + 50, "the sleepers are hung up on")
    assert httpx.get(f"{service.url}/readyz", timeout=60, trust_env=False).is_success
    assert service.pid("web") == web, "it is the same process"
