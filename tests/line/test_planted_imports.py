"""What `make check` is for: a planted import against the direction and a planted untyped function are found."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.line.service import ROOT

PACKAGES = ("bluevest", "dispatcher", "workers", "web", "simulator")
BIN = Path(sys.prefix) / "bin"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages and their settings, to plant something in."""
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "node_modules", "static")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=copy,
        env={"PATH": f"{BIN}:/usr/bin:/bin", "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_import_from_web_to_workers_is_found(copy: Path) -> None:
    clean = run(copy, "lint-imports", "--no-cache")
    assert clean.returncode == 0, clean.stdout + clean.stderr
    (copy / "web" / "planted.py").write_text("from workers.table import TABLE\n\n__all__ = ['TABLE']\n")
    found = run(copy, "lint-imports", "--no-cache")
    assert found.returncode != 0
    assert "web.planted -> workers.table" in found.stdout


def test_an_untyped_function_is_found(copy: Path) -> None:
    (copy / "dispatcher" / "planted.py").write_text('"""Planted."""\n\n\ndef planted(number):\n    return number\n')
    found = run(copy, "mypy", "--follow-imports=silent", "-m", "dispatcher.planted", "--cache-dir", str(copy / "cache"))
    assert found.returncode != 0
    assert "dispatcher/planted.py:4: error: Function is missing a type annotation" in found.stdout
