"""Which Chromium the browser tests run in; one that is missing is said in one line."""

from pathlib import Path

import pytest

from tools import browser


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine where nothing is installed; programs may be put into the folder."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.delenv("BLUEVEST_BROWSER", raising=False)
    monkeypatch.delenv("BLUEVEST_INSTALL_BROWSER", raising=False)
    monkeypatch.setattr(browser, "LOCAL", tmp_path / "browsers")
    return programs


def program(path: Path, code: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {code}\n")
    path.chmod(0o755)
    return path


def test_the_systems_comes_first(bare_machine: Path, tmp_path: Path) -> None:
    program(tmp_path / "browsers" / "chromium-1200" / "chrome-linux64" / "chrome")
    own = program(bare_machine / "chromium")
    assert browser.find_chromium() == str(own)


def test_one_that_does_not_start_is_passed_over(bare_machine: Path, tmp_path: Path) -> None:
    program(bare_machine / "chromium-browser", code=1)
    local = program(tmp_path / "browsers" / "chromium-1200" / "chrome-linux64" / "chrome")
    assert browser.find_chromium() == str(local)


def test_without_any_one_line_says_what_to_install(bare_machine: Path) -> None:
    with pytest.raises(browser.NoBrowser) as refused:
        browser.find_chromium()
    said = str(refused.value)
    assert "\n" not in said
    assert "chromium" in said
    assert "fonts-noto-cjk" in said


def test_one_that_is_named_is_taken_or_refused_but_never_replaced(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(bare_machine / "chromium")
    named = program(tmp_path / "mine")
    monkeypatch.setenv("BLUEVEST_BROWSER", str(named))
    assert browser.find_chromium() == str(named)
    named.unlink()
    with pytest.raises(browser.NoBrowser, match="mine"):
        browser.prepare()


def test_nothing_is_installed_unasked(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare_machine / "apt-get")
    monkeypatch.setattr(browser.os, "geteuid", lambda: 0)
    assert not browser.may_install()
    monkeypatch.setenv("BLUEVEST_INSTALL_BROWSER", "1")
    assert browser.may_install()
    monkeypatch.setattr(browser.os, "geteuid", lambda: 1000)
    assert not browser.may_install()
