"""What processes cost while something is measured: CPU seconds and the highest memory, with all their children."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil

_EVERY_S = 1.0
_MB = 1024 * 1024


@dataclass
class Usage:
    """`cpu_s` of the whole block; `peak_mb` is the largest sum seen; `parts_mb` the largest of each part."""

    cpu_s: float = 0.0
    peak_mb: float = 0.0
    parts_mb: dict[str, float] = field(default_factory=dict)


def cpu_s(pids: list[int]) -> float:
    """CPU seconds so far, of these processes and all their children."""
    total = 0.0
    for process in _family(pids):
        with suppress(psutil.Error):
            spent = process.cpu_times()
            total += spent.user + spent.system + spent.children_user + spent.children_system
    return total


def memory_mb(pids: list[int]) -> dict[str, float]:
    """Megabytes of each part by name; shared pages count in parts among those that share them (PSS)."""
    found: dict[str, float] = {}
    for process in _family(pids):
        with suppress(psutil.Error):
            name = _part(process)
            found[name] = found.get(name, 0.0) + process.memory_full_info().pss / _MB
    return found


@contextmanager
def watched(*pids: int) -> Iterator[Usage]:
    """Look every second while the block runs; the figures are there when it has ended."""
    usage, stop = Usage(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(list(pids), usage, stop), daemon=True)
    began = cpu_s(list(pids))
    watcher.start()
    try:
        yield usage
    finally:
        stop.set()
        watcher.join()
        usage.cpu_s = cpu_s(list(pids)) - began


def _watch(pids: list[int], usage: Usage, stop: threading.Event) -> None:
    while True:
        parts = memory_mb(pids)
        usage.peak_mb = max(usage.peak_mb, sum(parts.values()))
        for name, size in parts.items():
            usage.parts_mb[name] = max(usage.parts_mb.get(name, 0.0), size)
        if stop.wait(_EVERY_S):
            return


def _family(pids: list[int]) -> list[psutil.Process]:
    found: dict[int, psutil.Process] = {}
    for pid in pids:
        with suppress(psutil.Error):
            first = psutil.Process(pid)
            found |= {one.pid: one for one in (first, *first.children(recursive=True))}
    return list(found.values())


def _part(process: psutil.Process) -> str:
    """`web`, `worker dispatch`, `postgres`, … from the command line."""
    words = process.cmdline() or [process.name()]
    for index, word in enumerate(words):
        if word.rpartition("/")[2] == "bluevest":
            rest = [one for one in words[index + 1 : index + 3] if not one.startswith("-") and not one.isdigit()]
            return " ".join(rest) or "bluevest"
    return words[0].rpartition("/")[2].split(":")[0]
