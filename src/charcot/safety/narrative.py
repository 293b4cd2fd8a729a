"""A narrative drafted from the ledger: who, what was given, what happened when, and what became of it; to be edited and signed."""

from collections.abc import Callable, Mapping

from charcot.ledger import Kind
from charcot.participants import Dossier, FormKey, FormVersion
from charcot.protocol import Form, Protocol
from charcot.safety.episodes import find_episodes


def _as_recorded(moment: str) -> str:
    return moment.replace("T", " at ")


def draft_narrative(dossier: Dossier, version: FormVersion, say: Callable[[str], str] = _as_recorded) -> str:
    """Sentences from what is recorded; what is not recorded is said to be so. Nothing is judged or concluded.

    `say` writes the moments in it.
    """
    protocol = dossier.study.protocol
    form = protocol.forms_by_id[version.key.form]
    parts = [
        _person(dossier),
        _given(dossier, say),
        _event(protocol, form, dossier, version, say),
        _episodes(dossier, version, say),
        _medicines(dossier, version),
    ]
    return " ".join(part for part in parts if part)


def signed_narrative(dossier: Dossier, key: FormKey) -> Mapping[str, object] | None:
    """The newest signed narrative of an event: its text, the version it tells of, and who signed; None where there is none."""
    found = [
        entry
        for entry in dossier.entries
        if entry.kind is Kind.NARRATIVE_SIGNED and FormKey.of(entry.data) == key
    ]
    return found[-1].data if found else None


def _person(dossier: Dossier) -> str:
    sex_form, _, sex_item = (dossier.study.protocol.sex_item or "").partition(".")
    sex = _last(dossier, sex_form, sex_item)
    age = _last(dossier, "demography", "age_at_consent") or _last(dossier, "demography", "age")
    words = {"M": "man", "F": "woman"}.get(sex or "", "person")
    aged = f"a {words} of {age} years at consent" if age else f"a {words} whose age is not recorded"
    return f"Participant {dossier.participant} is {aged}."


def _given(dossier: Dossier, say: Callable[[str], str]) -> str:
    infusions = dossier.standing.infusions
    if not infusions:
        return "No product had been given."
    last = infusions[-1]
    lot = last.entry.data.get("dose")
    given = last.text("given_dose")
    dose = f" {int(float(given)):,} cells".replace(",", " ") if given else " a dose that is not recorded"
    volume = f" in {last.text('volume')} ml" if last.text("volume") else ""
    which = f" (dose {lot})" if lot else ""
    return f"On {say(last.clinical_time.text)},{dose}{volume} were infused{which}."


def _event(
    protocol: Protocol, form: Form, dossier: Dossier, version: FormVersion, say: Callable[[str], str]
) -> str:
    def said(item: str) -> str:
        found, text = form.item(item), version.text(item)
        codes = {c.code: c.label for c in protocol.codes_of(found)} if found is not None else {}
        return (
            ", ".join(codes.get(part, part) for part in text.split(",")).lower() if text else "not recorded"
        )

    infused = dossier.standing.infused_at
    when = version.clinical_time
    day = ""
    if infused is not None and infused.is_complete and when.is_complete:
        day = f", day {(when.day - infused.day).days} after the infusion"
    words = f" (in their words: {version.text('verbatim')})" if version.text("verbatim") else ""
    sentences = [
        f"{version.text('term') or 'An event'}{words} began on {say(when.text)}{day}.",
        f"Severity: {said('grade')}. Serious: {said('serious')}"
        + (f" ({said('serious_criteria')})" if version.text("serious_criteria") else "")
        + ".",
    ]
    if version.text("confirmed_by"):
        sentences.append(f"It was confirmed by: {version.text('confirmed_by')}.")
    if version.text("treatment"):
        sentences.append(f"Treatment: {version.text('treatment')}.")
    ended = f" on {say(end)}" if (end := version.text("ended")) else ""
    sentences.append(f"Outcome: {said('outcome')}{ended}.")
    sentences.append(
        f"The investigator holds the relation to the product to be {said('relation_product')}, to the procedure "
        f"{said('relation_procedure')}, to the disease {said('relation_disease')}."
    )
    return " ".join(sentences)


def _episodes(dossier: Dossier, version: FormVersion, say: Callable[[str], str]) -> str:
    """The episodes before this one, where the event had come and gone."""
    found = find_episodes(dossier.casebook.instances(version.key.form)).get(version.key)
    if found is None or found.number == 1:
        return ""
    before = (
        f"event {each.key.instance} from {say(each.clinical_time.text)} to {say(str(each.text('ended')))}"
        for each in found.event[: found.number - 1]
    )
    return f"It is episode {found.number} of this event, after {', '.join(before)}."


def _medicines(dossier: Dossier, version: FormVersion) -> str:
    taken = [
        v.text("medicine") or ""
        for v in dossier.casebook.instances("concomitant_medication")
        if not version.clinical_time.surely_before(v.clinical_time) or v.text("ongoing") == "yes"
    ]
    named = sorted({each for each in taken if each})
    return f"Medicines on record: {', '.join(named)}." if named else ""


def _last(dossier: Dossier, form: str, item: str) -> str | None:
    texts = [v.text(item) for v in dossier.casebook.instances(form)]
    known = [text for text in texts if text is not None]
    return known[-1] if known else None
