"""Old values written anew with the current key, while the service runs."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    Row,
    Select,
    Table,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)

from dispatcher.protection.columns import Encrypted
from dispatcher.protection.errors import ProtectionError
from dispatcher.protection.keys import KeyRing

_LOG = logging.getLogger(__name__)

Progress = Callable[[str, int], None]
"""Called after every batch with the table's name and the number of values written anew so far."""


def encrypted_columns(metadata: MetaData) -> list[Column[Any]]:
    """Every column of an encrypted type, tables by name."""
    tables = sorted(metadata.tables.values(), key=lambda table: table.fullname)
    return [column for table in tables for column in _encrypted_of(table)]


def count_stale(engine: Engine, metadata: MetaData, ring: KeyRing) -> int:
    """How many values are still written with another key than the current one; an old key may go at 0."""
    header = ring.header()
    with engine.connect() as connection:
        return sum(
            connection.scalar(select(func.count()).select_from(column.table).where(_stale(column, header))) or 0
            for column in encrypted_columns(metadata)
        )


def rotate(
    engine: Engine, metadata: MetaData, ring: KeyRing, batch: int = 500, progress: Progress | None = None
) -> int:
    """Write with the current key every value that is not; gives their number. May be run again at any time.

    One transaction a batch of rows, in the order of the primary key. Rows another transaction holds are passed
    over, and a value that changed since it was read is left: neither side ever waits for the other in a circle.
    What was passed over shows in `count_stale`; so do values that do not open, which are logged by their row.
    """
    done = 0
    for table in sorted(metadata.tables.values(), key=lambda table: table.fullname):
        if _encrypted_of(table):
            for count in _batches(engine, table, ring, batch):
                done += count
                if progress:
                    progress(table.fullname, done)
    return done


def _batches(engine: Engine, table: Table, ring: KeyRing, batch: int) -> Iterator[int]:
    """The number of values written anew in each transaction, until the table's last row."""
    after: Sequence[Any] | None = None
    while True:
        with engine.begin() as connection:
            rows = connection.execute(_next_rows(table, ring.header(), after, batch)).all()
            count = sum(_rewrite(connection, table, row, ring) for row in rows)
        if not rows:
            return
        after = rows[-1][: len(table.primary_key)]
        yield count


def _next_rows(table: Table, header: bytes, after: Sequence[Any] | None, batch: int) -> Select[Any]:
    """Primary key and stored bytes of the next rows with a value of an older key, locked unless another holds them."""
    columns = _encrypted_of(table)
    rows = (
        select(*table.primary_key, *(type_coerce(column, LargeBinary) for column in columns))
        .where(or_(*(_stale(column, header) for column in columns)))
        .order_by(*table.primary_key)
        .limit(batch)
        .with_for_update(skip_locked=True, key_share=True)
    )
    if after is None:
        return rows
    last = (literal(value, column.type) for value, column in zip(after, table.primary_key, strict=True))
    return rows.where(tuple_(*table.primary_key) > tuple_(*last))


def _rewrite(connection: Connection, table: Table, row: Row[Any], ring: KeyRing) -> int:
    """Write one row's old values anew; gives how many."""
    keys = list(table.primary_key)
    is_row = [column == value for column, value in zip(keys, row, strict=False)]
    header = ring.header()
    done = 0
    for column, blob in zip(_encrypted_of(table), row[len(keys) :], strict=True):
        if blob is None or blob.startswith(header):
            continue
        try:
            new = _renewed(column, bytes(blob), ring)
        except ProtectionError as error:
            _LOG.error("%s of row %s: %s", column, tuple(row[: len(keys)]), error)
            continue
        unchanged = type_coerce(column, LargeBinary) == literal(blob, LargeBinary)
        change = update(table).where(*is_row, unchanged).values({column.name: literal(new, LargeBinary)})
        done += connection.execute(change).rowcount
    return done


def _renewed(column: Column[Any], blob: bytes, ring: KeyRing) -> bytes:
    aad = column.type.aad if isinstance(column.type, Encrypted) else b""
    return ring.encrypt(ring.decrypt(blob, aad), aad)


def _stale(column: Column[Any], header: bytes) -> ColumnElement[bool]:
    stored = type_coerce(column, LargeBinary)
    return func.substr(stored, 1, len(header), type_=LargeBinary) != literal(header, LargeBinary)


def _encrypted_of(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if isinstance(column.type, Encrypted)]
