#!/bin/sh
# The password goes into a file that only the server reads, not onto a command line that every process can see.
set -eu
umask 077
printf 'requirepass %s\n' "$VALKEY_PASSWORD" > /tmp/password.conf
exec valkey-server /tmp/password.conf --dir /data --appendonly yes --appendfsync everysec --save "" \
    --maxmemory-policy noeviction
