from typing import Any

from django.db import migrations, models

KEY: Any = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [
        ("local", "0008_trace_paths"),
    ]

    operations = [
        migrations.DeleteModel(name="CrossingLine"),
        migrations.DeleteModel(name="NodeLine"),
        migrations.CreateModel(
            name="NodeLine",
            fields=[
                ("id", KEY),
                ("node", models.TextField(unique=True)),
                ("name", models.TextField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="GraphPage",
            fields=[
                ("id", KEY),
                ("hows", models.BinaryField()),
                ("kinds", models.BinaryField()),
                ("names", models.BinaryField()),
                ("edges", models.BinaryField()),
            ],
        ),
    ]
