"""Which node builds the console, and what is said when it cannot."""

from pathlib import Path

import pytest

from tools import node


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        ("v20.20.2", True),
        ("v20.19.0", True),
        ("v20.18.9", False),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.1.0", True),
        ("v18.19.0", False),
        ("", False),
    ],
)
def test_a_node_that_the_builder_cannot_run_with_is_not_taken(version: str, fits: bool) -> None:
    assert node.fits(version, "^20.19.0 || >=22.12.0") is fits


def test_a_range_of_a_form_nobody_knows_fits_nothing() -> None:
    assert not node.fits("v22.12.0", "~22 || 22.x || <30")


@pytest.mark.parametrize("script", ["build", "test", "check"])
def test_each_tool_says_which_node_it_wants(script: str) -> None:
    assert node.fits("v24.19.0", node.wanted(script))
    assert not node.fits("v16.0.0", node.wanted(script))


def test_a_machine_without_node_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert node.machines_node(">=0.1") is None


def test_an_old_node_on_the_machine_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, version in (("node", "v18.20.0"), ("npm", "10.0.0")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert node.machines_node("^20.19.0 || >=22.12.0") is None
    found = node.machines_node("^18.0.0")
    assert found is not None
    assert (found.version, found.npm) == ("v18.20.0", (str(tmp_path / "npm"),))


def test_a_cache_that_cannot_be_written_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = node.Node("v22.12.0", ("npm",), tmp_path, "of a test")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    assert node.environment(here)["npm_config_cache"] == str(tmp_path / "cache")
    monkeypatch.setenv("npm_config_cache", "/proc/nowhere/cache")
    monkeypatch.setattr(node.os, "access", lambda *_: False)
    assert node.environment(here)["npm_config_cache"].startswith(node.sys.prefix)


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("building\nerror during build:\n\x1b[31m[UNRESOLVED_IMPORT] \x1b[0mCould not resolve './x'\n", "[UNRESOLVED"),
        ("npm error code E404\nnpm error 404 Not Found - GET vue-x\nnpm error more\n", "npm error 404 Not Found"),
        ("one\nsh: 1: vite: not found\n\n", "sh: 1: vite: not found"),
        ("", "it said nothing"),
    ],
)
def test_of_much_output_the_line_is_told_that_tells_most(output: str, line: str) -> None:
    assert node.telling(output).startswith(line)
