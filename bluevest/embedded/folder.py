"""A store's own subfolder of DIR: made, handed to its user, and its small file of port and passwords.

DIR and everything above it stay as they are: their modes are not ours to change.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from bluevest.errors import StartError, disk_full, is_disk_full
from bluevest.privileges import Account

_PASSWORD_BYTES = 24


@dataclass(frozen=True)
class Access:
    """How to reach a store: its TCP port on 127.0.0.1, 0 while none was chosen, and its passwords."""

    port: int
    password: str = field(repr=False)
    admin_password: str = field(repr=False)

    @classmethod
    def fresh(cls) -> Self:
        """New random passwords, no port yet."""
        return cls(0, secrets.token_urlsafe(_PASSWORD_BYTES), secrets.token_urlsafe(_PASSWORD_BYTES))

    @classmethod
    def load(cls, path: Path) -> Self:
        """What an earlier start wrote.

        Raises StartError when the file is missing or broken.
        """
        try:
            content = json.loads(path.read_text())
            return cls(int(content["port"]), str(content["password"]), str(content["admin_password"]))
        except FileNotFoundError:
            raise StartError(f"data folder is broken: {path} is missing") from None
        except (ValueError, LookupError, TypeError):
            raise StartError(f"data folder is broken: {path} cannot be read") from None

    def save(self, path: Path) -> None:
        """Write the file whole or not at all, readable by its owner alone."""
        write_private(path, json.dumps(asdict(self)) + "\n")


PRIVATE = 0o700
PASSABLE = 0o711
"""A store's user must pass through to its data; what lies on the way is private by itself."""


def make_folder(path: Path, mode: int = PRIVATE) -> None:
    """Make a folder of this mode, and those above it where they are missing; one that is there keeps its mode.

    Raises StartError when something else stands there or it may not be made.
    """
    try:
        if not path.is_dir():
            path.mkdir(parents=True)
            path.chmod(mode)
        if not os.access(path, os.W_OK | os.X_OK):
            raise StartError(f"data folder: no right to write to {path}")
    except (FileExistsError, NotADirectoryError):
        raise StartError(f"data folder is broken: {path} is not a folder") from None
    except OSError as error:
        if is_disk_full(error):
            raise disk_full(path) from None
        raise StartError(f"data folder: cannot make {path}: {error.strerror}") from None


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 by a temporary name, so that nobody sees half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def hand_over(path: Path, account: Account | None) -> None:
    """Give a folder of ours with all that is in it to the user the store runs as; nothing to do when it is theirs.

    Raises StartError when we are an ordinary user and it belongs to another.
    """
    owner = account.uid if account else os.geteuid()
    if path.stat().st_uid == owner:
        return
    if account is None:
        raise StartError(f"{path} belongs to user {path.stat().st_uid}: start as that user, or as root")
    for folder, _, files in os.walk(path, topdown=False):  # the top last: its owner says that all is done
        for name in files:
            os.lchown(Path(folder) / name, account.uid, account.gid)
        os.chown(folder, account.uid, account.gid)
