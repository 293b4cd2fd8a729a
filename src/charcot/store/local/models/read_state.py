"""How far the record was read into what is kept beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    Text = models.TextField[str, str]
    Whole = models.IntegerField[int, int]


class ReadState(models.Model):
    """The last entry that was read, with its hash, and the shape of what was made of it; one row."""

    shape: Whole = models.IntegerField()
    seen: Whole = models.IntegerField()
    seen_hash: Text = models.TextField()

    class Meta:
        """No table of its own."""

        abstract = True
