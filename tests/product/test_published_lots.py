"""Lots of published trials judged by the shipped specification and by ISCT 2006; the table in the docs says the same."""

import csv
import os
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from charcot.product import judge_identity, judge_result
from charcot.protocol import Study, require_study
from charcot.protocol.manufacture import IdentityDefinition
from charcot.wiring.templates import find_template

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "msc_lots" / "CIDMap__cd_values_single_processed.csv"
DOC = ROOT / "docs" / "product-lots.md"
BEGIN, END = "<!-- computed table: begin -->\n", "<!-- computed table: end -->\n"
NEGATIVE = {"cd14_cd11b": ("CD14", "CD11b"), "cd79a_cd19": ("CD79a", "CD19"), "hla_dr": ("HLA-DR",)}
MARKERS = {name.lower(): (name,) for name in ("CD105", "CD90", "CD73", "CD44", "CD45", "CD34")} | NEGATIVE
OURS = IdentityDefinition(
    id="shipped", label="Shipped", tests=("cd105", "cd90", "cd73", "cd44", "cd45", "cd34")
)
ISCT = IdentityDefinition(
    id="isct", label="ISCT 2006",
    tests=("cd105", "cd73", "cd90", "cd45", "cd34", *NEGATIVE, "chondrogenic", "osteogenic", "adipogenic"),
)  # fmt: skip
SURFACE = IdentityDefinition(id="surface", label="ISCT 2006, surface", tests=ISCT.tests[:8])


@pytest.fixture(scope="module")
def lots() -> Mapping[tuple[str, str, str], Mapping[str, str]]:
    """The markers of each lot, by trial, phase and lot."""
    if not DATA.exists():
        pytest.skip("the lots of published trials are not here: they come from CIDMap, under its licence")
    found: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    seen: Counter[tuple[str, ...]] = Counter()
    with DATA.open(encoding="latin-1") as file:
        for row in csv.DictReader(file):
            again = (row["ref_number"], row["Phase"], row["patient"], row["marker"])
            seen[again] += 1  # several lots of one patient stand under the same name, marker by marker
            values = found[row["ref_number"], row["Phase"], f"{row['patient']} {seen[again]}"]
            if row["value"] != "NA":
                values[row["marker"]] = row["value"]
    return found


@pytest.fixture(scope="module")
def study() -> Study:
    return require_study(find_template("royan-admsc").protocol_files())


def verdicts_of(study: Study, values: Mapping[str, str]) -> dict[str, str]:
    """Each marker of a lot by the shipped specification; of alternatives, the one that was measured, or the worse."""
    specification = {test.id: test for test in study.protocol.release_specification}
    found = {}
    for test, names in MARKERS.items():
        judged = [judge_result(study, specification[test], values[name]) for name in names if name in values]
        found[test] = "FAIL" if "FAIL" in judged else judged[0] if judged else "NOT TESTED"
    return found


def table_of(study: Study, lots: Mapping[tuple[str, str, str], Mapping[str, str]]) -> str:
    lines = [
        "| trial | phase | lots | with markers | ISCT surface markers: meet / miss / not assessable | ISCT 2006 with three lineages "
        "| shipped specification: meet / miss / not assessable | what missed a limit |",
        "|---|---|---|---|---|---|---|---|",
    ]
    trials: dict[tuple[str, str], list[Mapping[str, str]]] = defaultdict(list)
    for (trial, phase, _lot), values in lots.items():
        trials[trial, phase].append(values)
    total: Counter[str] = Counter()
    for (trial, phase), members in sorted(trials.items(), key=lambda item: int(item[0][0])):
        count: Counter[str] = Counter()
        missed: Counter[str] = Counter()
        for values in members:
            verdicts = verdicts_of(study, values)
            for definition in (SURFACE, ISCT, OURS):
                count[f"{definition.id} {judge_identity(definition, verdicts)}"] += 1
            missed.update(test for test, verdict in verdicts.items() if verdict == "FAIL")
            count["measured"] += any(name != "Viability" for name in values)
        count["lots"] = len(members)
        total += count
        words = ", ".join(f"{t.upper().replace('_', '/')} {n}" for t, n in sorted(missed.items())) or "–"
        lines.append(_line(trial, phase, count, words))
    lines.append(_line("all", "", total, ""))
    return "\n".join(lines) + "\n"


def _line(trial: str, phase: str, count: Counter[str], words: str) -> str:
    def three(id: str) -> str:
        return " / ".join(str(count[f"{id} {verdict}"]) for verdict in ("PASS", "FAIL", "NOT ASSESSABLE"))

    lineages = f"miss {count['isct FAIL']}, not assessable {count['isct NOT ASSESSABLE']}"
    return (
        f"| {trial} | {phase} | {count['lots']} | {count['measured']} | {three('surface')} | {lineages} "
        f"| {three('shipped')} | {words} |"
    )


def test_the_table_in_the_docs_is_what_the_specification_says_of_the_published_lots(
    study: Study, lots: Mapping[tuple[str, str, str], Mapping[str, str]]
) -> None:
    text = DOC.read_text()
    head, _, rest = text.partition(BEGIN)
    shown, _, tail = rest.partition(END)
    table = table_of(study, lots)
    if os.environ.get("CHARCOT_RENEW"):
        DOC.write_text(head + BEGIN + table + END + tail)
        return
    assert shown == table


def test_the_counts_are_those_of_a_plain_reading_of_the_file(
    study: Study, lots: Mapping[tuple[str, str, str], Mapping[str, str]]
) -> None:
    # ISCT 2006 as printed (Dominici): CD105, CD73, CD90 >= 95 %; CD45, CD34 <= 2 %, read without the rule engine
    for values in lots.values():
        verdicts = verdicts_of(study, values)
        for name, low in (("CD105", True), ("CD73", True), ("CD90", True), ("CD45", False), ("CD34", False)):
            if name in values:
                meets = float(values[name]) >= 95 if low else float(values[name]) <= 2
                assert verdicts[name.lower()] == ("PASS" if meets else "FAIL"), (name, values[name])
            else:
                assert verdicts[name.lower()] == "NOT TESTED"
    assert len(lots) == 97


def test_no_published_lot_is_called_identical_to_the_definition_without_its_lineages(
    study: Study, lots: Mapping[tuple[str, str, str], Mapping[str, str]]
) -> None:
    assert {judge_identity(ISCT, verdicts_of(study, values)) for values in lots.values()} <= {
        "FAIL",
        "NOT ASSESSABLE",
    }
