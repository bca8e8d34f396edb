from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, LargeBinary, create_engine, select, text, type_coerce, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import InvalidRequestError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import StaticPool

from dispatcher.protection.columns import EncryptedJson, EncryptedText, blind_index
from dispatcher.protection.errors import KeysMissingError, TamperedError
from dispatcher.protection.keys import KeyRing, use_keys

DIALECT = sqlite.dialect()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(EncryptedText("people.name"))
    address: Mapped[str | None] = mapped_column(EncryptedText("people.address"))
    data: Mapped[Any] = mapped_column(EncryptedJson("people.data"), nullable=True)


@pytest.fixture
def engine(ring: KeyRing) -> Iterator[Engine]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        session.add(Person(id=1, name="王某丽", address="桃源社区1栋", data={"账号": ["6222"]}))
        session.add(Person(id=2, name=None, address="", data=None))
        session.commit()
        yield session


def test_rows_are_readable_in_python_and_not_in_the_database(session: Session) -> None:
    people = session.scalars(select(Person).order_by(Person.id)).all()
    assert [(p.name, p.address, p.data) for p in people] == [
        ("王某丽", "桃源社区1栋", {"账号": ["6222"]}),
        (None, "", None),
    ]
    stored = session.execute(text("select name, address, data from people order by id")).all()
    assert stored[1][0] is None
    for blob in stored[0]:
        assert isinstance(blob, bytes)
        for plain in ("王某丽", "桃源", "6222"):
            assert plain.encode() not in blob


def test_a_value_moved_to_another_column_does_not_open(session: Session) -> None:
    session.execute(text("update people set address = name where id = 1"))
    with pytest.raises(TamperedError):
        session.scalar(select(Person.address).where(Person.id == 1))


def test_whether_a_value_is_there_can_be_asked(session: Session) -> None:
    assert session.scalars(select(Person.id).where(Person.name.is_(None))).all() == [2]
    assert session.scalars(select(Person.id).where(Person.name.is_not(None))).all() == [1]


def test_a_search_by_value_is_refused_instead_of_finding_nothing() -> None:
    for search in (
        lambda: Person.name == "王某丽",
        lambda: Person.name != "王某丽",
        lambda: Person.name.in_(["王某丽"]),
        lambda: Person.name.like("王%"),
        Person.name.desc,
    ):
        with pytest.raises(InvalidRequestError, match="blind index"):
            search()


def test_changes_by_row_and_by_statement_are_encrypted_too(session: Session) -> None:
    person = session.get_one(Person, 1)
    person.name = "李某"
    session.commit()
    assert person.name == "李某"
    session.execute(update(Person).values(name="赵某"))
    session.commit()
    assert session.scalars(select(Person.name)).all() == ["赵某", "赵某"]
    raw = session.scalars(select(type_coerce(Person.name, LargeBinary))).all()
    assert all(blob and "赵".encode() not in blob for blob in raw)


@pytest.mark.parametrize("value", [Decimal("1.00"), float("nan"), object()])
def test_what_json_does_not_know_is_refused(session: Session, value: object) -> None:
    session.add(Person(name="x", data={"amount": value}))
    with pytest.raises(StatementError):
        session.commit()
    session.rollback()


def test_without_keys_nothing_is_read_or_written(session: Session) -> None:
    use_keys(None)
    with pytest.raises(KeysMissingError):
        session.scalar(select(Person.name).where(Person.id == 1))
    with pytest.raises(KeysMissingError):
        blind_index("phone", "+8613800000001")


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_every_text_comes_back(value: str) -> None:
    use_keys(KeyRing.generate())
    column = EncryptedText("a.b")
    stored = column.process_bind_param(value, DIALECT)
    assert column.process_result_value(stored, DIALECT) == value
    with pytest.raises(TamperedError):
        EncryptedText("a.c").process_result_value(stored, DIALECT)


@given(JSON)
def test_every_json_value_comes_back(value: Any) -> None:
    use_keys(KeyRing.generate())
    column = EncryptedJson("a.b")
    assert column.process_result_value(column.process_bind_param(value, DIALECT), DIALECT) == value


def test_the_helper_is_the_rings_own_index(ring: KeyRing) -> None:
    assert blind_index("phone", "+8613800000001") == ring.blind_index("phone", "+8613800000001")
