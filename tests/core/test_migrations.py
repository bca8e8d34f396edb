"""The scripts and the tables say the same."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from dispatcher.db import Database
from dispatcher.model import Base


def test_the_scripts_make_exactly_the_tables_of_the_model(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
