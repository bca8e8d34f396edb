"""The parts that write heartbeats: their names, and how long a heartbeat says that its part is alive."""

import socket

PARTS = ("worker dispatch", "worker messages", "worker feedback", "timekeeper")
FRESH_S = 15
"""Older than this, a heartbeat says that its part is gone; one is written every four seconds."""


def name_here(part: str) -> str:
    """The part's name on this machine; a container's host name is its own."""
    return f"{part}@{socket.gethostname()}"
