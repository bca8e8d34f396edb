"""Reading a backup back: one transaction from the check that nothing is there to the last repair, or nothing at all."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from psycopg import Connection as RawConnection
from psycopg import Error as Refusal
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from bluevest.backup.archive import Archive, Content, Rows
from bluevest.backup.emptiness import clear, refuse_if_used
from bluevest.backup.keys import check_readable, in_place, ring_for
from bluevest.errors import OneLineError, one_line
from dispatcher import installation, migrations
from dispatcher.clock import SystemClock
from dispatcher.db import make_engine
from dispatcher.model import Base
from dispatcher.protection.keys import KeyRing, use_keys
from dispatcher.restored import Settled, settle
from dispatcher.settings import Settings
from dispatcher.work import Work

Progress = Callable[[int], None]
"""Called now and then with the bytes done so far."""

_PATIENT = """
    SET LOCAL statement_timeout = 0;
    SET LOCAL idle_in_transaction_session_timeout = 0;
"""
_SAID_EVERY = 1 << 20


@dataclass(frozen=True)
class Restored:
    """What came back, and what was changed in it so that it may go on."""

    content: Content
    settled: Settled


def restore_backup(
    settings: Settings, file: Path, keys: Path | None, *, actor: str, progress: Progress = lambda _: None
) -> Restored:
    """Fill the empty database of `settings` from the file, and bring it to the newest schema.

    `keys` is a copy of the key file, put where the settings say when nothing lies there.
    Raises OneLineError, ProtectionError or sqlalchemy.exc.DBAPIError; nothing is changed then.
    """
    archive = Archive(file)
    archive.check()
    content = archive.content()
    if not migrations.known(content.revision):
        raise OneLineError(f"{file} comes from a newer version of this program (schema {content.revision})")
    ring = ring_for(settings, keys)
    if ring.fingerprint() != content.key_fingerprint:
        raise OneLineError("these keys do not fit this backup: it was written with others; bring them with --keys FILE")
    engine = make_engine(settings, pool_size=1)
    try:
        with in_place(settings, keys), engine.connect() as connection, connection.begin():
            connection.execute(text(_PATIENT))
            migrations.take_lock(connection)
            refuse_if_used(connection)
            clear(connection)
            _fill(connection, archive, progress)
            migrations.upgrade_within(connection)
            check_readable(connection, Base.metadata, ring)
            return Restored(content, _settle(connection, settings, ring, content, actor))
    finally:
        engine.dispose()


def _fill(connection: Connection, archive: Archive, progress: Progress) -> None:
    """Run the archive's statements and rows on the transaction's own connection."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, RawConnection):
        raise OneLineError("backups are restored through psycopg only")
    done = 0

    def execute(statements: bytes) -> None:
        if statements.strip():
            raw.execute(statements)

    def copy(statement: bytes, rows: Rows) -> None:
        nonlocal done
        with raw.cursor() as cursor, cursor.copy(statement) as target:
            for row in rows:
                target.write(row)
                done += len(row)
                if done % _SAID_EVERY < len(row):
                    progress(done)

    try:
        archive.replay(execute, copy)
    except Refusal as error:
        raise OneLineError(f"the database refused the backup: {one_line(error)}") from None
    connection.execute(text("RESET ALL"))  # the archive sets a search path of its own
    connection.execute(text(_PATIENT))


def _settle(connection: Connection, settings: Settings, ring: KeyRing, content: Content, actor: str) -> Settled:
    """Repair what must not go on, in the same transaction."""
    use_keys(ring)
    with Session(connection, expire_on_commit=False) as session:
        work = Work(session, SystemClock().now())
        installation.claim(work, ring, settings.keys_file)
        settled = settle(work)
        work.audit("database.restored", actor=actor, made_at=content.made_at, texts_given_up=settled.texts)
        work.finish()
    return settled
