from django.db import migrations

from backend.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("core", "0001_append_only"), ("cohorts", "0001_initial")]
    operations = append_only("cohorts_eligibilitydecision", "cohorts_clinicalrecord", "cohorts_protocolversion", "cohorts_datasetversion", "cohorts_datasetmember")
