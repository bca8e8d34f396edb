"""What all tables share: naming of constraints, column types of the annotations."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Date, DateTime, Double, Enum, MetaData, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        UUID: Uuid(),
        str: Text(),
        float: Double(),
        datetime: DateTime(timezone=True),
        date: Date(),
        Decimal: Numeric(18, 2),
        dict[str, Any]: JSONB(none_as_null=True),
        list[str]: ARRAY(Text()),
    }


def states(kind: type[StrEnum]) -> Enum:
    """A column of one of `kind`'s words, kept as text so that a new word needs no table lock."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda words: [w.value for w in words],
    )


Big = BigInteger
