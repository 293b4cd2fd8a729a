"""The tables that a site keeps beside the record, one module a topic."""

from charcot.store.local.models.access import PasswordLink, PasswordTry
from charcot.store.local.models.drafts import FormDraft, FormPresence, SavedSheet
from charcot.store.local.models.lists import SavedView
from charcot.store.local.models.summaries import (
    ParticipantLine,
    QueryLine,
    SeriousLine,
    SummaryState,
    VisitLine,
)
from charcot.store.local.models.traces import EdgeLine, GraphPage, NodeLine, TraceState

__all__ = [
    "EdgeLine",
    "FormDraft",
    "FormPresence",
    "GraphPage",
    "NodeLine",
    "ParticipantLine",
    "PasswordLink",
    "PasswordTry",
    "QueryLine",
    "SavedSheet",
    "SavedView",
    "SeriousLine",
    "SummaryState",
    "TraceState",
    "VisitLine",
]
