"""`bluevest up --demo`: the first minutes as somebody sees them who has just started it."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bluevest import demo
from bluevest.embedded.ports import free_port
from simulator.officer import Officer
from tests.line.processes import PATIENCE_S, until, working_in
from tests.line.service import BLUEVEST, ROOT, data_folder

_OURS = ("BLUEVEST_", "TWILIO_", "DATABASE_URL", "REDIS_URL")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}


class Demo:
    """A demonstration that tells its story without pauses; `lines` is what it has said."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.url = data, f"http://127.0.0.1:{port}"
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # as long-lived as the demonstration
        self.process = subprocess.Popen(
            [*BLUEVEST, "up", "--demo", "--port", str(port), "--data", str(data)],
            env=ENVIRONMENT | {"BLUEVEST_SIM_STORY_PACE": "0"},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.STDOUT,
        )

    @property
    def lines(self) -> list[str]:
        size = os.fstat(self._said.fileno()).st_size
        return os.pread(self._said.fileno(), size, 0).decode().splitlines()

    def wait_for(self, text: str) -> str:
        """The first line with this text."""

        def said() -> bool:
            assert self.process.poll() is None, self.lines
            assert not any("故事中断" in line or "已由真人接手" in line for line in self.lines), self.lines
            return any(text in line for line in self.lines)

        until(said, text, 4 * PATIENCE_S)
        return next(line for line in self.lines if text in line)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*BLUEVEST, *arguments, "--data", str(self.data)]
        return subprocess.run(
            command, env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, timeout=2 * PATIENCE_S, check=False
        )

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(PATIENCE_S) == 0, self.lines
        self._said.close()
        until(lambda: not working_in(self.data), "nothing left")


@pytest.fixture
def started() -> Iterator[Demo]:
    with data_folder() as folder:
        running = Demo(folder, free_port())
        try:
            yield running
        finally:
            if running.process.poll() is None:
                running.end()


def test_the_story_comes_first_and_is_told_where_the_demonstration_was_started(started: Demo) -> None:
    last = started.wait_for("民警结案")
    assert last.startswith("▶ 流塘 10/10")
    told = [line for line in started.lines if line.startswith("▶ 流塘")]
    assert [line.split(" ")[2] for line in told] == [f"{number}/10" for number in range(1, 11)]

    with Officer(started.url, demo.OFFICER, demo.PASSWORD) as person:
        number = told[0].rpartition("[")[2].rstrip("]")
        closed = person._ask("GET", "/cases", params={"number": number, "state": "closed"})["cases"]
        assert [(case["level"], case["disposition"]) for case in closed] == [("extreme", "dissuaded")]
        until(lambda: bool(person.open_cases()), "the ordinary traffic goes on")

    page = started.wait_for("反诈中心收到的反馈").rpartition(" ")[2]

    def centre_told() -> list[dict[str, Any]]:
        received = httpx.get(f"{page}control/feedback", trust_env=False).raise_for_status().json()["received"]
        assert {item["answer"] for item in received} <= {204}, "a signature did not fit"
        return [item["content"] for item in received if item["content"]["data"]["case"] == closed[0]["id"]]

    until(lambda: "case.closed" in [item["type"] for item in centre_told()], "feedback to the simulated centre")
    assert "已结案 case.closed · dissuaded" in httpx.get(page, trust_env=False).text

    again = started.command("simulator", "story", "yongning", "--pace", "0")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.splitlines()[-1].startswith("▶ 永宁 10/10")


def test_a_story_needs_a_running_demonstration() -> None:
    with data_folder() as folder:
        command = [*BLUEVEST, "simulator", "story", "liutang", "--data", str(folder)]
        done = subprocess.run(command, env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
