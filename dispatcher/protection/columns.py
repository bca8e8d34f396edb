"""Column types that are readable in Python and ciphertext in the database."""

import json
from typing import Any

from sqlalchemy import Dialect, LargeBinary, TypeDecorator
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.operators import OperatorType

from dispatcher.protection.keys import current_keys


def blind_index(kind: str, value: str) -> bytes:
    """The 16 bytes to store beside an encrypted value and to look it up by; `value` in its one normal form.

    Raises KeysMissingError when no keys are set.
    """
    return current_keys().blind_index(kind, value)


_PLAIN = (str, bytes, int, float, list, dict)


class _NoSearch(TypeDecorator.Comparator[Any]):
    """Every writing of a value differs, so a search by value never matches: refused, not silently empty.

    Whether it is NULL may be asked, and columns may be told apart by `==`, as SQLAlchemy itself does.
    """

    def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
        identity = op in (operators.eq, operators.ne, operators.is_, operators.is_not)
        if identity and not isinstance(other[0], _PLAIN):
            return super().operate(op, *other, **kwargs)
        raise InvalidRequestError("an encrypted column cannot be searched or sorted; use its blind index")


class Encrypted(TypeDecorator[Any]):
    """Bytes at rest, with `place` bound in: a value moved to another column does not open."""

    impl = LargeBinary
    cache_ok = True
    comparator_factory = _NoSearch

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    @property
    def aad(self) -> bytes:
        """The place as bytes, as every value of the column is bound to it."""
        return self.place.encode()

    def _seal(self, text: str) -> bytes:
        return current_keys().encrypt(text.encode("utf-8", "surrogatepass"), self.aad)

    def _open(self, blob: bytes) -> str:
        return current_keys().decrypt(bytes(blob), self.aad).decode("utf-8", "surrogatepass")


class EncryptedText(Encrypted):
    """A text, encrypted: `mapped_column(EncryptedText("cases.resident_name"))`. None stays NULL.

    Raises, inside SQLAlchemy's StatementError or on reading, what KeyRing raises.
    """

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Encrypt; SQLAlchemy calls this on the way in."""
        del dialect
        return None if value is None else self._seal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Decrypt; SQLAlchemy calls this on the way out."""
        del dialect
        return None if value is None else self._open(value)


class EncryptedJson(Encrypted):
    """A JSON value, encrypted: `mapped_column(EncryptedJson("alerts.data"))`. None stays NULL.

    Money and instants are given as text: Decimal, datetime and NaN are refused. Put a new value in the old
    one's place: changes inside it are not seen.
    """

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Encrypt; SQLAlchemy calls this on the way in."""
        del dialect
        if value is None:
            return None
        return self._seal(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Decrypt; SQLAlchemy calls this on the way out."""
        del dialect
        return None if value is None else json.loads(self._open(value))
