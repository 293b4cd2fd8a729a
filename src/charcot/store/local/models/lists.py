"""How somebody likes to see a list: the filters that they gave a name."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class SavedView(models.Model):
    """One person's name for the filters of one list; `query` is what stands in its address."""

    person: models.CharField[str, str] = models.CharField(max_length=150)
    list: models.CharField[str, str] = models.CharField(max_length=40)
    name: models.CharField[str, str] = models.CharField(max_length=60)
    query: models.TextField[str, str] = models.TextField(blank=True)
    opens: models.BooleanField[bool, bool] = models.BooleanField(default=False)
    """Whether the list opens with it."""

    class Meta:
        """A name is used once by a person and list."""

        app_label = "local"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "list", "name"], name="one_saved_view"),
        ]
