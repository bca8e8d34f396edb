import json
import os
import signal
import socket
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from bluevest.embedded.ports import free_port
from tests.bluevest.conftest import IS_ROOT, USERS, Script, assert_gone, descendants_of, linux_only

DUMMY = Path(__file__).with_name("dummy.py")
UP = f"""
import sys
import bluevest.up
from bluevest import cli
bluevest.up.own_command = lambda: [sys.executable, {str(DUMMY)!r}]
sys.exit(cli.main(["up", *sys.argv[1:]]))
"""
UP_ON_A_FULL_DISK = "import bluevest.up; bluevest.up.free_mb = lambda _: 7\n" + UP
UP_WITHOUT_PATIENCE = "import bluevest.up; bluevest.up._PORT_S = 0.1\n" + UP

Start = Callable[..., Script]


@pytest.fixture
def port() -> int:
    return free_port()


def kill_part(script: Script, command: str) -> int:
    """Kill one child by its public command; gives its pid."""
    for pid in script.children():
        if command in Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode():
            os.kill(pid, signal.SIGKILL)
            return pid
    raise AssertionError(f"no child runs {command}")


def refused(script: Script) -> str:
    """The one line on stderr of a start that failed with exit code 2."""
    _, errors = script.process.communicate()
    assert script.process.returncode == 2, errors
    [line] = errors.splitlines()
    return str(line)


@linux_only
@pytest.mark.parametrize("user", USERS)
def test_a_demo_from_the_first_line_to_the_last(
    user: str, directory_of: Callable[[str], Path], start_script: Start, port: int
) -> None:
    directory = directory_of(user)
    script = start_script(UP, "--demo", "--port", str(port), "--data", str(directory), user=user)
    assert "ready" in script.read_until("ready")
    shown = "\n".join(script.lines)
    assert f"http://127.0.0.1:{port}" in shown
    assert "liutang / blue-vest-liutang-demo" in shown
    assert "simulation" in shown
    assert [line for line in script.lines if "ready" in line] == script.lines[-1:]

    service = json.loads((directory / "service.json").read_text())
    assert service["pid"] == script.process.pid
    with psycopg.connect(service["database_url"]) as connection:
        connection.execute("CREATE TABLE kept ()")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
        assert answer.status == 200
    seen = json.loads((directory / "seen-worker").read_text())
    assert seen["BLUEVEST_SECOND_FACTOR"] == "optional"
    assert seen["DATABASE_URL"] == service["database_url"]
    assert (directory / "seen-demo-seed").exists()
    assert (directory / "keys.json").stat().st_mode & 0o777 == 0o600

    for command in ("worker dispatch", "web --port", "bin/postgres", "valkey-server"):
        killed = kill_part(script, command)
        script.read_until("starting it again")
        assert_gone([killed])

    everything = descendants_of(script.process.pid)
    script.process.send_signal(signal.SIGINT)
    script.read_until("stopped")
    assert script.process.wait() == 0
    assert_gone(everything)
    assert not (directory / "service.json").exists()
    assert (directory / "other").read_text() == "not ours"


@linux_only
def test_after_kill_9_nothing_is_left_and_the_next_start_has_all_data(
    tmp_path: Path, start_script: Start, port: int
) -> None:
    arguments = ["--port", str(port), "--data", str(tmp_path)]
    first = start_script(UP, *arguments)
    first.read_until("ready")
    url = json.loads((tmp_path / "service.json").read_text())["database_url"]
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept ()")
    keys = (tmp_path / "keys.json").read_text()
    assert not (tmp_path / "seen-demo-seed").exists()
    everything = descendants_of(first.process.pid)
    first.process.kill()
    second = start_script(UP, *arguments)
    second.read_until("ready")
    assert_gone(everything)
    assert json.loads((tmp_path / "service.json").read_text())["database_url"] == url
    with psycopg.connect(url) as connection:
        connection.execute("SELECT FROM kept")
    assert (tmp_path / "keys.json").read_text() == keys


def test_a_second_start_with_the_same_folder_is_refused(tmp_path: Path, start_script: Start, port: int) -> None:
    holder = start_script(
        "import sys, time; from pathlib import Path; from bluevest.service import sole_use\n"
        "with sole_use(Path(sys.argv[1])): print('holding', flush=True); time.sleep(600)",
        str(tmp_path),
    )
    holder.read_until("holding")
    line = refused(start_script(UP, "--data", str(tmp_path), "--port", str(port)))
    assert f"another bluevest is running with {tmp_path} (pid {holder.process.pid})" in line


def test_a_port_in_use_is_refused_before_anything_is_made(tmp_path: Path, start_script: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refused(start_script(UP_WITHOUT_PATIENCE, "--data", str(tmp_path), "--port", str(port)))
    assert line == f"bluevest: port {port} is in use; choose another (--port)"
    assert not (tmp_path / "postgres").exists()


def test_a_full_disk_is_refused_with_what_is_left_and_needed(tmp_path: Path, start_script: Start, port: int) -> None:
    line = refused(start_script(UP_ON_A_FULL_DISK, "--data", str(tmp_path), "--port", str(port)))
    assert "disk full: " in line
    assert f"MB free at {tmp_path}, 200 MB are needed" in line


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path, start_script: Start, port: int) -> None:
    (tmp_path / "data").write_text("")
    line = refused(start_script(UP, "--data", str(tmp_path / "data"), "--port", str(port)))
    assert line == f"bluevest: data folder is broken: {tmp_path / 'data'} is not a folder"


def test_a_folder_with_garbage_in_the_place_of_the_database_is_refused(
    tmp_path: Path, start_script: Start, port: int
) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    (tmp_path / "postgres" / "data" / "garbage").write_text("")
    line = refused(start_script(UP, "--data", str(tmp_path), "--port", str(port)))
    assert f"data folder is broken: {tmp_path}/postgres/" in line


@pytest.fixture
def stores_elsewhere(server_url: str, redis_url: str) -> dict[str, str]:
    return {"DATABASE_URL": server_url, "REDIS_URL": redis_url}


def test_stores_given_by_address_replace_the_embedded_ones(
    tmp_path: Path, start_script: Start, port: int, stores_elsewhere: dict[str, str]
) -> None:
    provider = {"BLUEVEST_TWILIO_BASE_URL": "http://127.0.0.1:9"}
    arguments = ["--no-traffic", "--port", str(port), "--data", str(tmp_path)]
    script = start_script(UP, *arguments, env=stores_elsewhere | provider)
    script.read_until("ready")
    assert not (tmp_path / "postgres").exists()
    assert not (tmp_path / "valkey").exists()
    assert not (tmp_path / "seen-simulator").exists()
    seen = json.loads((tmp_path / "seen-web").read_text())
    assert (stores_elsewhere | provider).items() <= seen.items()
    assert seen["TWILIO_FROM"] == "+8613900009999"
    script.process.terminate()
    assert script.process.wait() == 0


@pytest.mark.parametrize("command", ["migrate", "web"])
def test_a_part_that_fails_at_the_start_gives_its_own_reason(
    command: str, tmp_path: Path, start_script: Start, port: int, stores_elsewhere: dict[str, str]
) -> None:
    (tmp_path / f"fail-{command}").write_text(
        "Traceback, of no use\nbluevest: the tables are newer than this program\n"
    )
    script = start_script(UP, "--port", str(port), "--data", str(tmp_path), env=stores_elsewhere)
    line = refused(script)
    assert line.startswith(f"bluevest: {command}")
    assert line.endswith("the tables are newer than this program")
    assert (tmp_path / "keys.json").exists() is (command != "migrate")  # lost keys are never replaced by new ones


@pytest.mark.skipif(not IS_ROOT, reason="an ordinary user needs no other to run the stores as")
def test_an_unknown_user_to_run_as_is_refused(tmp_path: Path, start_script: Start, port: int) -> None:
    script = start_script(
        UP, "--data", str(tmp_path), "--port", str(port), env={"BLUEVEST_RUN_AS": "no-such-user-here"}
    )
    assert "BLUEVEST_RUN_AS: there is no user no-such-user-here" in refused(script)
