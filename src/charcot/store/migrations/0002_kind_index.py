from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0001_ledger")]

    operations = [
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(fields=["kind", "sequence"], name="store_kind_sequence"),
        ),
    ]
