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


def test_policies_that_cannot_be(shell: Shell) -> None:
    shell.ok("demo-places")
    for stdin, message in (
        ('{"levels": {"extreme": {"wave": 0}}}', "policy levels.extreme.wave"),
        ('{"waves": 1}', "policy waves"),
        ("[]", "must be a JSON object"),
        ("{", "stdin: not JSON"),
        ('{"people_per_case": NaN}', "NaN is not JSON"),
    ):
        assert message in shell.refused("policy", "set", "440306-LT", stdin=stdin)
    assert "no station" in shell.refused("policy", "show", "440306018001")
    assert "No such file" in shell.refused("policy", "set", "440306-LT", "missing.json")
