"""The `bluevest` command: the modules of `bluevest.commands`, and one place where errors become one line."""

import os
import sys
import traceback
from collections.abc import Sequence

import typer
from typer.exceptions import Abort, TyperException

from bluevest.commands import (
    backups,
    health,
    maintenance,
    parts,
    people,
    places,
    policy,
    shifts,
    simulate,
    simulation,
    sources,
    stations,
    up,
)
from bluevest.errors import OneLineError, is_disk_full, one_line
from dispatcher.errors import DispatcherError
from dispatcher.protection.errors import ProtectionError
from dispatcher.settings import secrets_from_files

FAILED = 2
_INTERRUPTED = 130

app = typer.Typer(
    name="bluevest",
    help="蓝马甲: anti-fraud early-warning dispatch.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _root(context: typer.Context) -> None:
    _take_secrets()
    if context.invoked_subcommand is None:
        sys.stdout.write(context.get_help() + "\n")


def _take_secrets() -> None:
    """Put the secrets that lie in files where every command and its children look for them.

    Raises BadInput that names the file.
    """
    for name, value in secrets_from_files(os.environ).items():
        os.environ[name] = value
        del os.environ[f"{name}_FILE"]


for _module in (
    up,
    parts,
    places,
    stations,
    people,
    sources,
    policy,
    shifts,
    maintenance,
    backups,
    health,
    simulation,
    simulate,
):
    _module.register(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0, or 2 with exactly one line on stderr (contract: Commands).

    BLUEVEST_TRACEBACK=1, which `up` sets for its parts' logs, shows where an unforeseen error came from as well.
    """
    try:
        code = app(args=list(arguments) if arguments is not None else None, standalone_mode=False)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  # nobody reads on: nothing to flush at the end
        return 0
    except KeyboardInterrupt:
        return 0
    except Exception as error:  # noqa: BLE001  # a person gets one line, whatever happened
        sys.stderr.write(f"bluevest: {_line(error)}\n")
        return FAILED
    return FAILED if isinstance(code, int) and code not in {0, _INTERRUPTED} else 0


def _line(error: Exception) -> str:
    if isinstance(error, TyperException):
        return " ".join(error.format_message().split())
    if isinstance(error, Abort):
        return "given up"
    if isinstance(error, OneLineError | DispatcherError | ProtectionError):
        return one_line(error)
    if os.environ.get("BLUEVEST_TRACEBACK") == "1":
        traceback.print_exception(error)
    return _unforeseen(error)


def _unforeseen(error: Exception) -> str:
    if is_disk_full(error):
        return f"disk full: {one_line(error)}"
    if isinstance(error, OSError):
        return one_line(error)
    return f"unforeseen {type(error).__name__}: {one_line(error)}; BLUEVEST_TRACEBACK=1 shows more"
