"""Whether a database is empty enough to be filled from a backup; what is in its way is never removed for it."""

from sqlalchemy import Connection, text

from bluevest.errors import OneLineError
from dispatcher.model import Base

_OF_THE_START = frozenset({"alembic_version", "installation", "heartbeats"})
"""Tables that hold something as soon as the service was set up once."""
_OURS = _OF_THE_START | {table.name for table in Base.metadata.tables.values()}

_TABLES = text("""
    SELECT relname FROM pg_class c
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY relname
""")
_FUNCTIONS = text("""
    SELECT oid::regprocedure::text FROM pg_proc p
    WHERE pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
""")
_OTHERS = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'bluevest'
""")


def refuse_if_used(connection: Connection) -> None:
    """Raises OneLineError when parts of the service are connected, or there is anything in the tables."""
    if others := connection.scalar(_OTHERS):
        raise OneLineError(
            f"the service is running ({others} connections to this database): stop web, workers and timekeeper first"
        )
    tables = connection.scalars(_TABLES).all()
    if strange := [name for name in tables if name not in _OURS]:
        raise OneLineError(f"the database holds tables of another program ({strange[0]}): restore into an empty one")
    used = [name for name in tables if name not in _OF_THE_START and _has_rows(connection, name)]
    if used:
        raise OneLineError(f"the database is in use (there are {', '.join(used[:3])}): restore into an empty one")


def clear(connection: Connection) -> None:
    """Remove the empty tables and the functions that setting up made; the backup brings its own."""
    for name in connection.scalars(_TABLES).all():
        connection.execute(text(f"DROP TABLE public.{_quoted(name)} CASCADE"))
    for signature in connection.scalars(_FUNCTIONS).all():
        connection.execute(text(f"DROP FUNCTION {signature} CASCADE"))


def _has_rows(connection: Connection, table: str) -> bool:
    found = connection.scalar(text(f"SELECT EXISTS (SELECT FROM public.{_quoted(table)})"))  # noqa: S608  # own names
    return bool(found)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
