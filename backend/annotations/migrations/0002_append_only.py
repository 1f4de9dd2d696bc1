from django.db import migrations

from backend.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("core", "0001_append_only"), ("annotations", "0001_initial")]
    operations = append_only("annotations_mask", "annotations_reading", "annotations_consensus")
