"""Sign forms: some, those of a visit, or the whole casebook of a participant, in the versions that the signer saw."""

from collections.abc import Mapping

from charcot.conduct.form_entry import require_standing_form
from charcot.conduct.trial import ParticipantSituation, Trial, act_on_participant, draft_about
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import FormKey, FormVersion
from charcot.refusal import OutOfOrder
from charcot.team import Signature, require_signature


def sign(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    signature: Signature | None,
    versions: Mapping[FormKey, int] | None = None,
    encounter: str | None = None,
) -> tuple[Entry, ...]:
    """Signs the forms in `versions`, each in the version that the signer saw; raises OutdatedVersion, NotSigned.

    Without `versions`, everything that is not signed yet as it stands: of the visit `encounter`, or of the whole casebook.
    """

    def judge(situation: ParticipantSituation) -> list[Draft]:
        charter, dossier = situation.charter, situation.dossier
        protocol = charter.ruling_on(situation.now.date()).study.protocol
        given = require_signature(protocol, actor, signature, imagined=charter.simulated_clock)
        if versions is None:
            chosen = _unsigned(situation, encounter)
        else:
            chosen = [require_standing_form(situation, key, seen) for key, seen in sorted(versions.items())]
        if not chosen:
            raise OutOfOrder(
                "There is nothing to sign here.",
                rule="Signatures: what was recorded and is not signed yet",
                next_step="Nothing needs to be done.",
                facts={"participant": dossier.participant, "encounter": encounter},
            )
        data = {
            "meaning": given.meaning,
            "method": given.method,
            "forms": [{**v.key.as_data(), "version": v.version, "hash": v.entry.hash} for v in chosen],
        }
        return [draft_about(situation, actor, "sign", Kind.FORMS_SIGNED, data=data)]

    return act_on_participant(trial, actor, "sign", participant, judge)


def _unsigned(situation: ParticipantSituation, encounter: str | None) -> list[FormVersion]:
    dossier = situation.dossier
    return [
        versions[-1]
        for key, versions in sorted(dossier.casebook.forms.items())
        if encounter in (None, key.encounter) and not dossier.signatures.is_signed(key)
    ]
