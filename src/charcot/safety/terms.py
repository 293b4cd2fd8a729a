"""The terms of adverse events that such a trial meets, to be searched in; and a site's own dictionary in their place."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from charcot.refusal import BadValue


@dataclass(frozen=True)
class EventTerm:
    """One term: other words for it, the code of a kind of event where one fits, and what its grades mean."""

    term: str
    category: str = ""
    words: tuple[str, ...] = ()
    grades: Mapping[int, str] = field(default_factory=dict)


def _term(term: str, category: str, words: str, **grades: str) -> EventTerm:
    split = tuple(word.strip() for word in words.split(",") if word.strip())
    return EventTerm(term, category, split, {int(g[1]): text for g, text in grades.items()})


MILD, SOME, MUCH = "mild", "moderate; limits some daily activity", "severe; limits self-care"
URGENT, DEATH = "life-threatening; urgent treatment", "death"

SHIPPED_TERMS: tuple[EventTerm, ...] = (
    _term("Hypertension", "hypertension", "high blood pressure", g1="120-139 or 80-89 mmHg", g2="140-159 or 90-99 mmHg",
          g3="160 or 100 mmHg and more", g4=URGENT, g5=DEATH),
    _term("Hypotension", "other", "low blood pressure", g1="no symptom, nothing done", g2="treated, not urgent",
          g3="treated in hospital", g4=URGENT, g5=DEATH),
    _term("Sinus tachycardia", "tachycardia", "fast pulse, palpitation", g1="no symptom, nothing done",
          g2="symptoms; treated, not urgent", g3="urgent treatment"),
    _term("Palpitations", "tachycardia", "racing heart", g1="mild", g2="treated"),
    _term("Headache", "headache", "head pain, migraine", g1=MILD, g2=SOME, g3=MUCH),
    _term("Dizziness", "dizziness", "light-headed, unsteady", g1="mild unsteadiness", g2=SOME, g3=MUCH),
    _term("Vertigo", "dizziness", "spinning", g1=MILD, g2=SOME, g3=MUCH),
    _term("Dyspnoea", "dyspnoea", "dyspnea, breathlessness, short of breath, tachypnoea", g1="on moderate exertion",
          g2="on light exertion", g3="at rest", g4=URGENT, g5=DEATH),
    _term("Non-cardiac chest pain", "chest_pain", "chest pain", g1="mild", g2=SOME, g3=MUCH),
    _term("Pulmonary embolism", "pulmonary_embolism", "embolus, thromboembolic event, PE, lung clot",
          g3="urgent treatment (pulmonary embolism without instability)", g4="unstable circulation or nervous system", g5=DEATH),
    _term("Deep vein thrombosis", "deep_vein_thrombosis", "thromboembolic event, DVT, leg clot", g1="superficial", g2="treated",
          g3="urgent treatment", g4=URGENT, g5=DEATH),
    _term("Lung infection", "pneumonia", "pneumonia, aspiration pneumonia", g2="by mouth", g3="into a vein, or a procedure",
          g4=URGENT, g5=DEATH),
    _term("Pleural effusion", "pleural_effusion", "fluid around the lung", g1="no symptom", g2="symptoms; drained or diuretic",
          g3="breathing distress; drained", g4=URGENT, g5=DEATH),
    _term("Respiratory failure", "respiratory_failure", "breathing failure", g4="intubation or ventilation", g5=DEATH),
    _term("Cardiac arrest", "respiratory_arrest", "resuscitation, respiratory arrest", g4=URGENT, g5=DEATH),
    _term("Fever", "fever", "temperature, pyrexia", g1="38.0 to 39.0 °C", g2="above 39.0 to 40.0 °C",
          g3="above 40.0 °C for a day at most", g4="above 40.0 °C for longer", g5=DEATH),
    _term("Chills", "fever", "shivering, rigor", g1="mild", g2="moderate", g3="severe, long"),
    _term("Depressed level of consciousness", "unconsciousness", "unconscious, coma, drowsy", g1="less alert", g2="sedated",
          g3="hard to wake", g4=URGENT, g5=DEATH),
    _term("Syncope", "unconsciousness", "fainting", g3="fainting"),
    _term("Infusion-related reaction", "allergic_reaction", "infusion reaction", g1="mild; nothing interrupted",
          g2="interrupted; responds quickly", g3="long or recurring; hospital", g4=URGENT, g5=DEATH),
    _term("Allergic reaction", "allergic_reaction", "hypersensitivity, urticaria, rash", g1="nothing done", g2="tablets",
          g3="into a vein; hospital", g4=URGENT, g5=DEATH),
    _term("Anaphylaxis", "allergic_reaction", "allergic shock", g3="bronchospasm, swelling, low pressure; into a vein", g4=URGENT,
          g5=DEATH),
    _term("Infusion site reaction", "other", "phlebitis, extravasation, bruise", g1="tender", g2="pain, swelling",
          g3="ulcer; operation"),
    _term("Nausea", "other", "sick", g1="eats as before", g2="eats less", g3="too little food or drink"),
    _term("Vomiting", "other", "", g1="nothing done", g2="drip outside hospital", g3="tube or hospital", g4=URGENT, g5=DEATH),
    _term("Dysphagia", "other", "swallowing difficulty", g1="normal food", g2="changed food", g3="tube or hospital", g4=URGENT,
          g5=DEATH),
    _term("Fatigue", "other", "tiredness", g1="better after rest", g2=SOME, g3=MUCH),
    _term("Fall", "other", "", g1="nothing done", g2="treated", g3="hospital"),
    _term("Fracture", "other", "broken bone", g1="nothing done", g2="treated", g3="hospital or operation", g4=URGENT, g5=DEATH),
    _term("Muscle cramp", "other", "spasm", g1=MILD, g2=SOME, g3=MUCH),
    _term("Pain", "other", "", g1=MILD, g2=SOME, g3=MUCH),
    _term("Constipation", "other", "", g1="now and then", g2="lasting", g3="blocked"),
    _term("Urinary tract infection", "other", "cystitis", g2="by mouth", g3="into a vein; hospital", g4=URGENT, g5=DEATH),
    _term("Sepsis", "other", "blood poisoning", g3="positive blood culture, treated", g4=URGENT, g5=DEATH),
    _term("Stroke", "other", "", g1="only on images", g2=SOME, g3=MUCH, g4=URGENT, g5=DEATH),
    _term("Depression", "other", "low mood", g1=MILD, g2=SOME, g3=MUCH, g4=URGENT, g5=DEATH),
    _term("Insomnia", "other", "sleeplessness", g1=MILD, g2="moderate", g3="severe"),
    _term("Weight loss", "other", "", g1="5 to below 10 %", g2="10 to below 20 %", g3="20 % and more"),
    _term("Alanine aminotransferase increased", "other", "ALT, liver enzyme", g1="up to 3 times the upper limit", g2="3 to 5 times",
          g3="5 to 20 times", g4="above 20 times"),
    _term("Neoplasm", "other", "tumour, cancer", g4=URGENT, g5=DEATH),
)  # fmt: skip
"""Thresholds of CTCAE v5.0 in our own words; not its texts, and no codes of MedDRA."""


def search_terms(text: str, terms: Iterable[EventTerm] = SHIPPED_TERMS, most: int = 12) -> list[EventTerm]:
    """Terms in which every word of `text` begins a word; those whose own name begins with it first."""
    wanted = text.casefold().split()
    if not wanted:
        return []

    def fits(term: EventTerm) -> bool:
        known = " ".join((term.term, *term.words)).casefold().replace("-", " ").split()
        return all(any(word.startswith(part) for word in known) for part in wanted)

    found = [term for term in terms if fits(term)]
    return sorted(found, key=lambda t: (not t.term.casefold().startswith(wanted[0]), t.term))[:most]


_TERM_HEADS = ("ctcae term", "term", "preferred term", "pt name")
_FIRST_ROWS = 20
"""In how many rows the names of the columns are looked for; a title may stand above them."""


def parse_dictionary(text: str) -> tuple[EventTerm, ...]:
    """A site's own dictionary from CSV: a column with the term (`CTCAE Term` or `Term`), and grades where it has them.

    Columns are parted by commas, semicolons or tabs. Raises BadValue where no column holds terms, or none is there.
    """
    return parse_terms(split_table(text))


def split_table(text: str) -> list[list[str]]:
    """The rows of a CSV file, parted by the sign that shows a column of terms. Raises BadValue for what is no table."""
    plain = text.lstrip("\ufeff")
    try:
        tables = [list(csv.reader(io.StringIO(plain), delimiter=sign)) for sign in ",;\t"]
    except csv.Error as error:
        raise BadValue(
            f"This file cannot be taken apart into rows and columns: {error}.",
            rule="Dictionary: the official spreadsheet as .xlsx, or a CSV file in UTF-8",
            next_step="Open it in a spreadsheet program, save it as .xlsx or as CSV (UTF-8), and give that file.",
        ) from error
    return next((rows for rows in tables if find_heads(rows) is not None), tables[0])


def find_heads(rows: Sequence[Sequence[str]]) -> int | None:
    """The row that names a column of terms, from 0 on; None where there is none."""
    for number, row in enumerate(rows[:_FIRST_ROWS]):
        if any(_head(cell) in _TERM_HEADS for cell in row):
            return number
    return None


@dataclass(frozen=True)
class LeftOut:
    """A row that gives no term: by its number in the table, and the row that its term stands in already, where that is why."""

    row: int
    same_as: int | None = None


@dataclass(frozen=True)
class ReadTable:
    """What a table of terms holds: each term once, the rows that give none, and the version that it names, where it names one."""

    terms: tuple[EventTerm, ...]
    left_out: tuple[LeftOut, ...]
    version: str


def parse_terms(rows: Sequence[Sequence[str]]) -> tuple[EventTerm, ...]:
    """The terms of a table whose columns are named as in the official spreadsheet of CTCAE; each term once.

    A grade that the table marks with a dash is left out. Raises BadValue where no column holds terms, or none is there.
    """
    return parse_table(rows).terms


def parse_table(rows: Sequence[Sequence[str]], numbers: Sequence[int] = (), named: str = "") -> ReadTable:
    """The same with what was left out. `numbers` are those of the rows, from 1 on where none are given.

    The version is looked for in `named`, such as the names of sheet and file, and in the rows down to that of the names.
    """
    number = find_heads(rows)
    if number is None:
        seen = ", ".join(cell.strip() for cell in next(iter(rows), ())[:6] if cell.strip())
        raise BadValue(
            "No column of this file holds terms."
            + (f" It begins with: {seen}." if seen else " It is empty."),
            rule="Dictionary: the columns are named in one of the first rows",
            next_step="Name the column of the terms `CTCAE Term` or `Term`.",
        )
    heads = [_head(cell) for cell in rows[number]]
    column = next(heads.index(name) for name in _TERM_HEADS if name in heads)
    grades = {g: i for i, head in enumerate(heads) for g in range(1, 6) if head in (f"grade {g}", f"g{g}")}
    found: dict[str, EventTerm] = {}
    stands: dict[str, int] = {}
    left_out: list[LeftOut] = []
    for place, row in enumerate(rows[number + 1 :], start=number + 1):
        here = numbers[place] if numbers else place + 1
        name = " ".join(row[column].split()) if len(row) > column else ""
        if name and name not in found:
            said = {g: row[i].strip() for g, i in grades.items() if len(row) > i and row[i].strip(" -–—")}
            found[name], stands[name] = EventTerm(name, grades=said), here
        elif any(cell.strip() for cell in row):
            left_out.append(LeftOut(here, stands.get(name)))
    if not found:
        raise BadValue(
            "This file names its columns, and holds no terms.",
            rule="Dictionary: a row for each term",
            next_step="Give the file with all rows.",
        )
    told = " ".join((named, *(cell for row in rows[: number + 1] for cell in row)))
    return ReadTable(tuple(found.values()), tuple(left_out), _version_in(told))


_VERSION = re.compile(r"\b(CTCAE|MedDRA)[ _-]*(?:version|v\.?)[ _-]*([0-9]+(?:\.[0-9]+)*)", re.IGNORECASE)


def _version_in(text: str) -> str:
    """`CTCAE 5.0`, where a text names a version; that of CTCAE before that of MedDRA, whose codes its spreadsheet shows.

    >>> _version_in("MedDRA v12.0 Code CTCAE v4.0 Term"), _version_in("Term")
    ('CTCAE 4.0', '')
    """
    found = {name.lower(): f"{name} {version}" for name, version in reversed(_VERSION.findall(text))}
    return found.get("ctcae") or found.get("meddra") or ""


def _head(cell: str) -> str:
    return " ".join(cell.casefold().split())
