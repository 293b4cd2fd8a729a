"""What is being filled in and not yet entered: drafts, who has which form open, and sheets that were saved once."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models


class FormDraft(models.Model):
    """One person's draft of one form of one participant; its content is sealed."""

    person: models.CharField[str, str] = models.CharField(max_length=150)
    participant: models.CharField[str, str] = models.CharField(max_length=40)
    form: models.CharField[str, str] = models.CharField(max_length=80)
    encounter: models.CharField[str, str] = models.CharField(max_length=80, blank=True)
    instance: models.PositiveIntegerField[int, int] = models.PositiveIntegerField()
    content: models.TextField[str, str] = models.TextField()
    saved_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()

    class Meta:
        """One draft a person and form."""

        app_label = "local"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "participant", "form", "encounter", "instance"], name="one_draft"
            )
        ]


class FormPresence(models.Model):
    """Who has a form open, and when that was last heard of."""

    person: models.CharField[str, str] = models.CharField(max_length=150)
    participant: models.CharField[str, str] = models.CharField(max_length=40)
    form: models.CharField[str, str] = models.CharField(max_length=80)
    encounter: models.CharField[str, str] = models.CharField(max_length=80, blank=True)
    instance: models.PositiveIntegerField[int, int] = models.PositiveIntegerField()
    seen_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_index=True)

    class Meta:
        """One a person and form."""

        app_label = "local"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "participant", "form", "encounter", "instance"], name="one_presence"
            )
        ]


class SavedSheet(models.Model):
    """The token of a sheet that is being saved or was: it is saved once, however often it is sent."""

    token: models.CharField[str, str] = models.CharField(max_length=64, unique=True)
    person: models.CharField[str, str] = models.CharField(max_length=150)
    place: models.CharField[str, str] = models.CharField(max_length=300, blank=True)
    saved_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_index=True)
    process: models.IntegerField[int, int] = models.IntegerField(default=0)
    """The process that took the token; nothing came of it where that process died."""

    class Meta:
        """Kept for some days."""

        app_label = "local"
