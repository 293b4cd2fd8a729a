"""Queries by reconciliation: asked when something comes to disagree, asked again when it comes back, closed with a trace."""

from collections.abc import Sequence

from charcot.conduct.check_queries import draft_query
from charcot.ledger import Actor, Draft, Kind
from charcot.participants import Dossier, Query
from charcot.safety.reconciliation import Discrepancy, is_reconciliation, reconcile

AGREES = "this agrees now"


def draft_disagreements(
    before: Dossier, after: Dossier, questions: Sequence[Draft], actor: Actor, verb: str
) -> list[Draft]:
    """The queries of reconciliation that an act opens, opens again and closes; `questions`: those it opens besides.

    One query for each thing that does not agree, however often it is found. One that a person settled is asked again only where
    the values are others.
    """
    asked = {(q.key, q.check or ""): q for q in before.queries if is_reconciliation(q)}
    found = {(each.key, each.asks): each for each in reconcile(after)}
    number = len(before.queries) + sum(draft.kind is Kind.QUERY_OPENED for draft in questions)
    drafts = []
    for place, each in found.items():
        query = asked.get(place)
        if query is not None and not _asks_again(query, each):
            continue
        number += query is None
        version = after.casebook.latest(each.key)
        said = {
            "query": f"q{number}" if query is None else query.id,
            **each.key.as_data(),
            "item": each.item,
            "version": version.version if version is not None else 0,
            "by": "check",
            "check": each.asks,
            "text": each.question,
            "used": dict(each.used),
        }
        kind = Kind.QUERY_OPENED if query is None else Kind.QUERY_REOPENED
        drafts.append(draft_query(after, actor, verb, kind, said))
    for place, query in asked.items():
        if place not in found and query.is_pending:
            said = {"query": query.id, **query.key.as_data(), "item": query.item, "by": "check"}
            drafts.append(
                draft_query(after, actor, verb, Kind.QUERY_CLOSED, {**said, "check": query.check}, AGREES)
            )
    return drafts


def _asks_again(query: Query, found: Discrepancy) -> bool:
    if query.is_pending:
        return False
    return query.last.data["by"] == "check" or dict(query.used) != dict(found.used)
