"""The keys that go with a backup: they are never in it, and without them nobody can read what it holds."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, MetaData, Select, func, select, type_coerce
from sqlalchemy.dialects.postgresql import distinct_on

from bluevest.errors import OneLineError
from dispatcher.protection import keyfile
from dispatcher.protection.columns import Encrypted
from dispatcher.protection.errors import KeysMissingError, ProtectionError
from dispatcher.protection.keys import KeyRing
from dispatcher.protection.rotation import encrypted_columns
from dispatcher.settings import Settings

_HEADER_BYTES = 2


def ring_for(settings: Settings, brought: Path | None) -> KeyRing:
    """The keys the restored service will run with: those in place, else the file that was brought along.

    Raises OneLineError when there are none, or other ones are in place than those brought; ProtectionError when they
    cannot be used.
    """
    if settings.keys:
        if brought:
            raise OneLineError("the keys are in BLUEVEST_KEYS: leave --keys away")
        return KeyRing.from_json(settings.keys)
    place = settings.keys_file
    if place is None:
        raise OneLineError("set BLUEVEST_KEYS_FILE: where the keys lie, or are to be put")
    if not place.exists():
        if brought is None:
            raise KeysMissingError(f"there is no key file at {place}: bring the backup's with --keys FILE")
        return KeyRing.load(brought)
    ring = KeyRing.load(place)
    if brought and KeyRing.load(brought).fingerprint() != ring.fingerprint():
        raise OneLineError(f"there are other keys at {place}: move them away first if nothing needs them any more")
    return ring


@contextlib.contextmanager
def in_place(settings: Settings, brought: Path | None) -> Iterator[None]:
    """Put the brought keys where they belong if nothing lies there, and take them away again when the block fails."""
    place = settings.keys_file
    put = brought is not None and place is not None and not settings.keys and not place.exists()
    if put and brought and place:
        keyfile.create(place, keyfile.read(brought))
    try:
        yield
    except BaseException:
        if put and place:
            place.unlink(missing_ok=True)
        raise


def check_readable(connection: Connection, metadata: MetaData, ring: KeyRing) -> None:
    """Open one value of every encrypted column for every key it was written with.

    The check value of the keys stays the same when they are rotated, so it does not tell an old copy from a new one.
    Raises OneLineError.
    """
    for column in encrypted_columns(metadata):
        for value in connection.scalars(_one_a_key(column)):
            aad = column.type.aad if isinstance(column.type, Encrypted) else b""
            try:
                ring.decrypt(bytes(value), aad)
            except ProtectionError as error:
                raise OneLineError(f"these keys cannot read the backup: {error}; bring the newest copy") from None


def _one_a_key(column: Column[Any]) -> Select[bytes]:
    stored = type_coerce(column, LargeBinary)
    header = func.substr(stored, 1, _HEADER_BYTES)
    return select(stored).where(column.is_not(None)).ext(distinct_on(header)).order_by(header)
