from typing import Any

from django.db import migrations, models

KEY: Any = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [
        ("local", "0007_saved_views"),
    ]

    operations = [
        migrations.DeleteModel(name="NodeLine"),
        migrations.CreateModel(
            name="NodeLine",
            fields=[
                ("id", KEY),
                ("node", models.TextField(unique=True)),
                ("name", models.TextField(db_index=True)),
                ("kind", models.TextField()),
                ("path", models.TextField()),
                ("entry", models.IntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "path", "entry", "name"], name="node_line_paths")],
                "constraints": [models.UniqueConstraint(fields=("path",), name="one_node_path")],
            },
        ),
        migrations.CreateModel(
            name="CrossingLine",
            fields=[
                ("id", KEY),
                ("parent", models.TextField()),
                ("child", models.TextField()),
                ("entry", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("parent", "child", "entry"), name="one_crossing_line")
                ],
            },
        ),
    ]
