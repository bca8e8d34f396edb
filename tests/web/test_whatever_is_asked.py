"""Schemathesis over our own description of the interface: whatever is asked, nothing breaks and nothing is half done."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from sqlalchemy import select, text

from dispatcher.casework import draft_freeze, lock_case
from dispatcher.db import Database
from dispatcher.model import AskedBy, Base, Case, Freeze, Role, Whose
from tests.access.world import World
from tests.web.live import Live

EXAMPLES = 25
REFUSED = range(400, 500)
_TABLES = sorted(Base.metadata.tables)
_COUNT = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in _TABLES)
_WRITTEN_ANYWAY = {"audit_entries", "officer_sessions", "sign_in_attempts"}
"""Who tried to sign in, and who asked for a visitor that nobody knows, is written down whatever the answer."""


_LEFT_OUT = {("delete", "/api/session"), ("get", "/readyz")}
"""Signs us out; and says 503 as it should, with no parts running."""


@pytest.fixture
def schema(desk: Live) -> Any:
    return schemathesis.openapi.from_url(f"{desk.url}/openapi.json")


@pytest.fixture
def cookie(desk: Live, world: World) -> Iterator[str]:
    case, chief = world.case(), world.officer("chief", Role.CHIEF)
    world.database.transact(
        lambda work: draft_freeze(
            work, lock_case(work, case.id), whose=Whose.SUSPECT, asked_by=AskedBy.POLICE, by=chief, account="6217000099"
        )
    )
    with desk.sign_in("chief") as client:
        yield "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def rows(database: Database) -> dict[str, int]:
    def count(session: Any) -> dict[str, int]:
        return {table: number for table, number in session.execute(text(_COUNT)) if table not in _WRITTEN_ANYWAY}

    return database.read(count)


@pytest.mark.timeout(600)
def test_no_operation_breaks_and_a_refusal_changes_nothing(
    schema: Any, desk: Live, cookie: str, database: Database
) -> None:
    troubles: list[str] = []
    found = [one.ok() for one in schema.get_all_operations()]
    operations = [one for one in found if (one.method, one.path) not in _LEFT_OUT]
    assert len(operations) > 30
    for operation in operations:
        attack(operation, desk.url, cookie, database, troubles)
    assert not troubles, "\n".join(troubles)


def attack(operation: Any, url: str, cookie: str, database: Database, troubles: list[str]) -> None:
    """Valid and invalid requests to one operation."""
    known = str(database.read(lambda session: session.scalars(select(Case.id)).first()))
    request = str(database.read(lambda session: session.scalars(select(Freeze.id)).first()))
    strategy = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE) | operation.as_strategy()

    @given(case=strategy, true=st.booleans())
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any, true: bool) -> None:
        if true and "case_id" in case.path_parameters:
            case.path_parameters["case_id"] = known
            if "freeze_id" in case.path_parameters:
                case.path_parameters["freeze_id"] = request
        before = rows(database)
        answer = case.call(base_url=url, headers={"Cookie": cookie, "Origin": url})
        what = f"{answer.status_code} {operation.method.upper()} {operation.path}"
        if answer.status_code >= 500:
            troubles.append(f"{what}: {case.as_curl_command()}")
        elif answer.status_code in REFUSED and rows(database) != before:
            troubles.append(f"{what} changed something: {case.as_curl_command()}")

    ask()
