"""The graph of the product, made from the record, and made anew where it is lost: row by row, and as a whole in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from charcot.store.local.models.read_state import ReadState

if TYPE_CHECKING:
    Text = models.TextField[str, str]
    Whole = models.IntegerField[int, int]
    Bytes = models.BinaryField[bytes, bytes]


class TraceState(ReadState):
    """How far the record was read, and which forms were taken for events."""

    event_forms: Text = models.TextField()

    class Meta:
        """One row."""

        app_label = "local"


class NodeLine(models.Model):
    """One node under a number: 0, 1, 2 and so on as the record first speaks of them."""

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


class GraphPage(models.Model):
    """The same nodes and edges in the same order, some thousand a page, to be read all at once."""

    hows: Bytes = models.BinaryField()
    """What came new in how edges were made, each ended by a NUL."""
    kinds: Bytes = models.BinaryField()
    """One byte a node: the place of its kind among all."""
    names: Bytes = models.BinaryField()
    """Each ended by a NUL, which no name on the record has."""
    edges: Bytes = models.BinaryField()
    """Four whole numbers of four bytes an edge, the lowest first: parent, child, place of `how` among all, entry."""

    class Meta:
        """Pages under growing numbers."""

        app_label = "local"
