from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("local", "0005_things_to_see"),
    ]

    operations = [
        migrations.CreateModel(
            name="TraceState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("shape", models.IntegerField()),
                ("seen", models.IntegerField()),
                ("seen_hash", models.TextField()),
                ("event_forms", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="NodeLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("node", models.TextField(unique=True)),
                ("name", models.TextField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="EdgeLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("parent", models.IntegerField()),
                ("child", models.IntegerField()),
                ("how", models.TextField()),
                ("entry", models.IntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["child", "parent", "entry"], name="edge_line_back")],
                "constraints": [
                    models.UniqueConstraint(fields=("parent", "child", "entry", "how"), name="one_edge_line")
                ],
            },
        ),
    ]
