"""Making a backup: a consistent snapshot, checked by reading it back, and only then given its name."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bluevest.backup.archive import Archive
from bluevest.backup.programs import complaint, connection, program, running, size
from bluevest.errors import OneLineError

Progress = Callable[[int], None]
"""Called now and then with the bytes done so far."""

_LOOK_S = 0.2
_LOCK_WAIT = "30s"


def make_backup(url: str, file: Path, progress: Progress) -> int:
    """Write the whole database at `url`, as it is at one moment, into a new file of mode 0600; gives its bytes.

    The service may run: nobody waits for a backup. Under its name there is a whole backup or nothing.
    Raises OneLineError when there is such a file already, the database refuses, or the disk is full.
    """
    if file.exists() or file.is_symlink():
        raise OneLineError(f"{file} is there already: a backup is never written over")
    with _whole_or_not_at_all(file) as half:
        _dump(url, half, progress)
        Archive(half).check()
        return size(half)


def _dump(url: str, half: Path, progress: Progress) -> None:
    place, env = connection(url)
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--lock-wait-timeout={_LOCK_WAIT}"]
    command = [program("pg_dump"), *options, f"--file={half}", f"--dbname={place}"]
    done = threading.Event()
    with running(command, env) as process:
        watcher = threading.Thread(target=_watch, args=(half, progress, done), daemon=True)
        watcher.start()
        try:
            wrong = complaint(process)
        finally:
            done.set()
            watcher.join()
    if wrong:
        raise OneLineError(f"the database cannot be backed up: {wrong}")


def _watch(half: Path, progress: Progress, done: threading.Event) -> None:
    while not done.wait(_LOOK_S):
        progress(size(half))


@contextmanager
def _whole_or_not_at_all(file: Path) -> Iterator[Path]:
    """A file beside it, closed to others, that takes its name once the block is through and all is on the disk."""
    half = file.with_name(f".{file.name}.{os.getpid()}.half")
    half.unlink(missing_ok=True)
    os.close(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield half
        _sync(half)
        half.rename(file)
        _sync(file.parent)
    finally:
        half.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
