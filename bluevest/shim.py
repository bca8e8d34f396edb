"""Runs for a moment in a child's place: gives up root, ties the child to its parent's life, then becomes the child.

A script for `python -I -S shim.py PARENT SIGNAL UID GID SEARCH [--probe] ARGUMENT…`; it imports nothing of this
package, so that it starts in about ten milliseconds and works wherever Python itself does. Linux only.

PARENT is the pid whose death sends SIGNAL (a number) to the child. UID and GID are -1 to stay who we are.
SEARCH is 1 to keep one single capability of root's, CAP_DAC_READ_SEARCH: reading below folders that are closed to
the ordinary user. With --probe the arguments are paths instead of a command: the first that cannot be entered or
read is printed, with exit code 3.

The order matters: changing the user clears a parent-death signal, so that is set afterwards; and the parent may have
died before, so its pid is compared last.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
# Without it the kernel's access() ignores the capability, and PostgreSQL looks for its own binary with access().
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522
_CANNOT_START = 127
_CLOSED = 3
_CANNOT_DROP = 4
_FIXED_ARGUMENTS = 6


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def _call(function: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")


def _prctl(option: int, *arguments: int) -> None:
    padded = [*arguments, 0, 0, 0, 0][:4]
    _call("prctl", option, *(ctypes.c_ulong(argument) for argument in padded))


def drop_to(uid: int, gid: int, *, keep_search: bool) -> None:
    """Become an ordinary user for good, with no capability left or with CAP_DAC_READ_SEARCH alone.

    Raises OSError when this process may not do that.
    """
    if keep_search:
        _prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP)
    os.setgroups([gid])
    os.setgid(gid)
    os.setuid(uid)
    if keep_search:
        only = 1 << _CAP_DAC_READ_SEARCH
        sets = (_Sets * 2)(_Sets(only, only, only), _Sets(0, 0, 0))
        _call("capset", ctypes.byref(_Header(_CAPABILITY_VERSION_3, 0)), sets)
        _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_READ_SEARCH)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def first_closed(paths: list[str]) -> str | None:
    """The first folder on the way to one of the paths, or path, that this process can neither enter nor read."""
    for path in paths:
        folder = "/"
        for name in os.path.dirname(path).split("/"):  # noqa: PTH120  # pathlib would double the start-up time
            folder = os.path.join(folder, name)  # noqa: PTH118
            if not os.access(folder, os.X_OK):
                return folder
        if not os.access(path, os.R_OK):
            return path
        if os.stat(path).st_mode & 0o111 and not os.access(path, os.X_OK):  # noqa: PTH116
            return path
    return None


def main(argv: list[str]) -> int:
    """Do what the module says; comes back only when the child could not be started, or after a probe."""
    parent, death_signal, uid, gid, search = (int(argument) for argument in argv[1:_FIXED_ARGUMENTS])
    rest = argv[_FIXED_ARGUMENTS:]
    try:
        if uid >= 0:
            drop_to(uid, gid, keep_search=bool(search))
    except OSError as error:
        sys.stderr.write(f"cannot run as user {uid}: {error.strerror}\n")
        return _CANNOT_DROP
    if rest[0] == "--probe":
        closed = first_closed(rest[1:])
        sys.stdout.write(closed or "")
        return _CLOSED if closed else 0
    _prctl(_PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        return _CANNOT_START
    try:
        os.execv(rest[0], rest)  # noqa: S606  # becoming the child is the purpose
    except OSError as error:
        sys.stderr.write(f"cannot start {rest[0]}: {error.strerror}\n")
    return _CANNOT_START


if __name__ == "__main__":
    sys.exit(main(sys.argv))
