import uuid

import django.db.models.deletion
from django.db import migrations, models


def _name_centres(apps, schema_editor):
    """The names that patients had become centres of their cohorts."""
    Patient, Centre = apps.get_model("cohorts", "Patient"), apps.get_model("cohorts", "Centre")
    named = Patient.objects.exclude(centre_text="")
    for cohort_id, name in set(named.values_list("cohort_id", "centre_text")):
        centre = Centre.objects.create(id=uuid.uuid4(), cohort_id=cohort_id, name=name)
        named.filter(cohort_id=cohort_id, centre_text=name).update(centre=centre)
    # What is checked at the end of a transaction is checked now: a table with pending checks cannot be altered.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _name_patients(apps, schema_editor):
    Patient = apps.get_model("cohorts", "Patient")
    for patient in Patient.objects.filter(centre__isnull=False).select_related("centre"):
        Patient.objects.filter(pk=patient.pk).update(centre_text=patient.centre.name)
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0005_clinical_tables")]
    operations = [
        migrations.CreateModel(
            name="Centre",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, db_index=True)),
                ("name", models.CharField(max_length=60)),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="centres", to="cohorts.cohort"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [models.UniqueConstraint(fields=["cohort", "name"], name="centre_once_per_cohort")],
            },
        ),
        migrations.AddField(
            model_name="membership",
            name="centre",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="memberships",
                to="cohorts.centre",
            ),
        ),
        migrations.RenameField(model_name="patient", old_name="centre", new_name="centre_text"),
        migrations.AddField(
            model_name="patient",
            name="centre",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="patients",
                to="cohorts.centre",
            ),
        ),
        migrations.RunPython(_name_centres, _name_patients),
        migrations.RemoveField(model_name="patient", name="centre_text"),
    ]
