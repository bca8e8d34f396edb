"""Whether the keys at hand are the ones this database was written with."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatcher.errors import BadInput
from dispatcher.model import Installation
from dispatcher.protection.keys import KeyRing
from dispatcher.work import Work

THE_ROW = 1


def claim(work: Work, ring: KeyRing, keys_file: Path | None) -> None:
    """Remember the keys' check value at the first start, and where their file lies at every one.

    Raises BadInput when the database was written with other keys.
    """
    row = work.session.get(Installation, THE_ROW, with_for_update=True)
    if row is None:
        row = Installation(id=THE_ROW, key_fingerprint=ring.fingerprint())
        work.session.add(row)
    _compare(row, ring)
    if keys_file:
        row.keys_file = str(keys_file.resolve())


def is_fresh(session: Session) -> bool:
    """Whether no keys have been used on this database yet."""
    return session.get(Installation, THE_ROW) is None


def verify(session: Session, ring: KeyRing) -> None:
    """Raises BadInput when the database was written with other keys, or was never set up."""
    row = session.get(Installation, THE_ROW)
    if row is None:
        raise BadInput("the database is not set up: run `bluevest migrate` first")
    _compare(row, ring)


def remembered_keys_file(session: Session) -> Path | None:
    """Where the keys lay when the service was last set up on some machine."""
    found = session.scalar(select(Installation.keys_file).where(Installation.id == THE_ROW))
    return Path(found) if found else None


def _compare(row: Installation, ring: KeyRing) -> None:
    if row.key_fingerprint != ring.fingerprint():
        raise BadInput("these keys do not fit this database: it was written with others", field="BLUEVEST_KEYS_FILE")
