"""The tables that a site keeps beside the record, one module a topic."""

from charcot.store.local.models.access import PasswordLink, PasswordTry
from charcot.store.local.models.drafts import FormDraft, FormPresence, SavedSheet
from charcot.store.local.models.summaries import (
    ParticipantLine,
    QueryLine,
    SeriousLine,
    SummaryState,
    VisitLine,
)

__all__ = [
    "FormDraft",
    "FormPresence",
    "ParticipantLine",
    "PasswordLink",
    "PasswordTry",
    "QueryLine",
    "SavedSheet",
    "SeriousLine",
    "SummaryState",
    "VisitLine",
]
