"""What came of what: the nodes and edges of the product, made from the record, and made anew where they are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from charcot.store.local.models.read_state import ReadState

if TYPE_CHECKING:
    Text = models.TextField[str, str]
    Whole = models.IntegerField[int, int]


class TraceState(ReadState):
    """How far the record was read, and which forms were taken for events."""

    event_forms: Text = models.TextField()

    class Meta:
        """One row."""

        app_label = "local"


class NodeLine(models.Model):
    """One node under a number, with its place in a forest: its path begins with the path of what it first came of."""

    node: Text = models.TextField(unique=True)
    name: Text = models.TextField(db_index=True)
    kind: Text = models.TextField()
    path: Text = models.TextField()
    entry: Whole = models.IntegerField()
    """The entry that joined it to the forest; 0 where it is a root."""

    class Meta:
        """Names are unique within a kind; both indices hold all that a count and a list read."""

        app_label = "local"
        constraints: ClassVar = [models.UniqueConstraint(fields=["path"], name="one_node_path")]
        indexes: ClassVar = [models.Index(fields=["kind", "path", "entry", "name"], name="node_line_paths")]


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


class CrossingLine(models.Model):
    """One step from a node's path to a path that does not begin with it, where no step that is known implies it."""

    parent: Text = models.TextField()
    child: Text = models.TextField()
    entry: Whole = models.IntegerField()

    class Meta:
        """No step twice; the index holds all that a recursion reads."""

        app_label = "local"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["parent", "child", "entry"], name="one_crossing_line")
        ]
