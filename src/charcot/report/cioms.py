"""The CIOMS I form of one serious event, filled from the record, as PDF on one or two pages of A4."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from charcot.ledger import Kind
from charcot.participants import Dossier, FormKey, FormVersion
from charcot.protocol import Protocol
from charcot.report.pdf import STANDARDS
from charcot.report.typst_data import cover_texts
from charcot.report.typst_setting import render_typst
from charcot.safety.narrative import draft_narrative, signed_narrative

SEE = "See the narrative."


@dataclass(frozen=True)
class CiomsBox:
    """One numbered box: where it stands, what it asks, what the record says. `width` in twelfths of the page."""

    number: str
    title: str
    text: str
    width: int


def fill_cioms(dossier: Dossier, version: FormVersion, trial: str, made_at: datetime) -> list[CiomsBox]:
    """The boxes in the order of the form. What the record does not hold stays empty; initials are never written."""
    protocol = dossier.study.protocol
    form_sex, _, item_sex = (protocol.sex_item or "").partition(".")
    infused = dossier.standing.infusions[-1] if dossier.standing.infusions else None
    onset = version.clinical_time.text
    criteria = _said(protocol, version, "serious_criteria") or _said(protocol, version, "serious")
    signed = signed_narrative(dossier, version.key)
    story = str(signed["text"]) if signed else f"DRAFT, not signed. {draft_narrative(dossier, version)}"
    given = ""
    if infused is not None:
        given = f"{infused.text('given_dose') or '?'} cells, {infused.text('volume') or '?'} ml"
    sponsor = _sponsor_relation(protocol, dossier, version.key)
    relation = f"Investigator: {_said(protocol, version, 'relation_product') or 'not recorded'}. Sponsor: {sponsor or 'not assessed'}."
    medicines = sorted(
        {v.text("medicine") or "" for v in dossier.casebook.instances("concomitant_medication")} - {""}
    )
    again = "not applicable: given once" if len(dossier.standing.infusions) < 2 else SEE
    return [
        CiomsBox("1", "Patient", dossier.participant, 2),
        CiomsBox("1a", "Country", "", 2),
        CiomsBox("2", "Date of birth", "not passed on", 2),
        CiomsBox("2a", "Age", _age(dossier), 1),
        CiomsBox("3", "Sex", _last(dossier, form_sex, item_sex), 1),
        CiomsBox("4–6", "Onset", onset, 2),
        CiomsBox("8–12", "Serious because of", criteria, 2),
        CiomsBox("7 + 13", "Reaction, with relevant tests", story, 12),
        CiomsBox(
            "14", "Suspect product", protocol.interventions[0].label if protocol.interventions else "", 4
        ),
        CiomsBox("15", "Dose", given, 4),
        CiomsBox("16", "Route", "as in the protocol", 4),
        CiomsBox("17", "Indication", protocol.trial.condition, 4),
        CiomsBox("18", "Given", infused.clinical_time.text if infused else "", 4),
        CiomsBox("19", "For how long", _minutes(infused), 4),
        CiomsBox("20", "Abated after stopping", again, 6),
        CiomsBox("21", "Came back after giving again", again, 6),
        CiomsBox("22", "Other medicines", ", ".join(medicines), 6),
        CiomsBox("23", "Relevant history", SEE, 6),
        CiomsBox("24a", "Sponsor", protocol.trial.sponsor, 4),
        CiomsBox("24b", "Sponsor's number", f"{trial}/{dossier.participant}/{version.key.instance}", 4),
        CiomsBox("24c", "First known", version.text("aware_on") or "", 4),
        CiomsBox("24d", "From", "study", 2),
        CiomsBox("25a", "Report", _follow_up(dossier, version.key), 3),
        CiomsBox("26", "Relation to the product", relation, 5),
        CiomsBox("", "Of the record as of", f"{made_at:%Y-%m-%d %H:%M}", 2),
    ]


def render_cioms(
    dossier: Dossier, version: FormVersion, trial: str, made_at: datetime, purpose: str
) -> bytes:
    """The form as PDF; the same record gives the same bytes."""
    boxes = [vars(box) for box in fill_cioms(dossier, version, trial, made_at)]
    data = {
        "trial": dossier.study.protocol.trial.short_title,
        "boxes": boxes,
        "band": {"demo": "demo: synthetic", "practice": "practice: nobody here is a real person"}.get(purpose, ""),
        "short": f"entry {version.entry.sequence}, {version.entry.hash[:16]}…",
        "date": [made_at.year, made_at.month, made_at.day],
    }  # fmt: skip
    return render_typst(
        "cioms.typ",
        {"form": json.dumps(cover_texts(data), ensure_ascii=False)},
        "pdf",
        standards=STANDARDS,
        timestamp=int(datetime(made_at.year, made_at.month, made_at.day, tzinfo=UTC).timestamp()),
    )


def _said(protocol: Protocol, version: FormVersion, item: str) -> str:
    form = protocol.forms_by_id[version.key.form]
    found, text = form.item(item), version.text(item)
    if found is None or not text:
        return ""
    codes = {code.code: code.label for code in protocol.codes_of(found)}
    return ", ".join(codes.get(part, part) for part in text.split(","))


def _sponsor_relation(protocol: Protocol, dossier: Dossier, key: FormKey) -> str:
    found = [e for e in dossier.entries if e.kind is Kind.RELATION_ASSESSED and FormKey.of(e.data) == key]
    if not found:
        return ""
    item = protocol.forms_by_id[key.form].item("relation_product")
    codes = {code.code: code.label for code in protocol.codes_of(item)} if item is not None else {}
    relation = str(found[-1].data["relation"])
    return codes.get(relation, relation)


def _follow_up(dossier: Dossier, key: FormKey) -> str:
    sent = [e for e in dossier.entries if e.kind is Kind.SUBMISSION_RECORDED and FormKey.of(e.data) == key]
    return "initial" if not sent else f"follow-up no. {len(sent)}"


def _minutes(infused: FormVersion | None) -> str:
    ended = infused.text("ended_at") if infused is not None else None
    if infused is None or not ended or not infused.clinical_time.has_time:
        return ""
    passed = datetime.fromisoformat(ended) - infused.clinical_time.earliest
    return f"{int(passed.total_seconds() // 60)} min"


def _age(dossier: Dossier) -> str:
    return _last(dossier, "demography", "age_at_consent") or _last(dossier, "demography", "age")


def _last(dossier: Dossier, form: str, item: str) -> str:
    known = [text for v in dossier.casebook.instances(form) if (text := v.text(item))]
    return known[-1] if known else ""
