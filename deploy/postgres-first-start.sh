#!/bin/sh
# Runs once, in the database container's first start: the service's own role, which is no superuser, and its database.
set -eu
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres <<'SQL'
\set password `cat "${DATABASE_PASSWORD_FILE:-/run/secrets/database_password}"`
CREATE ROLE bluevest LOGIN PASSWORD :'password';
CREATE DATABASE bluevest OWNER bluevest;
SQL
