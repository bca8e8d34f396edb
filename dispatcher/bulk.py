"""Many rows of one table in one statement, whose text does not depend on how many they are."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.orm import Session

from dispatcher.model import Base


def write_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert these rows in the order given; every row names the same columns. No objects are made of them.

    Each column travels as one array. Raises ValueError when a column that Python fills in is left out.
    """
    if rows:
        table = model.metadata.tables[model.__tablename__]
        session.connection().execute(_statement(table, tuple(rows[0])), _columns(table, rows))


def write_new_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """The same for those rows alone that break no rule of uniqueness: the ids of the rows that were written."""
    if not rows:
        return set()
    if session.new:
        session.flush()  # these rows may refer to it
    table = model.metadata.tables[model.__tablename__]
    statement = _statement(table, tuple(rows[0])).on_conflict_do_nothing().returning(table.c.id)
    return set(session.connection().execute(statement, _columns(table, rows)).scalars())


def _columns(table: Table, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    found = {name: [row[name] for row in rows] for name in rows[0]}
    lists = [name for name in found if _is_list(table.c[name].type)]
    return found | {name: [_literal(words) for words in found[name]] for name in lists}


@cache
def _statement(table: Table, names: tuple[str, ...]) -> Insert:
    missing = [c.key for c in table.columns if c.default is not None and c.default.is_callable and c.key not in names]
    if missing:
        raise ValueError(f"{table.name}: one value would be made for all rows: {', '.join(missing)}")
    arrays = [bindparam(name, type_=ARRAY(_travelling(table.c[name].type))) for name in names]
    rows = func.unnest(*arrays).table_valued(*names).render_derived()
    columns = [_arrived(rows.c[name], table.c[name].type) for name in names]
    return insert(table).from_select(list(names), select(*columns))


def _is_list(kind: Any) -> bool:
    return isinstance(kind, ARRAY)


def _travelling(kind: Any) -> Any:
    """An array of arrays would be taken apart down to the last element; a list travels as PostgreSQL writes it."""
    return Text() if _is_list(kind) else kind


def _arrived(column: ColumnElement[Any], kind: Any) -> ColumnElement[Any]:
    return cast(column, kind) if _is_list(kind) else column


def _literal(words: Iterable[str] | None) -> str | None:
    if words is None:
        return None
    return "{" + ",".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words) + "}"
