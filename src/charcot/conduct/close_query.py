"""Close a query that is settled."""

from collections.abc import Sequence

from charcot.conduct.pending_queries import act_on_queries
from charcot.conduct.trial import Trial, require_reason
from charcot.ledger import Actor, Entry, Kind
from charcot.participants import Query


def close_query(
    trial: Trial, actor: Actor, *, participant: str, query: str | Sequence[str], reason: str | None = None
) -> tuple[Entry, ...]:
    """Closes one query, or several. One that was never answered needs a reason."""

    def said(found: Query) -> tuple[dict[str, object], str | None]:
        if found.status == "answered" and not (reason or "").strip():
            return {}, None
        return {}, require_reason(reason, "Queries: one without an answer is closed for a stated reason")

    allowed = ("open", "answered")
    return act_on_queries(trial, actor, "close_query", participant, query, Kind.QUERY_CLOSED, allowed, said)
