"""Free TCP ports on 127.0.0.1."""

import errno
import socket
import time

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether somebody could listen on the port now.

    Raises PermissionError when we may not ask for ports this low.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def free_port(preferred: int = 0) -> int:
    """The preferred port when it is free, else one the system picks."""
    if preferred and is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def becomes_free(port: int, host: str, deadline_s: float) -> bool:
    """Whether the port is free, or becomes so before the deadline: a killed predecessor needs a moment to go."""
    until = time.monotonic() + deadline_s
    while not is_free(port, host):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
