#!/usr/bin/env bash
# One database and one role for each service, each role with a password of its own that opens its own database only; and a
# role that may look at figures and at nothing else. The postgres image runs this at its first start; it may be run again by
# hand, also against a server elsewhere, with PGHOST, PGPORT, PGUSER, PGPASSWORD of an administrator. Passwords are read from
# the environment and are never arguments, which everybody on a machine can see.
set -euo pipefail
: "${INGEST_DATABASE_PASSWORD:?}" "${DISTRIB_DATABASE_PASSWORD:?}" "${MONITOR_DATABASE_PASSWORD:?}"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${PGUSER:-${POSTGRES_USER:-postgres}}" --dbname postgres >/dev/null <<'SQL'
SET client_min_messages = warning;
-- The passwords must not get into the server's log, which has statements that fail, and all where it is set so
SET log_statement = none;
SET log_min_duration_statement = -1;
SET log_min_error_statement = panic;
\getenv ingest_password INGEST_DATABASE_PASSWORD
\getenv distrib_password DISTRIB_DATABASE_PASSWORD
\getenv monitor_password MONITOR_DATABASE_PASSWORD

SELECT format('CREATE ROLE %I', name) FROM (VALUES ('caudal_ingest'), ('caudal_distrib'), ('caudal_monitor')) AS roles (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE caudal_ingest LOGIN PASSWORD :'ingest_password';
ALTER ROLE caudal_distrib LOGIN PASSWORD :'distrib_password';
ALTER ROLE caudal_monitor LOGIN PASSWORD :'monitor_password';
GRANT pg_monitor TO caudal_monitor;
-- Caudal tells a deadlock or a full disk by PostgreSQL's own, English words, and does not start on others
ALTER ROLE caudal_ingest SET lc_messages = 'C';
ALTER ROLE caudal_distrib SET lc_messages = 'C';

SELECT format('CREATE DATABASE %I OWNER %I', name, name) FROM (VALUES ('caudal_ingest'), ('caudal_distrib')) AS databases (name)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec
REVOKE ALL ON DATABASE caudal_ingest, caudal_distrib FROM PUBLIC;
SQL
