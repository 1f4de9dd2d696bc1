
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0003_import_clinical'),
    ]

    operations = [
        migrations.AlterField(
            model_name='job',
            name='kind',
            field=models.CharField(choices=[('import_dicom', 'Import DICOM'), ('import_clinical', 'Import clinical values'), ('build_volumes', 'Build volumes'), ('propose_bat', 'Propose brown fat'), ('import_readings', 'Import readings'), ('measure_reading', 'Measure reading'), ('build_consensus', 'Build consensus'), ('extract_features', 'Extract features'), ('freeze_dataset', 'Freeze dataset'), ('train_segmenter', 'Train segmentation'), ('segment_cases', 'Segment cases'), ('train_classifiers', 'Train TP53 models'), ('evaluate_automatic_roi', 'Evaluate on automatic ROIs'), ('cluster_features', 'Cluster deep features'), ('compute_statistics', 'Compute statistics'), ('summarise_cohort', 'Summarise cohort')], db_index=True, max_length=40),
        ),
    ]
