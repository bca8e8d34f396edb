import os
import subprocess
import sys
from pathlib import Path
from signal import Signals

import pytest

from bluevest.errors import OneLineError
from bluevest.privileges import Identity, account_to_run_as, first_closed, shielded
from tests.bluevest.conftest import linux_only, nobody, root_only

SHOW_STATUS = ["/bin/cat", "/proc/self/status"]
ONLY_READ_AND_SEARCH = f"{1 << 2:016x}"
NONE = f"{0:016x}"


def status_of_child(identity: Identity) -> dict[str, str]:
    shown = subprocess.run(shielded(SHOW_STATUS, Signals.SIGKILL, identity), capture_output=True, text=True, check=True)
    return dict(line.split(":\t", 1) for line in shown.stdout.splitlines() if ":\t" in line)


@root_only
def test_a_dropped_child_has_the_users_ids_no_groups_of_roots_and_no_capability() -> None:
    account = nobody()
    status = status_of_child(Identity(account))
    assert status["Uid"].split() == [str(account.uid)] * 4
    assert status["Gid"].split() == [str(account.gid)] * 4
    assert status["Groups"].split() == [str(account.gid)]
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {NONE}


@root_only
def test_a_searching_child_keeps_reading_and_nothing_else() -> None:
    status = status_of_child(Identity(nobody(), keep_search=True))
    assert status["Uid"].split() == [str(nobody().uid)] * 4
    assert {status[name] for name in ("CapPrm", "CapEff", "CapAmb")} == {ONLY_READ_AND_SEARCH}


@root_only
def test_a_searching_child_may_read_below_a_closed_folder_but_not_write_there(closed_directory: Path) -> None:
    code = "import pathlib, sys; p = pathlib.Path(sys.argv[1]); print(p.read_text()); p.write_text('mine now')"
    command = [sys.executable, "-I", "-S", "-c", code, str(closed_directory / "other")]
    result = subprocess.run(
        shielded(command, Signals.SIGKILL, Identity(nobody(), keep_search=True)),
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert result.stdout == "not ours\n"
    assert "PermissionError" in result.stderr
    assert (closed_directory / "other").read_text() == "not ours"


@root_only
def test_the_probe_names_the_first_closed_folder_and_changes_nothing(closed_directory: Path) -> None:
    found = first_closed([Path("/bin/cat"), closed_directory / "other"], Identity(nobody()))
    assert found is not None
    assert closed_directory.is_relative_to(found)
    assert first_closed([closed_directory / "other"], Identity(nobody(), keep_search=True)) is None
    assert closed_directory.stat().st_mode & 0o777 == 0o700


@root_only
def test_a_program_that_others_may_not_execute_is_closed_even_to_a_searching_child(closed_directory: Path) -> None:
    program = closed_directory / "program"
    program.write_text("")
    program.chmod(0o700)
    assert first_closed([program], Identity(nobody(), keep_search=True)) == str(program)


@linux_only
def test_a_child_whose_parent_is_gone_already_does_not_start(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    command = shielded(["/bin/touch", str(mark)], Signals.SIGKILL, Identity())
    position = command.index(str(os.getpid()))
    command[position] = str(os.getppid())
    assert subprocess.run(command, check=False).returncode != 0
    assert not mark.exists()


@linux_only
def test_a_program_that_cannot_be_started_says_so_in_one_line() -> None:
    result = subprocess.run(
        shielded(["/nowhere/at/all"], Signals.SIGKILL, Identity()), capture_output=True, text=True, check=False
    )
    assert result.returncode == 127
    assert result.stderr.splitlines() == ["cannot start /nowhere/at/all: No such file or directory"]


@root_only
@pytest.mark.parametrize("name", ["root", "no-such-user-here"])
def test_a_user_that_will_not_do_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLUEVEST_RUN_AS", name)
    with pytest.raises(OneLineError, match=f"BLUEVEST_RUN_AS.*{name}"):
        account_to_run_as()
