
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0002_append_only'),
    ]

    operations = [
        migrations.AlterField(
            model_name='consensus',
            name='method',
            field=models.CharField(choices=[('majority', 'Strict majority'), ('staple', 'STAPLE'), ('single', 'Single reading'), ('rule', 'BAT rule, unsigned'), ('signed', 'Signed by a person')], max_length=20),
        ),
        migrations.CreateModel(
            name='ReadingMeasurement',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('whole', models.JSONField(default=dict, help_text='worker.compute.uptake.LesionUptake of everything drawn')),
                ('lesions', models.JSONField(default=list, help_text='the same for each lesion, with its label, name, role and site')),
                ('problem', models.TextField(blank=True)),
                ('reading', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='measurement', to='annotations.reading')),
            ],
            options={
                'abstract': False,
            },
        ),
    ]
