"""Rows that are never changed: a trigger refuses UPDATE and DELETE, whoever asks."""

from django.db import migrations

# Withdrawal of a patient must erase values; it says so in its own transaction by this setting.
ERASURE_SETTING = "petra.erasure"

CREATE_FUNCTION = f"""
CREATE OR REPLACE FUNCTION petra_refuse_change() RETURNS trigger AS $$
BEGIN
    IF current_setting('{ERASURE_SETTING}', true) = 'on' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed: add a new one that names this one', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$ LANGUAGE plpgsql;
"""


def append_only(*tables: str) -> list[migrations.RunSQL]:
    """Migration operations that make tables append-only."""
    return [
        migrations.RunSQL(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION petra_refuse_change();",
            f"DROP TRIGGER IF EXISTS {table}_append_only ON {table};",
        )
        for table in tables
    ]
