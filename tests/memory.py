"""Temporary files of tests in memory: a database is copied for each test, which a disk takes many times longer for."""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY, _ENOUGH = Path("/dev/shm"), 2 * 1024**3


def use_memory() -> None:
    """Put temporary files into memory, here and in child processes, where the machine has room and programs may run there.

    Whoever has set TMPDIR has chosen already.
    """
    if "TMPDIR" not in os.environ and _fits(_MEMORY):
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None


def _fits(folder: Path) -> bool:
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    return not os.statvfs(folder).f_flag & os.ST_NOEXEC and shutil.disk_usage(folder).free >= _ENOUGH
