"""What is known of each participant in a line, and of their visits: made from the record, and made anew where it is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from charcot.store.local.models.read_state import ReadState

if TYPE_CHECKING:
    Text = models.TextField[str, str]
    Whole = models.IntegerField[int, int]


class SummaryState(ReadState):
    """How far the record was read, and what else the lines rest on."""

    protocols: Whole = models.IntegerField()
    ruling: Text = models.TextField()

    class Meta:
        """One row."""

        app_label = "local"


class ParticipantLine(models.Model):
    """One participant: what lists are filtered and sorted by, and the whole summary as JSON."""

    participant: Text = models.TextField(primary_key=True)
    folded: Text = models.TextField()
    last: Whole = models.IntegerField()
    protocols: Whole = models.IntegerField()
    site: Text = models.TextField()
    standing: Text = models.TextField(db_index=True)
    enrolled: models.BooleanField[bool, bool] = models.BooleanField()
    infused: models.BooleanField[bool, bool] = models.BooleanField()
    forms: Whole = models.IntegerField()
    incomplete: Whole = models.IntegerField()
    failed_errors: Whole = models.IntegerField()
    failed_queries: Whole = models.IntegerField()
    failed_notes: Whole = models.IntegerField()
    deviations: Whole = models.IntegerField()
    queries: Whole = models.IntegerField()
    to_answer: Whole = models.IntegerField()
    unsigned: Whole = models.IntegerField()
    broken: Whole = models.IntegerField(default=0)
    unverified: Whole = models.IntegerField()
    changed: Whole = models.IntegerField(default=0)
    unlocked: Whole = models.IntegerField(default=0)
    oldest_query: models.TextField[str | None, str | None] = models.TextField(null=True)
    slope: models.FloatField[float | None, float | None] = models.FloatField(null=True)
    last_seen: models.TextField[str | None, str | None] = models.TextField(null=True)
    content: Text = models.TextField()

    class Meta:
        """In the order of numbers."""

        app_label = "local"
        ordering: ClassVar = ["participant"]


class VisitLine(models.Model):
    """One planned visit of one participant, with how it stands before, within and after its window."""

    participant: models.ForeignKey[ParticipantLine, ParticipantLine] = models.ForeignKey(
        ParticipantLine, models.CASCADE, related_name="visits"
    )
    encounter: Text = models.TextField()
    label: Text = models.TextField()
    due_from: models.TextField[str | None, str | None] = models.TextField(null=True)
    due_until: models.TextField[str | None, str | None] = models.TextField(null=True)
    before: Text = models.TextField()
    within: Text = models.TextField()
    after: Text = models.TextField()
    missing: Whole = models.IntegerField()

    class Meta:
        """One a participant and encounter."""

        app_label = "local"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["participant", "encounter"], name="one_visit_line")
        ]


class QueryLine(models.Model):
    """One query that is not closed, and when it was asked."""

    participant: models.ForeignKey[ParticipantLine, ParticipantLine] = models.ForeignKey(
        ParticipantLine, models.CASCADE, related_name="pending"
    )
    query: Text = models.TextField()
    asked: Text = models.TextField(db_index=True)

    class Meta:
        """Beside the participant's line."""

        app_label = "local"


class SeriousLine(models.Model):
    """One serious adverse event, and when it was first said to be serious."""

    participant: models.ForeignKey[ParticipantLine, ParticipantLine] = models.ForeignKey(
        ParticipantLine, models.CASCADE, related_name="serious"
    )
    form: Text = models.TextField()
    encounter: Text = models.TextField()
    instance: Whole = models.IntegerField()
    entered: Text = models.TextField(db_index=True)

    class Meta:
        """Beside the participant's line."""

        app_label = "local"
