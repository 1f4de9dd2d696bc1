#!/bin/sh
# First start of the database: the owner of the tables, and the role of web and worker, which owns none of them.
set -eu

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner_password="$PETRA_OWNER_PASSWORD" --set application_password="$PETRA_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE petra_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE petra LOGIN PASSWORD :'application_password';
CREATE DATABASE petra OWNER petra_owner;
REVOKE ALL ON DATABASE petra FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE petra TO petra;
\connect petra
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO petra;
ALTER DEFAULT PRIVILEGES FOR ROLE petra_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO petra;
ALTER DEFAULT PRIVILEGES FOR ROLE petra_owner GRANT USAGE, SELECT ON SEQUENCES TO petra;
SQL
