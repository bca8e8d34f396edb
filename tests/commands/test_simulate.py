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


def test_a_station_plays_its_own_history(shell: Shell, tmp_path: Path) -> None:
    warnings = saved(
        tmp_path,
        "past.csv",
        "at,level,lon,lat\n2026-04-28T20:15:00+08:00,high,113.87,22.57\n2026-04-28T12:30:00Z,low,,\n"
        "2026-04-29 09:00,extreme,113.88,22.58\n",
    )
    figures = tmp_path / "found.json"
    done = shell.run(
        "simulate", "--acceptance", "0.3", "--seeds", "1", "--warnings", str(warnings), "--json", str(figures)
    )
    assert done.code == 0
    (found,) = json.loads(figures.read_text())["days"].values()
    assert "2 days of the past, 30% accepted, 2 seeds" in " ".join(done.out.split())
    assert found["ours"]["late_extreme"]["half"] == 0, "only one of the two days has such a warning"


def test_a_history_that_cannot_be_read(shell: Shell, tmp_path: Path) -> None:
    for row, said in (
        ("yesterday,high,,", "row 2, at: 'yesterday' is no moment"),
        ("2026-04-28T20:15:00+08:00,grave,,", "row 2, level: 'grave' is none of"),
        ("2026-04-28T20:15:00+08:00,high,113.87,", "row 2, lat: missing"),
        ("2026-04-28T20:15:00+08:00,high,0,0", "row 2, lon: 0, 0 is no position"),
    ):
        wrong = saved(tmp_path, "past.csv", f"at,level,lon,lat\n{row}\n")
        assert said in shell.refused("simulate", "--warnings", str(wrong))


def test_what_cannot_be_tried(shell: Shell, tmp_path: Path) -> None:
    assert "there are quiet, normal, bad" in shell.refused("simulate", "--day", "busy")
    wrong = saved(tmp_path, "policy.yaml", "levels:\n  high: {wave: 0}\n")
    assert "line 2: levels.high.wave" in shell.refused("simulate", "--policy", str(wrong))
    homeless = saved(tmp_path, "roster.csv", "name,phone,station\n队员,+8613901000001,440306-LT\n")
    assert "nobody has a base" in shell.refused("simulate", "--roster", str(homeless))
