from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection, connect


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection[Any]]:
    with connect(database_url, autocommit=True) as found:
        yield found
