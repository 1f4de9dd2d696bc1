from django.db import migrations

from backend.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("pathology", "0003_pathology_desk")]
    operations = append_only("pathology_ihcproposal", "pathology_sequencingresult")
