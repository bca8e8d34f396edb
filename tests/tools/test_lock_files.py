"""What is pinned, is pinned by content: no lock file says where to fetch it from."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CONSOLE = ROOT / "web" / "console" / "package-lock.json"


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-node.lock"])
def test_no_lock_of_python_packages_names_a_place(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    pinned = [line for line in lines if "==" in line]
    assert len(pinned) > 1
    assert [line for line in lines if "://" in line or line.startswith("-")] == []


def test_the_consoles_lock_names_no_place_but_where_its_authors_may_be_thanked() -> None:
    lock = json.loads(CONSOLE.read_text())
    addresses = [path for path, text in texts(lock) if "://" in text and "funding" not in path]
    assert addresses == []


def test_every_package_of_the_console_has_its_hash() -> None:
    packages = json.loads(CONSOLE.read_text())["packages"]
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_no_package_of_the_console_needs_a_script_to_be_installed() -> None:
    packages = json.loads(CONSOLE.read_text())["packages"]
    assert [name for name, package in packages.items() if package.get("hasInstallScript")] == []


def texts(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text of a JSON document with the keys that lead to it."""
    if isinstance(node, str):
        yield path, node
        return
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from texts(child, (*path, str(key)))
