"""Activate a protocol version: its full text enters the ledger, and acts are judged by that copy from then on."""

from collections.abc import Mapping

from charcot.conduct.trial import Situation, Trial, act_on_trial, require_reason
from charcot.ledger import TRIAL, Actor, Draft, Entry, Kind
from charcot.protocol import Protocol, Study, check_compatibility, fingerprint, require_study
from charcot.refusal import BadValue
from charcot.team import ActiveProtocol


def activate_protocol(
    trial: Trial, actor: Actor, *, protocol_files: Mapping[str, str], reason: str
) -> tuple[Entry, ...]:
    """Activates a new version. Raises UnreadableProtocol, or BadValue where it contradicts an earlier version."""
    study = require_study(protocol_files)

    def judge(situation: Situation) -> list[Draft]:
        number = study.protocol.version.number
        if any(active.version == number for active in situation.charter.protocols):
            raise BadValue(
                f"Version {number} is already active.",
                rule="Protocol: a version number is used once",
                next_step="Give the changed protocol a new version number and effective date.",
                facts={"version": number},
            )
        _require_same_trial(situation, study.protocol)
        clashes = [
            what for active in situation.charter.protocols for what in _clashes(active, study.protocol)
        ]
        if clashes:
            raise BadValue(
                "This version would change the meaning of what is already recorded: "
                + "; ".join(clashes)
                + ".",
                rule="Protocol: item ids never change type, unit or codes between versions",
                next_step="Give the changed items new ids.",
                facts={"findings": clashes},
            )
        why = require_reason(reason, "Protocol: a new version is activated for a stated reason")
        return [draft_activation(actor, protocol_files, study, verb="activate_protocol", reason=why)]

    return act_on_trial(trial, actor, "activate_protocol", judge)


def _clashes(active: ActiveProtocol, new: Protocol) -> list[str]:
    old = active.study.protocol
    found = [f.what for f in check_compatibility(old, new) if f.severity == "error"]
    for form in old.forms:
        kept = new.forms_by_id.get(form.form)
        if form.plays is not None and (kept is None or kept.plays != form.plays):
            found.append(
                f"the form {form.form} no longer plays {form.plays}, as it did in version {active.version}"
            )
    return found


def _require_same_trial(situation: Situation, new: Protocol) -> None:
    charter = situation.charter
    given, due = (new.trial.id, new.trial.zone), (charter.trial, charter.zone.key)
    if given != due:
        raise BadValue(
            f"This is the protocol of {given[0]} (time zone {given[1]}); the trial is {due[0]} ({due[1]}).",
            rule="Protocol: a new version keeps the trial's id and time zone, in which all times are written",
            next_step="Choose the right protocol folder, or put back id and zone.",
            facts={"given": list(given), "due": list(due)},
        )
    latest = max(active.effective for active in charter.protocols)
    if new.version.effective < latest:
        raise BadValue(
            f"This version would be effective from {new.version.effective}, before the one it follows ({latest}).",
            rule="Protocol: versions follow each other in time",
            next_step="Correct the effective date.",
            facts={"effective": str(new.version.effective), "latest": str(latest)},
        )


def draft_activation(
    actor: Actor, files: Mapping[str, str], study: Study, *, verb: str, reason: str | None = None
) -> Draft:
    """The draft that holds the whole text of a protocol version."""
    version = study.protocol.version
    return Draft(
        Kind.PROTOCOL_ACTIVATED,
        TRIAL,
        verb,
        actor,
        data={
            "version": version.number,
            "effective": str(version.effective),
            "summary": version.summary,
            "fingerprint": fingerprint(files),
            "files": dict(files),
        },
        reason=reason,
        protocol=version.number,
    )
