from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Engine,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    select,
    type_coerce,
)
from sqlalchemy.dialects import postgresql

from dispatcher.protection.columns import EncryptedJson, EncryptedText
from dispatcher.protection.keys import KeyRing, use_keys
from dispatcher.protection.rotation import _next_rows, count_stale, encrypted_columns, rotate

METADATA = MetaData()
PEOPLE = Table(
    "people",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", EncryptedText("people.name")),
    Column("data", EncryptedJson("people.data")),
    Column("kind", String),
)
KIN = Table(
    "kin",
    METADATA,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("phone", EncryptedText("kin.phone")),
)
PLACES = Table("places", METADATA, Column("id", Integer, primary_key=True))


@pytest.fixture
def saved_ring(tmp_path: Path) -> Iterator[KeyRing]:
    ring = KeyRing.create(tmp_path / "keys.json")
    use_keys(ring)
    yield ring
    use_keys(None)


@pytest.fixture
def engine(tmp_path: Path, saved_ring: KeyRing) -> Iterator[Engine]:
    """23 people with two values each, one of them without any, and 40 of kin."""
    engine = create_engine(f"sqlite:///{tmp_path}/test.db")
    METADATA.create_all(engine)
    with engine.begin() as connection:
        connection.execute(PEOPLE.insert(), [{"id": i, "name": f"王{i}", "data": [i]} for i in range(22)])
        connection.execute(PEOPLE.insert(), {"id": 22, "name": None, "data": None})
        kin = [{"person": i, "place": j, "phone": f"{i}-{j}"} for i in range(20) for j in range(2)]
        connection.execute(KIN.insert(), kin)
    yield engine
    engine.dispose()


def everything(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        people = connection.execute(select(PEOPLE).order_by(PEOPLE.c.id)).all()
        return [*people, *connection.execute(select(KIN).order_by(KIN.c.person, KIN.c.place))]


def key_ids(engine: Engine, ring: KeyRing) -> set[int]:
    with engine.connect() as connection:
        blobs = [
            blob
            for column in encrypted_columns(METADATA)
            for blob in connection.scalars(select(type_coerce(column, LargeBinary)))
        ]
    return {ring.key_id_of(blob) for blob in blobs if blob is not None}


def test_encrypted_columns_are_found_by_their_type() -> None:
    assert [str(column) for column in encrypted_columns(METADATA)] == ["kin.phone", "people.name", "people.data"]


def test_nothing_is_written_while_the_key_is_current(engine: Engine, saved_ring: KeyRing) -> None:
    assert count_stale(engine, METADATA, saved_ring) == 0
    assert rotate(engine, METADATA, saved_ring) == 0


@pytest.mark.parametrize("batch", [1, 3, 7, 500])
def test_every_value_is_written_anew_and_says_the_same(engine: Engine, saved_ring: KeyRing, batch: int) -> None:
    before = everything(engine)
    saved_ring.add_key()
    assert count_stale(engine, METADATA, saved_ring) == 84

    seen: list[tuple[str, int]] = []
    assert rotate(engine, METADATA, saved_ring, batch, lambda table, done: seen.append((table, done))) == 84

    assert everything(engine) == before
    assert key_ids(engine, saved_ring) == {2}
    assert count_stale(engine, METADATA, saved_ring) == 0
    assert seen[-1] == ("people", 84)
    assert len(seen) == -(-40 // batch) + -(-22 // batch)
    assert rotate(engine, METADATA, saved_ring, batch) == 0


def test_a_rotation_that_was_stopped_goes_on_where_it_was(engine: Engine, saved_ring: KeyRing) -> None:
    saved_ring.add_key()

    def stop(table: str, done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(engine, METADATA, saved_ring, 10, stop)
    assert count_stale(engine, METADATA, saved_ring) == 74
    assert rotate(engine, METADATA, saved_ring, 10) == 74


def test_a_value_the_service_changed_in_between_is_not_put_back(engine: Engine, saved_ring: KeyRing) -> None:
    saved_ring.add_key()
    changed = []

    @event.listens_for(engine, "before_cursor_execute")
    def service_is_quicker(
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if statement.startswith("UPDATE people") and not changed:
            changed.append(True)
            new = saved_ring.encrypt("新名".encode(), b"people.name")
            cursor.execute("UPDATE people SET name = ? WHERE id = 0", (new,))

    assert rotate(engine, METADATA, saved_ring) == 83
    assert everything(engine)[0].name == "新名"
    assert count_stale(engine, METADATA, saved_ring) == 0


def test_a_spoilt_value_is_named_by_its_row_and_holds_up_no_other(
    engine: Engine, saved_ring: KeyRing, caplog: pytest.LogCaptureFixture
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE people SET name = data WHERE id = 5")
    saved_ring.add_key()

    assert rotate(engine, METADATA, saved_ring, 4) == 83
    assert "people.name of row (5,)" in caplog.text
    assert count_stale(engine, METADATA, saved_ring) == 1


def test_on_postgresql_rows_held_by_others_are_passed_over(saved_ring: KeyRing) -> None:
    statement = _next_rows(KIN, saved_ring.header(), (1, 1), 10).compile(dialect=postgresql.dialect())
    assert "FOR NO KEY UPDATE SKIP LOCKED" in str(statement)
    assert "(kin.person, kin.place) > (" in str(statement)
