"""Alembic's entry: runs the scripts on the connection it was handed."""

from alembic import context

from dispatcher.model import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
