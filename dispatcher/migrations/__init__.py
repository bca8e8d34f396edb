"""The schema's history; `upgrade` brings a database to its newest version."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

_LOCK = 7_310_442


def config() -> Config:
    """Alembic's configuration without a file: the scripts lie beside this module."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    found.set_main_option("path_separator", "os")
    return found


def known(revision: str) -> bool:
    """Whether this program has the script of a schema's version, and so can bring it to the newest."""
    return any(script.revision == revision for script in ScriptDirectory.from_config(config()).walk_revisions())


def upgrade(engine: Engine) -> None:
    """Bring the schema to its newest version; several may call it at once, one does it."""
    with engine.connect() as connection, connection.begin():
        take_lock(connection)
        upgrade_within(connection)


def take_lock(connection: Connection) -> None:
    """Whoever makes or changes tables does it alone, until the end of the transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def upgrade_within(connection: Connection) -> None:
    """The same in a transaction that was begun already, and that holds the lock."""
    alembic = config()
    alembic.attributes["connection"] = connection
    command.upgrade(alembic, "head")
