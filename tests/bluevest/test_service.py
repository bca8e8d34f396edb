import os
from pathlib import Path

import pytest

from bluevest.errors import OneLineError, StartError
from bluevest.service import Service, data_directory, resolve, sole_use
from tests.bluevest.conftest import clean_environment

SERVICE = Service(
    database_url="postgresql://own",
    redis_url="redis://own",
    port=8000,
    public_url="http://127.0.0.1:8000",
    twilio_base_url="http://127.0.0.1:8001",
    simulator_url="http://127.0.0.1:8001",
    keys_file="/data/keys.json",
    pid=1,
)


@pytest.fixture(autouse=True)
def environment_without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ.keys() - clean_environment().keys() - {"PYTEST_CURRENT_TEST"}:
        monkeypatch.delenv(name)


def test_the_folder_is_the_option_else_the_setting_else_below_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert data_directory(None) == tmp_path / "var" / "bluevest"
    monkeypatch.setenv("BLUEVEST_DATA", "/from/setting")
    assert data_directory(None) == Path("/from/setting")
    assert data_directory(Path("option")) == tmp_path / "option"


def test_a_running_service_is_found_by_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sole_use(tmp_path):
        SERVICE.save(tmp_path)
        assert (tmp_path / "service.json").stat().st_mode & 0o777 == 0o600
        variables = resolve(tmp_path).variables
        assert variables["DATABASE_URL"] == "postgresql://own"
        assert variables["REDIS_URL"] == "redis://own"
        assert variables["BLUEVEST_DATA"] == str(tmp_path)
        assert variables["BLUEVEST_KEYS_FILE"] == "/data/keys.json"
        monkeypatch.setenv("BLUEVEST_DATA", str(tmp_path))
        assert resolve(None).variables == variables


def test_a_database_in_the_environment_counts_where_no_service_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://given")
    assert resolve(tmp_path).variables == {}
    (tmp_path / "keys.json").write_text("{}")
    assert resolve(tmp_path).variables == {"BLUEVEST_KEYS_FILE": str(tmp_path / "keys.json")}


def test_the_service_of_a_named_folder_wins_with_its_stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://another")
    monkeypatch.setenv("DATABASE_URL", "postgresql://another")
    monkeypatch.setenv("BLUEVEST_KEYS_FILE", "/another/keys.json")
    monkeypatch.setattr(os, "environ", dict(os.environ))
    with sole_use(tmp_path):
        SERVICE.save(tmp_path)
        resolve(tmp_path).apply()
    assert os.environ["REDIS_URL"] == "redis://own"
    assert os.environ["DATABASE_URL"] == "postgresql://own"
    assert os.environ["BLUEVEST_KEYS_FILE"] == "/data/keys.json"


def test_where_nothing_runs_one_line_says_how_to_start(tmp_path: Path) -> None:
    with pytest.raises(OneLineError, match=f"no service runs with {tmp_path}.*bluevest up"):
        resolve(tmp_path)


def test_the_file_of_a_killed_service_does_not_count(tmp_path: Path) -> None:
    with sole_use(tmp_path):
        SERVICE.save(tmp_path)
        left_over = (tmp_path / "service.json").read_text()
    (tmp_path / "service.json").write_text(left_over)
    with pytest.raises(OneLineError, match="no service runs"):
        resolve(tmp_path)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    with sole_use(tmp_path):
        (tmp_path / "service.json").write_text('{"pid": 1}')
        with pytest.raises(OneLineError, match=r"service\.json is broken"):
            resolve(tmp_path)


def test_one_service_a_folder(tmp_path: Path) -> None:
    with (
        sole_use(tmp_path),
        pytest.raises(StartError, match=f"another bluevest .* \\(pid {os.getpid()}\\)"),
        sole_use(tmp_path),
    ):
        pass
    with sole_use(tmp_path):
        SERVICE.save(tmp_path)
    assert not (tmp_path / "service.json").exists()
