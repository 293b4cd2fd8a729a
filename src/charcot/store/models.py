"""The one table of the record: an entry of the ledger, its hashes, and copies of parts of its text."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class LedgerEntry(models.Model):
    """An entry. `text` is the record; every other column but the hashes repeats what it says.

    Text columns have no length and no `unique=True`, which would add a second index on PostgreSQL.
    `sequence` is an IntegerField, because SQLite then keeps the rows in its order without another index.
    """

    sequence: models.IntegerField[int, int] = models.IntegerField(primary_key=True)
    previous_hash: models.TextField[str, str] = models.TextField()
    hash: models.TextField[str, str] = models.TextField()
    kind: models.TextField[str, str] = models.TextField()
    subject: models.TextField[str, str] = models.TextField()
    recorded_at: models.TextField[str, str] = models.TextField()
    text: models.TextField[str, str] = models.TextField()

    class Meta:
        """Where the database keeps it."""

        app_label = "store"
        db_table = "store_ledgerentry"
        ordering: ClassVar = ["sequence"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["hash"], name="store_ledgerentry_hash")]
        indexes: ClassVar = [
            models.Index(fields=["subject", "sequence"], name="store_subject_sequence"),
            models.Index(fields=["kind", "sequence"], name="store_kind_sequence"),
        ]

    def __str__(self) -> str:
        return f"entry {self.sequence}"
