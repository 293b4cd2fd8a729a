from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("local", "0002_summaries")]

    operations = [
        migrations.CreateModel(
            name="PasswordLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person", models.CharField(max_length=150, unique=True)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PasswordTry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True)),
                ("person", models.CharField(max_length=150)),
                ("address", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["address", "at"], name="tries_of_address"),
                    models.Index(fields=["person", "at"], name="tries_for_person"),
                ],
            },
        ),
    ]
