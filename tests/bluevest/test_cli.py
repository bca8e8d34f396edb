import errno

import pytest

from bluevest import cli
from bluevest.commands import up as up_command
from bluevest.errors import OneLineError
from dispatcher.errors import Conflict
from dispatcher.protection.errors import KeysMissingError


@pytest.fixture(autouse=True)
def no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BLUEVEST_TRACEBACK", raising=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-command"], "no-such-command"),
        (["up", "--no-such-option"], "--no-such-option"),
        (["up", "--port", "many"], "--port"),
        (["up", "--port", "70000"], "--port"),
        (["up", "--port"], "--port"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    output = capsys.readouterr()
    [line] = output.err.splitlines()
    assert said in line
    assert output.out == ""


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OneLineError("no such folder"), "bluevest: no such folder"),
        (OneLineError("two\nlines"), "bluevest: two lines"),
        (Conflict("somebody was first"), "bluevest: somebody was first"),
        (KeysMissingError("no keys"), "bluevest: no keys"),
        (OSError(errno.EACCES, "Permission denied", "/x"), "bluevest: Permission denied: /x"),
        (OSError(errno.ENOSPC, "No space left on device", "/x"), "bluevest: disk full: No space left on device: /x"),
        (
            ZeroDivisionError("by zero"),
            "bluevest: unforeseen ZeroDivisionError: by zero; BLUEVEST_TRACEBACK=1 shows more",
        ),
    ],
)
def test_every_error_of_a_command_is_one_line_and_exit_code_2(
    error: Exception, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("bluevest.up.run", fail)
    assert cli.main(["up"]) == 2
    assert capsys.readouterr().err.splitlines() == [line]


def test_interrupting_is_an_orderly_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bluevest.up.run", interrupt)
    assert cli.main(["up"]) == 0


def test_options_of_up_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr("bluevest.up.run", seen.append)
    assert cli.main(["up", "--demo", "--no-traffic", "--port", "8123"]) == 0
    assert cli.main(["up"]) == 0
    shown = [(o.demo, o.traffic, o.port, o.data) for o in seen]  # type: ignore[attr-defined]
    assert shown == [(True, False, 8123, None), (False, None, up_command.DEFAULT_PORT, None)]


@pytest.mark.parametrize("arguments", [[], ["--help"], ["up", "--help"]])
def test_help_is_no_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 0
    output = capsys.readouterr()
    assert "Usage" in output.out
    assert output.err == ""
