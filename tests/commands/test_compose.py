"""The files of production: what they promise, and that everything they start really runs."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest
import yaml
from websockets.sync.client import connect

from simulator.centre import Centre
from simulator.handset import Exchange
from tests.commands.compose import ROOT, Composed, document, filled, ours, services
from tests.line.people import order, roster, vests
from tests.line.service import foreign_provider

LASTING = [name for name, service in services().items() if service.get("restart") != "no"]
PARTS = ["hooks", "volunteer", "console", "dispatch", "messages", "feedback", "timekeeper"]
EXAMPLE = {"BLUEVEST_PUBLIC_URL": "https://a.example", "BLUEVEST_CONSOLE_URL": "https://b.example"}
PASSWORD = "eine-lange-nacht-am-telefon"


# What the files promise


def test_all_parts_are_there() -> None:
    commands = {" ".join(services()[name]["command"]) for name in ours()}
    assert {command for command in commands if not command.startswith("web")} == {
        "migrate",
        "worker dispatch",
        "worker messages",
        "worker feedback",
        "timekeeper",
        "check",
    }
    surfaces = {services()[name]["command"][2] for name in ("hooks", "volunteer", "console")}
    assert surfaces == {"hooks", "volunteer", "console"}
    assert set(LASTING) == {*PARTS, "postgres", "redis", "proxy"}


@pytest.mark.parametrize("name", services())
def test_no_service_may_more_than_it_needs(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert int(service["user"].partition(":")[0]) > 0, "not root"
    assert not any("docker.sock" in volume for volume in service.get("volumes", []))
    assert service["init"] is True
    assert service["mem_limit"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


@pytest.mark.parametrize("name", LASTING)
def test_every_service_that_lasts_has_a_health_check(name: str) -> None:
    assert services()[name]["restart"] == "unless-stopped"
    assert services()[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert services()[name]["stop_grace_period"] if name in PARTS else True


def test_only_the_proxy_is_reached_from_elsewhere_and_workers_scale() -> None:
    assert [name for name, service in services().items() if "ports" in service] == ["proxy"]
    assert not [name for name, service in services().items() if "container_name" in service]
    assert document()["networks"]["back"] == {"internal": True}
    assert document()["networks"]["front"]["internal"] is True
    for name in ("postgres", "redis", "dispatch", "migrate", "admin"):
        assert services()[name]["networks"] == ["back"]
    assert "back" not in services()["proxy"]["networks"], "the proxy reaches no store"


def test_secrets_are_files_and_each_service_has_its_own_alone() -> None:
    for name in ours():
        service = services()[name]
        values = {key: value for key, value in service["environment"].items() if "/run/secrets/" in str(value)}
        assert {Path(value).name for value in values.values()} == set(service["secrets"])
        assert all(key.endswith("_FILE") for key in values)
        assert not re.search(
            r"PASSWORD|TOKEN", " ".join(key for key in service["environment"] if not key.endswith("_FILE"))
        )
    assert [name for name in PARTS if "twilio_auth_token" in services()[name]["secrets"]] == [
        "hooks",
        "messages",
        "timekeeper",
    ]


def test_everything_waits_for_the_newest_schema() -> None:
    for name in PARTS:
        assert services()[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services()["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_named_volumes_files_and_networks_exist() -> None:
    for name, service in services().items():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("./deploy/"):
                assert (ROOT / source).is_file(), volume
            elif not source.startswith("./"):
                assert source in document()["volumes"], (name, volume)
        assert set(service["networks"]) <= set(document()["networks"])
        assert set(service.get("secrets", [])) <= set(document()["secrets"])


def test_images_are_pinned() -> None:
    for service in services().values():
        image = service["image"]
        assert image.startswith("bluevest:") or re.search(r":\d+\.\d+", image), image
    text = (ROOT / "Dockerfile").read_text()
    bases = re.findall(r"^ARG (?:NODE|PYTHON)=(.+)$", text, re.MULTILINE)
    assert len(bases) == 2
    assert all(re.match(r"\d+\.\d+\.\d+-", base) for base in bases)
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"node:${NODE}", "python:${PYTHON}"}


def test_what_the_image_is_made_of_is_there_and_not_kept_from_it() -> None:
    """Docker itself reads the two files; here their meaning is checked: every source exists and is let through."""
    text = (ROOT / "Dockerfile").read_text()
    let_through = [line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")]
    sources = [word for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE) for word in line.split()[:-1]]
    assert {"pyproject.toml", "requirements.lock", "web/console", "web/console/package-lock.json"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists(), source
        assert source.split("/")[0] in let_through, source
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {name.rstrip("*") for name in packages} <= set(sources)
    assert "npm ci" in text
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)


def test_developers_tools_stay_out_of_the_image() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["dev"]
    removed = re.search(r"pip uninstall --yes --quiet \\\n(.+?)\n[A-Z]", (ROOT / "Dockerfile").read_text(), re.DOTALL)
    assert removed
    assert {re.split(r"[>=<\[;]", tool)[0] for tool in tools} <= set(removed[1].replace("\\", "").split())


def test_the_example_gives_every_value_that_must_be_given() -> None:
    example = dict(
        line.split("=", 1)
        for line in (ROOT / "deploy" / "env.example").read_text().splitlines()
        if "=" in line and line[0] != "#"
    )
    text = filled((ROOT / "docker-compose.yml").read_text(), example)
    assert "${" not in text
    assert yaml.safe_load(text)["services"]["proxy"]["ports"] == ["0.0.0.0:443:8443", "10.0.0.5:9443:8444"]


def test_the_proxy_opens_named_doors_alone() -> None:
    """The doors are the same words as in the proxy's file; that it works was tried with the real program."""
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    outside, inside = text.split(":{$INSIDE_PORT:8444} {")
    assert "handle /hooks/*" in outside
    assert "path /t/* /t-static/* /check /check/*" in outside
    for kept in ("/metrics", "/readyz", "/api", "/ws", "CONSOLE"):
        assert kept not in outside
    assert "{$CONSOLE_HOST:console} {$CONSOLE_PORT:8003}" in inside
    ports = {
        re.search(r"80\d\d", " ".join(services()[name]["command"]))[0] for name in ("hooks", "volunteer", "console")
    }  # type: ignore[index]
    assert ports == {"8001", "8002", "8003"}


def test_the_units_name_commands_that_are_there() -> None:
    """The other way to run production: systemd starts the same commands."""
    units = sorted((ROOT / "deploy" / "systemd").glob("bluevest*"))
    lines = [line for unit in units for line in unit.read_text().splitlines() if "/opt/bluevest/bin/bluevest " in line]
    found = {line.partition("/opt/bluevest/bin/bluevest ")[2].split()[0] for line in lines}
    assert found == {"migrate", "web", "worker", "timekeeper", "backup"}


# That it runs


@pytest.fixture(scope="module")
def provider() -> Iterator[Exchange]:
    with foreign_provider() as exchange:
        yield exchange


@pytest.fixture(scope="module")
def composed(provider: Exchange, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """Everything the file starts, with stores of the test's own in place of the two containers."""
    from bluevest.embedded.postgres import EmbeddedPostgres

    folder = tmp_path_factory.mktemp("compose")
    with EmbeddedPostgres(tmp_path_factory.mktemp("stores"), durable=False).running() as database_url:
        secrets = made_secrets(folder / "secrets")
        (secrets / "database_url").write_text(f"{database_url}\n")
        (secrets / "redis_url").write_text(f"{redis_url}\n")
        (secrets / "twilio_auth_token").write_text(f"{provider.auth_token}\n")
        (folder / "keys").mkdir()
        (folder / "log").mkdir()
        project = Composed({}, secrets, folder / "keys", folder / "log")
        project.env = {
            "BLUEVEST_PUBLIC_URL": project.url(8001),
            "BLUEVEST_CONSOLE_URL": project.url(8003),
            "TWILIO_ACCOUNT_SID": provider.account_sid,
            "TWILIO_FROM": provider.number,
            "BLUEVEST_TWILIO_BASE_URL": provider.url,
        }
        project.once("migrate")
        try:
            for name in PARTS:
                project.start(name)
            yield project
        finally:
            project.stop()


def made_secrets(folder: Path) -> Path:
    subprocess.run(["sh", str(ROOT / "deploy" / "make-secrets.sh"), str(folder)], check=True, capture_output=True)
    return folder


def test_secrets_are_made_once_and_fit_each_other(tmp_path: Path) -> None:
    folder = made_secrets(tmp_path / "secrets")
    made = {file.name: file.read_text() for file in folder.iterdir()}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert made["database_password"].strip() in made["database_url"]
    assert f"requirepass {made['redis_password']}" in made["valkey_conf"]
    assert made["redis_password"].strip() in made["redis_url"]
    assert made["postgres_password"] != made["database_password"]
    made_secrets(folder)
    assert {file.name: file.read_text() for file in folder.iterdir()} == made


@pytest.mark.parametrize("name", PARTS)
def test_every_service_becomes_healthy_by_its_own_check(composed: Composed, name: str) -> None:
    composed.becomes_healthy(name)


def test_the_administrator_finds_all_well(composed: Composed) -> None:
    assert "ok  redis: reached" in composed.once("admin")


def test_an_order_at_the_hooks_is_an_event_at_the_console_and_a_text(composed: Composed, provider: Exchange) -> None:
    composed.once("admin", "demo-places")
    file = composed.log / "roster.csv"
    file.write_text(roster(vests(1)))
    composed.once("admin", "roster", "import", str(file))
    secret = composed.once("admin", "source", "add", "centre").strip()
    officer = ("officer", "add", "li.na", "--station", "440306-LT", "--role", "duty", "--password-stdin")
    composed.once("admin", *officer, stdin=f"{PASSWORD}\n")
    for name in PARTS:
        composed.becomes_healthy(name)
    with httpx.Client(base_url=composed.url(8003), trust_env=False, timeout=30) as client:
        cookie = enrolled(client)
        address = composed.url(8003).replace("http", "ws", 1) + "/ws/console"
        with connect(address, additional_headers={"Cookie": cookie}, proxy=None, max_size=None) as socket:
            socket.send('{"type":"start"}')
            assert json.loads(socket.recv(30))["type"] == "snapshot"
            with Centre(composed.url(8001), "centre", secret) as centre:
                case_id = centre.send_alert(order()).case_id
            event = json.loads(socket.recv(30))
    assert (event["kind"], event["case_id"]) == ("case.opened", case_id)
    provider.phone(vests(1)[0]).expect_sms("【蓝马甲】特急", timeout=60)


def enrolled(client: httpx.Client) -> str:
    """The cookie of the officer, who has enrolled a second factor: production insists on it."""
    me = client.post("/api/session", json={"username": "li.na", "password": PASSWORD})
    assert me.json()["needs_enrolment"] is True
    secret = client.post("/api/session/totp").json()["secret"]
    done = client.post("/api/session/totp/confirm", json={"totp": pyotp.TOTP(secret).now()})
    assert done.json()["needs_enrolment"] is False
    return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def test_counters_are_there_for_monitoring_and_the_surfaces_stay_apart(composed: Composed) -> None:
    for port in (8001, 8002, 8003):
        assert "bluevest_orders" in httpx.get(f"{composed.url(port)}/metrics", trust_env=False).text
    assert httpx.get(f"{composed.url(8001)}/api/cases", trust_env=False).status_code == 404
    assert httpx.get(f"{composed.url(8002)}/api/cases", trust_env=False).status_code == 404
    assert httpx.post(f"{composed.url(8003)}/hooks/centre/alerts", trust_env=False).status_code in {404, 405}
