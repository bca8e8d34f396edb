"""`bluevest simulate` as people run it."""

import json
from pathlib import Path

from tests.commands.conftest import Shell
from tests.roster.files import saved

ROSTER = "name,phone,station,lon,lat,crs\n" + "".join(
    f"队员{n},+86139010{n:05d},440306-LT,{113.86 + n / 1000:.4f},22.58,wgs84\n" for n in range(9)
)


def test_policies_are_tried_side_by_side(shell: Shell, tmp_path: Path) -> None:
    policy = saved(tmp_path, "policy.yaml", "levels:\n  high: {wave: 3}\n")
    roster = saved(tmp_path, "roster.csv", ROSTER)
    figures, page = tmp_path / "found.json", tmp_path / "found.html"
    done = shell.run(
        "simulate", "--day", "quiet", "--acceptance", "0.3", "--seeds", "2", "--policy", str(policy),
        "--roster", str(roster), "--more-by-night", "2", "--json", str(figures), "--html", str(page),
    )  # fmt: skip
    assert done.code == 0
    assert "all-knowing" in done.out
    found = json.loads(figures.read_text())["days"]["quiet day, 30% accepted"]
    assert found["ours"]["texts_a_case"]["mean"] > found["all-knowing"]["texts_a_case"]["mean"]
    assert "<svg" in page.read_text()


def test_what_cannot_be_tried(shell: Shell, tmp_path: Path) -> None:
    assert "there are quiet, normal, bad" in shell.refused("simulate", "--day", "busy")
    wrong = saved(tmp_path, "policy.yaml", "levels:\n  high: {wave: 0}\n")
    assert "line 2: levels.high.wave" in shell.refused("simulate", "--policy", str(wrong))
    homeless = saved(tmp_path, "roster.csv", "name,phone,station\n队员,+8613901000001,440306-LT\n")
    assert "nobody has a base" in shell.refused("simulate", "--roster", str(homeless))
