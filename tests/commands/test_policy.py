"""A station's policy from the command line."""

import json
from pathlib import Path

from redis import Redis

from dispatcher.db import Database
from dispatcher.places import find_station
from dispatcher.policy import DEFAULT_POLICY
from tests.commands.conftest import Shell
from tests.roster.files import saved


def test_a_stations_own_values_lie_over_the_defaults(shell: Shell, database: Database, tmp_path: Path) -> None:
    shell.ok("demo-places")
    own = {"levels": {"extreme": {"wave": 5}}, "people_per_case": 2}
    file = saved(tmp_path, "policy.json", json.dumps(own))

    shell.ok("policy", "set", "440306-LT", str(file))

    shown = json.loads(shell.ok("policy", "show", "440306-LT"))
    assert shown["levels"]["extreme"]["wave"] == 5
    assert shown["levels"]["extreme"]["answer_s"] == 60
    assert json.loads(shell.ok("policy", "show", "440306-LT", "--own")) == own
    assert database.read(lambda session: find_station(session, "440306-LT").policy) == own


def test_what_is_shown_can_be_set_and_nothing_goes_back_to_the_defaults(shell: Shell) -> None:
    shell.ok("demo-places")
    shown = shell.ok("policy", "show", "440306-LT")
    assert json.loads(shown) == DEFAULT_POLICY.model_dump(mode="json")
    shell.ok("policy", "set", "440306-LT", stdin=shown)
    shell.ok("policy", "set", "440306-LT", stdin="{}")
    assert json.loads(shell.ok("policy", "show", "440306-LT", "--own")) == {}


def test_a_new_policy_wakes_the_stations_planning(shell: Shell, redis_url: str) -> None:
    shell.ok("demo-places")
    shell.ok("policy", "set", "440306-LT", stdin="{}", REDIS_URL=redis_url)
    with Redis.from_url(redis_url) as redis:
        assert redis.llen("rq:queue:dispatch") == 1


def test_a_file_is_tried_before_it_holds(shell: Shell, tmp_path: Path) -> None:
    shell.ok("demo-places")
    file = saved(tmp_path, "policy.yaml", "levels:\n  high: {wave: 3}  # two more at night\npeople_per_case: 2\n")
    said = "levels.high.wave: 1 → 3\npeople_per_case: 1 → 2\n"

    assert shell.ok("policy", "check", "440306-LT", str(file)) == said
    assert json.loads(shell.ok("policy", "show", "440306-LT", "--own")) == {}

    assert shell.ok("policy", "set", "440306-LT", str(file)) == said
    assert "nothing would change" in shell.ok("policy", "check", "440306-LT", str(file))


def test_a_station_names_its_levels_and_colours_them(shell: Shell, tmp_path: Path) -> None:
    shell.ok("demo-places")
    file = saved(tmp_path, "policy.yaml", "levels:\n  extreme: {name: {zh: 极高危, en: Gravest}, colour: grey}\n")
    said = (
        'levels.extreme.name.zh: "特急" → "极高危"\n'
        'levels.extreme.name.en: "Extreme" → "Gravest"\n'
        'levels.extreme.colour: "purple" → "grey"\n'
    )
    assert shell.ok("policy", "check", "440306-LT", str(file)) == said
    assert shell.ok("policy", "set", "440306-LT", str(file)) == said
    shown = json.loads(shell.ok("policy", "show", "440306-LT"))["levels"]
    assert (shown["extreme"]["name"], shown["extreme"]["colour"]) == ({"zh": "极高危", "en": "Gravest"}, "grey")
    assert (shown["high"]["name"], shown["high"]["colour"]) == ({"zh": "紧急", "en": "High"}, "red")
    twice = '{"levels": {"extreme": {"colour": "red"}}}'
    assert "the same as levels.high.colour" in shell.refused("policy", "set", "440306-LT", stdin=twice)


def test_every_mistake_of_a_file_is_a_line(shell: Shell, tmp_path: Path) -> None:
    shell.ok("demo-places")
    file = saved(tmp_path, "policy.yaml", "levels:\n  high: {wave: 0}\npeople: 2\n")
    done = shell.run("policy", "set", "440306-LT", str(file))
    assert (done.code, done.out) == (2, "")
    first, second = done.err.splitlines()
    assert first.startswith(f"{file}: line 2: levels.high.wave: ")
    assert second.startswith(f"{file}: line 3: people: ")


def test_policies_that_cannot_be(shell: Shell) -> None:
    shell.ok("demo-places")
    for stdin, message in (
        ('{"levels": {"extreme": {"wave": 0}}}', "stdin: line 1: levels.extreme.wave"),
        ('{\n"waves": 1}', "stdin: line 2: waves: there is no such value"),
        ("[]", "names with values"),
        ("{", "stdin: line 1:"),
        ('{"people_per_case": NaN}', "line 1: people_per_case"),
    ):
        assert message in shell.refused("policy", "set", "440306-LT", stdin=stdin)
    assert "no station" in shell.refused("policy", "show", "440306018001")
    assert "No such file" in shell.refused("policy", "set", "440306-LT", "missing.json")
