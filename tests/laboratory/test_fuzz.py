"""The fuzzer over the three readers, for a moment each; and that it finds what is there to be found."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.line.service import ROOT

pytest.importorskip("atheris", reason="no wheel for this machine")

SECONDS = 3
TRAP = """
import sys
from pathlib import Path
from laboratory import fuzz

def trapped(content):
    assert b"K7" not in content

fuzz.TARGETS = {"sms": trapped}
fuzz.main("sms", 20, Path(sys.argv.pop()))
"""


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False, errors="replace")


@pytest.mark.parametrize("target", ["sms", "order", "roster"])
def test_a_reader_reads_or_refuses_whatever_comes(target: str, tmp_path: Path) -> None:
    done = run("-m", "laboratory.fuzz", target, "--seconds", str(SECONDS), "--corpus", str(tmp_path))
    assert done.returncode == 0, done.stderr[-3000:]
    assert "DONE" in done.stderr


def test_a_trap_is_found(tmp_path: Path) -> None:
    done = run("-c", TRAP, str(tmp_path))
    assert done.returncode != 0, done.stderr[-3000:]
    assert list(tmp_path.glob("crash-*"))
