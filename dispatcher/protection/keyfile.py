"""The file the keys live in: made once, replaced whole, closed to others."""

import fcntl
import logging
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dispatcher.protection.errors import KeysExistError, KeysMissingError, KeysUnusableError

_LOG = logging.getLogger(__name__)
_PRIVATE = 0o600

Stamp = tuple[int, int, int]
"""Inode, size and time of change of a file: differs once the file has been replaced."""


def stamp(path: Path) -> Stamp | None:
    """What tells this version of the file from the next, or None when the file cannot be seen."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def read(path: Path) -> str:
    """The file's text.

    A file that others may read is used all the same, with a warning: container platforms mount secrets with
    mode 0444, and a service that stays down protects nobody.

    Raises KeysMissingError when there is none, KeysUnusableError when it cannot be read.
    """
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                _LOG.warning("the key file %s can be read by other users; run: chmod 600 %s", path, path)
            return file.read().decode()
    except FileNotFoundError:
        raise KeysMissingError(f"there is no key file at {path}") from None
    except OSError as error:
        raise KeysUnusableError(f"the key file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise KeysUnusableError(f"the key file {path} is not UTF-8 text") from None


def create(path: Path, text: str) -> None:
    """Write a new file of mode 0600, whole or not at all, and never over another.

    Raises KeysExistError when something stands there already, KeysUnusableError when it cannot be written.
    """
    with _written_beside(path, text) as whole:
        try:
            os.link(whole, path)
        except FileExistsError:
            raise KeysExistError(f"there is a key file at {path} already; it is never written over") from None


def replace(path: Path, text: str) -> None:
    """Put a new version in the file's place in one step; its owner stays who it was.

    Raises KeysUnusableError when it cannot be written.
    """
    with _written_beside(path, text) as whole:
        old = path.stat()
        if os.geteuid() == 0:
            os.chown(whole, old.st_uid, old.st_gid)
        whole.replace(path)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the folder's lock, so that of two rotations at once neither loses the other's key.

    Raises KeysUnusableError when the folder cannot be opened.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise KeysUnusableError(f"the folder {path.parent} cannot be opened: {error.strerror}") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@contextmanager
def _written_beside(path: Path, text: str) -> Iterator[Path]:
    """A temporary file in the same folder, complete and on the disk; gone afterwards if still there."""
    whole = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            yield whole
            _sync_folder(path.parent)
        finally:
            with suppress(FileNotFoundError):
                whole.unlink()
    except OSError as error:
        raise KeysUnusableError(f"the key file {path} cannot be written: {error.strerror}") from None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
