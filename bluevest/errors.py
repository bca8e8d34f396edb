"""What the command says when it cannot do as asked: one clear line and exit code 2 (contract: Commands)."""

import errno
import shutil
from pathlib import Path


class OneLineError(Exception):
    """Base of the refusals of this package; `str()` is one line fit for a person."""


class StartError(OneLineError):
    """A part of the service could not be started; the line says which and why."""


def one_line(error: BaseException) -> str:
    """What went wrong as a single line without line breaks, whatever the exception is."""
    if isinstance(error, OSError) and error.errno is not None:
        text = f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror)
    else:
        text = str(error) or type(error).__name__
    return " ".join(text.split())


def disk_full(folder: Path, needed_mb: int | None = None) -> StartError:
    """The line for a full disk, with the megabytes that are left where `folder` lies."""
    need = f", {needed_mb} MB are needed" if needed_mb else ""
    return StartError(f"disk full: {free_mb(folder)} MB free at {folder}{need}")


def free_mb(folder: Path) -> int:
    """Megabytes an ordinary user may still write where `folder`, or its nearest existing ancestor, lies."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free // (1024 * 1024)


def is_disk_full(error: BaseException) -> bool:
    """Whether an error says that nothing more fits on the disk (or into the user's quota)."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
