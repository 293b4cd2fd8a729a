"""Open a query again whose answer does not settle it, or that was closed too early."""

from collections.abc import Sequence

from charcot.conduct.pending_queries import act_on_queries
from charcot.conduct.trial import Trial, require_reason
from charcot.ledger import Actor, Entry, Kind
from charcot.participants import Query


def reopen_query(
    trial: Trial, actor: Actor, *, participant: str, query: str | Sequence[str], reason: str
) -> tuple[Entry, ...]:
    """Asks one query, or several, once more; the reason says what is still not clear."""

    def said(_query: Query) -> tuple[dict[str, object], str]:
        return {}, require_reason(reason, "Queries: one is opened again for a stated reason")

    allowed = ("answered", "closed")
    return act_on_queries(
        trial, actor, "reopen_query", participant, query, Kind.QUERY_REOPENED, allowed, said
    )
