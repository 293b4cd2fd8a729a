"""Open a query: ask about a form, or one item of it."""

from charcot.conduct.form_entry import require_form
from charcot.conduct.trial import ParticipantSituation, Trial, act_on_participant, draft_about, require_text
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import FormKey
from charcot.refusal import BadValue


def open_query(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    form: str,
    text: str,
    encounter: str = "",
    instance: int = 1,
    item: str = "",
) -> tuple[Entry, ...]:
    """Asks about `item`, or about the whole form, which need not be filled yet."""
    key = FormKey(form, encounter, instance)

    def judge(situation: ParticipantSituation) -> list[Draft]:
        definition = require_form(situation, key)
        if item and definition.item(item) is None:
            raise BadValue(
                f"{definition.title} has no field {item!r}.",
                rule=f"Form {form!r}",
                next_step="Choose a field of the form, or ask about the whole form.",
                facts={"form": form, "item": item},
            )
        data = {
            "query": f"q{len(situation.dossier.queries) + 1}",
            **key.as_data(),
            "item": item,
            "version": situation.dossier.casebook.number(key),
            "by": "person",
            "text": require_text(text, "question").strip(),
        }
        return [draft_about(situation, actor, "open_query", Kind.QUERY_OPENED, data=data)]

    return act_on_participant(trial, actor, "open_query", participant, judge)
