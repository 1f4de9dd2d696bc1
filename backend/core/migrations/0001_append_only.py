from django.db import migrations

from backend.core.append_only import CREATE_FUNCTION


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(CREATE_FUNCTION, "DROP FUNCTION IF EXISTS petra_refuse_change();")]
