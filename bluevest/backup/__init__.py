"""Backup and restore of the database: one file written by PostgreSQL's own `pg_dump`, read back in one transaction."""
