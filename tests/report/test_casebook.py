"""Casebooks read back: every value and question is there, what may not be seen is not, and the bytes stay the same."""

import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pypdf
import pytest
import typst

from charcot import report as room
from charcot.datasets import Snapshot
from charcot.ledger import Entry
from charcot.refusal import BadValue
from charcot.report.casebook import paper, render_casebook, render_paper_casebook
from charcot.report.casebook.pages import CasebookSource
from charcot.report.casebook.rule_words import describe_rule
from report.shipped_trial import shipped_entries, snapshot_of_entries

POINTS_PER_MM = 72 / 25.4
CORRECTED = "S-02"
"""The participant whose weight of 68.3 kg was corrected to 58.3 kg."""


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def words_of(data: bytes) -> str:
    return "".join(squeezed(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(data)).pages)


@lru_cache(maxsize=1)
def snapshot() -> Snapshot:
    return snapshot_of_entries(shipped_entries())


@lru_cache(maxsize=8)
def casebook(participant: str) -> bytes:
    return render_casebook(snapshot(), participant)


@lru_cache(maxsize=2)
def on_paper(kind: paper.PaperKind) -> bytes:
    found = snapshot()
    return render_paper_casebook(
        found.protocol, kind, CasebookSource(found.now.date(), found.receipt, "demo")
    )


def corrected_entry() -> Entry:
    return next(e for e in shipped_entries() if e.verb == "correct" and e.participant == CORRECTED)


@pytest.mark.parametrize("participant", [CORRECTED, "S-10", "S-20"])
def test_every_value_of_a_participant_is_in_their_casebook(participant: str) -> None:
    found, text = snapshot(), words_of(casebook(participant))
    dossier = next(d for d in found.dossiers if d.participant == participant)
    looked = 0
    for versions in dossier.casebook.forms.values():
        form = next(f for f in found.forms if f.form == versions[-1].key.form)
        for version in versions:
            for name, value in version.values.items():
                item = form.item(name)
                assert item is not None
                labels = {code.code: code.label for code in found.codes_of(item)}
                shown = value.text if value.text is not None else value.why
                if value.sealed is not None:
                    continue
                for part in (shown or "").split(",") if labels else [shown or ""]:
                    assert squeezed(labels.get(part.strip(), part)) in text, f"{version.key} {name}"
                looked += 1
    assert looked > 500


def test_a_correction_shows_the_earlier_value_who_when_and_why() -> None:
    entry, text = corrected_entry(), words_of(casebook(CORRECTED))
    struck = text.index("68.3untilversion2")
    after = text[struck : struck + 400]
    assert entry.actor.person in after
    assert f"entry{entry.sequence}" in after
    assert squeezed(entry.reason or "never") in after


def test_the_appendix_names_every_entry_about_the_participant_with_its_hash() -> None:
    text = words_of(casebook(CORRECTED))
    about = [e for e in shipped_entries() if e.participant == CORRECTED]
    assert len(about) > 50
    assert all(entry.hash[:16] in text for entry in about)
    other = next(e for e in shipped_entries() if e.participant == "S-10")
    assert other.hash[:16] not in text


def test_every_page_says_trial_participant_cut_receipt_and_number() -> None:
    pages = pypdf.PdfReader(io.BytesIO(casebook(CORRECTED))).pages
    head = snapshot().receipt
    for place, page in enumerate(pages, 1):
        text = page.extract_text()
        assert snapshot().protocol.trial.short_title in text
        assert f"Casebook of {CORRECTED}" in text
        assert f"receipt {head.sequence}:{head.hash[:16]}" in text
        assert "demo: synthetic follow-up" in text
        assert f"{place} of {len(pages)}" in text


def test_bookmarks_lead_to_visits_forms_and_the_audit_trail() -> None:
    outline = pypdf.PdfReader(io.BytesIO(casebook(CORRECTED))).outline
    visits = [entry.title for entry in outline if not isinstance(entry, list)]
    forms = [entry.title for part in outline if isinstance(part, list) for entry in part]
    assert visits[0] == "Screening" and visits[-1] == "Audit trail"
    assert {"ALSFRS-R", "Informed consent", "Infusion of cells"} <= set(forms)


def test_as_of_an_entry_later_values_are_not_there() -> None:
    before = corrected_entry().sequence - 1
    then = snapshot_of_entries(shipped_entries()[:before])
    text = words_of(render_casebook(then, CORRECTED))
    assert "68.3kg" in text
    assert "untilversion2" not in text
    assert f"receipt{before}:" in text


def test_there_is_no_casebook_of_nobody() -> None:
    with pytest.raises(BadValue, match="S-99"):
        render_casebook(snapshot(), "S-99")


def test_the_same_entries_give_the_same_bytes_here_and_elsewhere(tmp_path: Path) -> None:
    made = {CORRECTED: casebook(CORRECTED), "blank": on_paper("blank")}
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2]); here = Path(sys.argv[1])\n"
        "import report.test_casebook as told\n"
        "(here / 'S-02').write_bytes(told.casebook('S-02')); (here / 'blank').write_bytes(told.on_paper('blank'))"
    )
    elsewhere = {**os.environ, "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "17", "LC_ALL": "C"}
    here = Path(__file__).parents[1]
    subprocess.run([sys.executable, "-c", script, str(tmp_path), str(here)], check=True, env=elsewhere)
    for name, content in made.items():
        assert (tmp_path / name).read_bytes() == content, name


def test_a_casebook_does_not_depend_on_the_day_it_is_made() -> None:
    later = replace(snapshot(), now=snapshot().now.replace(year=2031))
    assert render_casebook(later, "S-20") == casebook("S-20")


def test_the_blank_casebook_asks_every_question() -> None:
    protocol, text = snapshot().protocol, words_of(on_paper("blank"))
    for form in protocol.forms:
        assert squeezed(form.title) in text
        for item in form.items:
            assert squeezed(item.label) in text, f"{form.form}.{item.id}"
            for code in protocol.codes_of(item) if item.computed is None else ():
                assert squeezed(code.label) in text, f"{form.form}.{item.id}: {code.label}"


def test_the_annotated_casebook_names_every_item_code_check_and_domain() -> None:
    protocol, text = snapshot().protocol, words_of(on_paper("annotated"))
    for form in protocol.forms:
        assert form.domain is None or f"SDTM{form.domain}" in text
        for item in form.items:
            assert f"{form.form}.{item.id}" in text
            assert item.computed is None or squeezed(item.computed) in text
            for code in protocol.codes_of(item) if item.computed is None else ():
                assert squeezed(code.code) in text
        for check in form.checks:
            assert f"{form.form}:{check.id}" in text
            assert squeezed(check.message) in text


def test_the_scale_stands_on_one_page_with_its_anchors() -> None:
    """The paper form of the ALSFRS-R is one page of twelve questions with five scores each."""
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(on_paper("blank"))).pages]
    (page,) = [text for text in pages if "1. Speech" in text and "Signature" not in text]
    form = snapshot().protocol.forms_by_id["alsfrs_r"]
    assert all(squeezed(item.label) in squeezed(page) for item in form.items)
    assert "Filled by" in page


@pytest.mark.parametrize(
    ("form", "rule", "words"),
    [
        ("alsfrs_r", "gastrostomy = 'no'", "“Has a gastrostomy today” is “No”"),
        ("procedure", "kind IN ('niv', 'other')", "“Procedure” is one of “Non-invasive ventilation (NIPPV)”, “Other”"),
        ("alsfrs_r", "demography.sex = 'F'", "“Sex (Demography)” is “Female”"),
        (
            "medical_history",
            "neurological_disease = 'yes' OR psychiatric_disease = 'yes' OR systemic_disease = 'yes'",
            "any of these is “Yes”: “Another neurological disease”, “A psychiatric disease”, “A systemic disease”",
        ),
        ("alsfrs_r", "any_of(procedure, 'kind = ''niv''')", "any_of(procedure, 'kind = ''niv''')"),
    ],
)  # fmt: skip
def test_conditions_are_said_in_words_where_there_are_words(form: str, rule: str, words: str) -> None:
    protocol = snapshot().protocol
    assert describe_rule(rule, protocol.forms_by_id[form], protocol) == words


@pytest.mark.parametrize("which", ["blank", "annotated", CORRECTED])
def test_nothing_runs_off_a_page(which: str, monkeypatch: pytest.MonkeyPatch) -> None:
    image = pytest.importorskip("PIL.Image")
    seen: list[str] = []

    def keep(template: str, inputs: dict[str, str], *_: object, **__: object) -> bytes:
        seen.append(inputs["casebook"])
        return b""

    monkeypatch.setattr("charcot.report.casebook.pages.render_typst", keep)
    if which in ("blank", "annotated"):
        on_paper.__wrapped__(which)
    else:
        render_casebook(snapshot(), which)
    folder = Path(room.__file__).parent
    pages = typst.compile(
        folder / "templates" / "casebook.typ",
        root=folder / "templates",
        format="png",
        ppi=60,
        font_paths=[folder / "fonts"],
        ignore_system_fonts=True,
        sys_inputs={"casebook": seen[0]},
    )
    assert len(json.loads(seen[0])["trial"]) > 0
    for place, page in enumerate(pages if isinstance(pages, list) else [pages], 1):
        drawn = image.open(io.BytesIO(page)).convert("L")
        side = int(17.2 * 60 / 25.4)
        foot = drawn.height - int(7 * 60 / 25.4)
        for box in (
            (0, 0, side, drawn.height),
            (drawn.width - side, 0, drawn.width, drawn.height),
            (side, foot, drawn.width - side, drawn.height),
        ):
            assert drawn.crop(box).getextrema() == (255, 255), f"page {place}: something in the margin {box}"
