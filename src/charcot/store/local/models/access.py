"""What lets people set a password, and what slows down those who guess one."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models


class PasswordLink(models.Model):
    """A way to set a password once, until it expires; only the digest of its code is kept."""

    person: models.CharField[str, str] = models.CharField(max_length=150, unique=True)
    digest: models.CharField[str, str] = models.CharField(max_length=64, unique=True)
    expires_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()

    class Meta:
        """One link a person."""

        app_label = "local"


class PasswordTry(models.Model):
    """A password was tried: when, for whom, from which address."""

    at: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_index=True)
    person: models.CharField[str, str] = models.CharField(max_length=150)
    address: models.CharField[str, str] = models.CharField(max_length=64)

    class Meta:
        """Counted by address and by person."""

        app_label = "local"
        indexes: ClassVar = [
            models.Index(fields=["address", "at"], name="tries_of_address"),
            models.Index(fields=["person", "at"], name="tries_for_person"),
        ]
