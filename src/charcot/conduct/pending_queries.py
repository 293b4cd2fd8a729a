"""Acts on queries that were asked before: several of one participant may be dealt with in one act."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from charcot.conduct.trial import ParticipantSituation, Trial, act_on_participant, draft_about
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import Query
from charcot.refusal import BadValue, OutOfOrder

Said = Callable[[Query], tuple[dict[str, Any], str | None]]
"""What an entry about a query says besides which it is, and its reason."""


def act_on_queries(
    trial: Trial,
    actor: Actor,
    verb: str,
    participant: str,
    queries: str | Sequence[str],
    kind: Kind,
    allowed: Collection[str],
    said: Said,
) -> tuple[Entry, ...]:
    """Enters one entry about each query, all or none; each must have a status in `allowed`."""
    wanted = [queries] if isinstance(queries, str) else list(dict.fromkeys(queries))

    def judge(situation: ParticipantSituation) -> list[Draft]:
        known = {query.id: query for query in situation.dossier.queries}
        unknown = [name for name in wanted if name not in known]
        if unknown or not wanted:
            raise BadValue(
                f"There is no query {', '.join(unknown)} about {participant}." if wanted else "Which query?",
                rule="Queries: numbered q1, q2 … for each participant",
                next_step="Choose from the list of queries.",
                facts={"queries": unknown},
            )
        drafts = []
        for name in wanted:
            query = known[name]
            _require_status(query, verb, allowed)
            more, reason = said(query)
            data = {"query": name, **query.key.as_data(), "item": query.item, "by": "person", **more}
            drafts.append(draft_about(situation, actor, verb, kind, data=data, reason=reason))
        return drafts

    return act_on_participant(trial, actor, verb, participant, judge)


def _require_status(query: Query, verb: str, allowed: Collection[str]) -> None:
    if query.status not in allowed:
        raise OutOfOrder(
            f"The query {query.id} is {query.status}.",
            rule=f"Queries: {verb.replace('_', ' ')} is possible while it is {' or '.join(sorted(allowed))}",
            next_step="Open it again first, with the reason."
            if query.status == "closed"
            else "Look at what happened to it in the meantime.",
            facts={"query": query.id, "status": query.status},
        )
