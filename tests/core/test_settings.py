"""Settings from the environment, and secrets from the files it names."""

from pathlib import Path

import pytest

from bluevest.cli import main
from dispatcher.errors import BadInput
from dispatcher.settings import FROM_FILES, load_settings

URL = "postgresql://bluevest:geheim@db:5432/bluevest"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FROM_FILES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


def secret(tmp_path: Path, content: str | bytes) -> str:
    file = tmp_path / "secret"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(file)


def test_a_secret_comes_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL_FILE", secret(tmp_path, f"{URL}\n"))
    assert load_settings().database_url == URL


@pytest.mark.parametrize("name", FROM_FILES)
def test_every_secret_setting_may_be_a_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(f"{name}_FILE", secret(tmp_path, "hush"))
    assert getattr(load_settings(), name.lower()) == "hush"


@pytest.mark.parametrize(("content", "why"), [("\n", "is empty"), (b"\xff\xfe", "is not UTF-8")])
def test_a_useless_file_is_named(
    content: str | bytes, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = secret(tmp_path, content)
    monkeypatch.setenv("REDIS_URL_FILE", file)
    with pytest.raises(BadInput, match=f"REDIS_URL_FILE: {file} {why}"):
        load_settings()


def test_a_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN_FILE", str(tmp_path / "none"))
    with pytest.raises(BadInput, match=f"TWILIO_AUTH_TOKEN_FILE: {tmp_path}/none cannot be read: No such file"):
        load_settings()


def test_a_value_and_a_file_are_one_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("DATABASE_URL_FILE", secret(tmp_path, URL))
    with pytest.raises(BadInput, match="DATABASE_URL and DATABASE_URL_FILE: give one of them"):
        load_settings()


def test_a_command_says_so_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "none"))
    assert main(["check"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "DATABASE_URL_FILE" in said.err


@pytest.mark.parametrize("proxies", ["0.0.0.0/0", "::/0", "*", "proxy.example", "10.0.0.1/8"])
def test_nobody_is_trusted_by_a_name_and_never_everybody(proxies: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("BLUEVEST_TRUSTED_PROXIES", proxies)
    with pytest.raises(BadInput, match="BLUEVEST_TRUSTED_PROXIES"):
        load_settings()


def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    assert load_settings().proxies == []
    monkeypatch.setenv("BLUEVEST_TRUSTED_PROXIES", "172.30.96.0/24, 10.0.0.5")
    assert load_settings().proxies == ["172.30.96.0/24", "10.0.0.5/32"]
