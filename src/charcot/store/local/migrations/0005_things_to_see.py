import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("local", "0004_sheet_process"),
    ]

    operations = [
        migrations.AddField(
            model_name="participantline",
            name="broken",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="participantline",
            name="changed",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="participantline",
            name="unlocked",
            field=models.IntegerField(default=0),
        ),
        migrations.CreateModel(
            name="QueryLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("query", models.TextField()),
                ("asked", models.TextField(db_index=True)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pending",
                        to="local.participantline",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SeriousLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("form", models.TextField()),
                ("encounter", models.TextField()),
                ("instance", models.IntegerField()),
                ("entered", models.TextField(db_index=True)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="serious",
                        to="local.participantline",
                    ),
                ),
            ],
        ),
    ]
