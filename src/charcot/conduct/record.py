"""Record a form: its first version, or what was still missing on it."""

from charcot.conduct.form_entry import (
    Given,
    as_values,
    draft_form,
    opened,
    require_form,
    require_newest,
    split_kept,
)
from charcot.conduct.trial import ParticipantSituation, Trial, act_on_participant, require_moment
from charcot.ledger import Actor, Draft, Entry, Origin, Value
from charcot.participants import FormKey
from charcot.refusal import OutOfOrder

OWN_ACTS = {
    "consent": "consent",
    "infusion": "infuse",
    "adverse_event": "report_event",
    "death": "record_death",
    "contact": "contact",
}
"""Parts of a trial that have an act of their own, with its verb."""


def record(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    form: str,
    at: str,
    values: Given,
    encounter: str = "",
    instance: int = 1,
    based_on: int = 0,
    source: str = "paper",
    origin: Origin = Origin.ENTERED,
) -> tuple[Entry, ...]:
    """Enters a form as it was at clinical time `at`, written from version `based_on` (0 where there was none).

    Values that are already there are changed by `correct` alone. Raises a Refusal that names each field.
    """
    key = FormKey(form, encounter, instance)

    def judge(situation: ParticipantSituation) -> list[Draft]:
        moment = require_moment(at, situation)
        definition = require_form(situation, key)
        own = OWN_ACTS.get(definition.plays or "")
        if own is not None:
            raise OutOfOrder(
                f"{definition.title} is not recorded like other forms.",
                rule=f"Acts: {definition.title.lower()} has an act of its own, which checks more",
                next_step=f"Use {own.replace('_', ' ')}.",
            )
        given = as_values(values, origin)
        current = situation.dossier.casebook.latest(key)
        saved = situation.dossier.casebook.history(key)
        require_newest(saved[-1] if saved else None, based_on, given, definition)
        carried: dict[str, Value] = {}
        if current is not None:
            kept, carried = split_kept(definition, current)
            if moment != current.clinical_time:
                raise OutOfOrder(
                    f"This form is dated {current.clinical_time.text}, not {at}.",
                    rule="Forms: what was recorded is changed only by a correction with a reason",
                    next_step="Save it with its date, or correct the date and say why.",
                    facts={"saved": current.clinical_time.text, "given": at},
                )
            known = opened(trial, participant, definition, kept)
            changed = [i for i, v in given.items() if i in kept and _answer(known[i]) != _answer(v)]
            if changed:
                raise OutOfOrder(
                    f"These fields already have values: {', '.join(changed)}.",
                    rule="Forms: what was recorded is changed only by a correction with a reason",
                    next_step="Correct the form and say why.",
                    facts={"fields": changed},
                )
            given = {**given, **kept}
        version = based_on + 1
        return [
            draft_form(
                trial,
                situation,
                actor,
                "record",
                key,
                given,
                moment,
                version=version,
                source=source,
                carried=carried,
            )
        ]

    return act_on_participant(trial, actor, "record", participant, judge)


def _answer(value: Value) -> tuple[str | None, str | None, str | None]:
    return value.text, value.absent, value.why
