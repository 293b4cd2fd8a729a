"""The tables that a site keeps beside the record, one module a topic."""

from charcot.store.local.models.drafts import FormDraft, FormPresence, SavedSheet

__all__ = ["FormDraft", "FormPresence", "SavedSheet"]
