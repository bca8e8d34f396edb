"""The schema's history; `upgrade` brings a database to its newest version."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

_LOCK = 7_310_442


def config() -> Config:
    """Alembic's configuration without a file: the scripts lie beside this module."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    found.set_main_option("path_separator", "os")
    return found


def upgrade(engine: Engine) -> None:
    """Bring the schema to its newest version; several may call it at once, one does it."""
    with engine.connect() as connection, connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        alembic = config()
        alembic.attributes["connection"] = connection
        command.upgrade(alembic, "head")
