from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("local", "0006_traces"),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person", models.CharField(max_length=150)),
                ("list", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=60)),
                ("query", models.TextField(blank=True)),
                ("opens", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "list", "name"), name="one_saved_view")
                ],
            },
        ),
    ]
