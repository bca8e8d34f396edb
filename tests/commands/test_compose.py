"""Every command that the compose file runs is one that this version has, with options it knows."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = [
    json.loads(found)
    for found in re.findall(r"^    command: (\[.*\])$", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE)
    if "valkey-server" not in found
]


def test_all_parts_are_there() -> None:
    heads = {" ".join(command[:2]) if command[0] == "worker" else command[0] for command in COMMANDS}
    assert heads == {"migrate", "web", "worker dispatch", "worker messages", "worker feedback", "timekeeper"}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_command_is_understood(command: list[str]) -> None:
    asked = [sys.executable, "-m", "bluevest", *command, "--help"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    named = [word for word in command if word.startswith("--")]
    assert all(option in done.stdout for option in named)
