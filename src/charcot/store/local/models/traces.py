"""What came of what: the nodes and edges of the product, made from the record, and made anew where they are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

if TYPE_CHECKING:
    Text = models.TextField[str, str]
    Whole = models.IntegerField[int, int]


class TraceState(models.Model):
    """How far the record was read: the last entry with its hash, and which forms were taken for events."""

    shape: Whole = models.IntegerField()
    seen: Whole = models.IntegerField()
    seen_hash: Text = models.TextField()
    event_forms: Text = models.TextField()

    class Meta:
        """One row."""

        app_label = "local"


class NodeLine(models.Model):
    """One node under a number, which makes edges short."""

    node: Text = models.TextField(unique=True)
    name: Text = models.TextField(db_index=True)

    class Meta:
        """Names are unique within a kind."""

        app_label = "local"


class EdgeLine(models.Model):
    """One edge; both indices hold all that a recursion reads."""

    parent: Whole = models.IntegerField()
    child: Whole = models.IntegerField()
    how: Text = models.TextField()
    entry: Whole = models.IntegerField()

    class Meta:
        """No edge twice."""

        app_label = "local"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["parent", "child", "entry", "how"], name="one_edge_line")
        ]
        indexes: ClassVar = [models.Index(fields=["child", "parent", "entry"], name="edge_line_back")]
