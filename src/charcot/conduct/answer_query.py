"""Answer a query."""

from collections.abc import Sequence

from charcot.conduct.pending_queries import act_on_queries
from charcot.conduct.trial import Trial, require_text
from charcot.ledger import Actor, Entry, Kind
from charcot.participants import Query


def answer_query(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    query: str | Sequence[str],
    text: str,
    version: int | None = None,
) -> tuple[Entry, ...]:
    """Answers one query, or several alike; `version`: the version of the form that answers it."""

    def said(_query: Query) -> tuple[dict[str, object], None]:
        answer: dict[str, object] = {"text": require_text(text, "answer").strip()}
        return answer | ({} if version is None else {"version": version}), None

    allowed = ("open", "answered")
    return act_on_queries(
        trial, actor, "answer_query", participant, query, Kind.QUERY_ANSWERED, allowed, said
    )
