"""The 19 disagreements of the shipped publication, listed by hand in the project's paper.md, are found by computation.

Expected numbers are those of that list and its table `Recomputed (n = 17)`; where a number is not there, the words of
Nabavi et al., Cell J 2021;23(7):772-778 are named.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from charcot.report.claims import (
    CONTRADICTED,
    INCONSISTENT,
    NOT_COMPUTABLE,
    REPRODUCED,
    AuditedClaim,
    ClaimsFile,
)

PAPER = Path(__file__).resolve().parents[2].parent / "shared" / "paper" / "000_4454d1d9d3473a52.txt"

FOUND = [
    # number in paper.md, claim, verdict, recomputed
    (1, "age_spread", CONTRADICTED, 3.231147),
    (1, "duration_spread", CONTRADICTED, 4.803581),
    (2, "age_most", CONTRADICTED, 71),
    (2, "age_criterion_kept", CONTRADICTED, 2),
    (2, "registered_age_kept", CONTRADICTED, 6),
    (3, "duration_more_than", CONTRADICTED, 4),
    (4, "methods_enrolled", INCONSISTENT, 17),
    (4, "results_enrolled", INCONSISTENT, 17),
    (4, "enrolled_against_register", CONTRADICTED, 19),
    (5, "registered_first", CONTRADICTED, "2015-07"),
    (5, "registered_before_end", CONTRADICTED, "2015-07"),
    (6, "registered_outcomes_reported", CONTRADICTED, 2),
    (6, "sample_size", NOT_COMPUTABLE, None),
    (7, "abstract_embolus_1", INCONSISTENT, 3),
    (7, "results_embolus_1", INCONSISTENT, 36 / 7),
    (7, "table2_embolus_1", INCONSISTENT, 36 / 7),
    (8, "table2_emboli_ended_in_death", INCONSISTENT, 5),
    (8, "results_deaths_from_emboli", INCONSISTENT, 2),
    (9, "no_severe_hypertension", CONTRADICTED, 1),
    (9, "no_severe_embolism", CONTRADICTED, 2),
    (9, "no_severe_arrest", CONTRADICTED, 1),
    (9, "no_severe_tracheostomy", CONTRADICTED, 1),
    (9, "no_severe_event_in_a_year", CONTRADICTED, 2),
    (10, "table2_complete", CONTRADICTED, 5),
    (10, "results_dyspnoea", INCONSISTENT, 2),
    (10, "table2_dizziness_word", INCONSISTENT, "vertigo"),
    (11, "confirmed_by_imaging", CONTRADICTED, 0),
    (12, "riluzole_as_labelled", CONTRADICTED, 100),
    (13, "interaction_tested", INCONSISTENT, 1),
    (13, "decline_significant", NOT_COMPUTABLE, None),
    (13, "fvc_rose", NOT_COMPUTABLE, None),
    (13, "rise_speaks_for_a_booster", CONTRADICTED, 75.014),
    (14, "almost_good_scores", INCONSISTENT, 25),
    (14, "survivors_spread", REPRODUCED, 18**0.5),  # two patients at 15 and 21 have this SD
    (15, "survival_higher", INCONSISTENT, 0.0588),
    (15, "survival_higher_than_intravenous", CONTRADICTED, 0.27),
    (16, "vte_rate", CONTRADICTED, 11.2),
    (17, "cells_seeded", CONTRADICTED, 10_000),
    (17, "dose_as_printed", CONTRADICTED, 10_000),
    (18, "fraction_transferred", CONTRADICTED, "adherent cells"),
    (19, "dose_per_kg", NOT_COMPUTABLE, None),
    (19, "a_donor_each", NOT_COMPUTABLE, None),
    (19, "passage_infused", NOT_COMPUTABLE, None),
    (19, "viable", NOT_COMPUTABLE, None),
    (19, "sterile", NOT_COMPUTABLE, None),
    (19, "endotoxin_tested", NOT_COMPUTABLE, None),
]

CONSISTENT = [
    # "Consistent" in paper.md, then its table of recomputed numbers
    ("deaths_in_five_years", 12),
    ("survivors", 5),
    ("table2_tachycardia", 3),
    ("fvc_lowest", 41),
    ("fvc_highest", 111.3),
    ("alsfrs_r_least", 26),
    ("fvc_least", 41),
    ("age_mean", 49.117647),
    ("duration_mean", 26.529412),
]


@pytest.mark.parametrize(("number", "claim", "verdict", "recomputed"), FOUND)
def test_found(
    number: int, claim: str, verdict: str, recomputed: object, audited: dict[str, AuditedClaim]
) -> None:
    found = audited[claim]
    assert found.verdict == verdict
    if isinstance(recomputed, int | float):
        tolerance = {0.27: 5e-3, 0.0588: 5e-5}.get(float(recomputed), 5e-7)
        assert found.recomputed == pytest.approx(recomputed, abs=tolerance)
    else:
        assert found.recomputed == recomputed


def test_all_nineteen_are_found() -> None:
    assert {number for number, *_ in FOUND} == set(range(1, 20))


@pytest.mark.parametrize(("claim", "recomputed"), CONSISTENT)
def test_what_paper_md_calls_consistent(
    claim: str, recomputed: float, audited: dict[str, AuditedClaim]
) -> None:
    assert audited[claim].verdict == REPRODUCED
    assert audited[claim].recomputed == pytest.approx(recomputed, abs=5e-7)


def test_the_reasons_name_what_paper_md_names(audited: dict[str, AuditedClaim]) -> None:
    because = {id: one.because for id, one in audited.items()}
    assert "it is the standard deviation, 13.322361" in because["age_spread"]
    assert "it is the standard deviation, 19.805674" in because["duration_spread"]
    assert ": 12, 15." in because["age_criterion_kept"]
    assert ": 7, 12, 13, 15, 16, 17." in because["registered_age_kept"]
    assert ": 15." in because["duration_criterion_kept"]
    assert "fever, unconsciousness" in because["registered_outcomes_reported"]
    for omitted in ("pleural effusion", "arrest", "tracheostomy", "tube", "non-invasive ventilation"):
        assert omitted in because["table2_complete"]
    assert "35.5" in because["vte_rate"]
    for missing in ("weight", "donors", "passage", "viability", "sterility and mycoplasma", "endotoxin"):
        assert any(missing in because[id] for number, id, *_ in FOUND if number == 19)


def test_collisions_are_told_on_both_sides(audited: dict[str, AuditedClaim]) -> None:
    assert audited["methods_enrolled"].collides_with == ("abstract_enrolled",)
    assert set(audited["abstract_enrolled"].collides_with) == {"methods_enrolled", "results_enrolled"}
    for one in audited.values():
        for other in one.collides_with:
            assert one.claim.id in audited[other].collides_with
        if one.verdict == INCONSISTENT:
            assert one.collides_with


def test_enough_claims_and_no_verdict_in_the_file(
    claims: ClaimsFile, audited: dict[str, AuditedClaim]
) -> None:
    assert len(claims.claims) >= 60
    assert all(count > 5 for count in Counter(one.verdict for one in audited.values()).values())


@pytest.mark.skipif(not PAPER.is_file(), reason="the text of the paper is not part of the project")
def test_every_quotation_stands_in_the_paper(claims: ClaimsFile) -> None:
    def plain(text: str) -> str:
        return " ".join(re.sub(r"-\s*\n\s*", "-", text).split())

    paper = plain(PAPER.read_text("utf-8"))
    assert [claim.id for claim in claims.claims if plain(claim.quote) not in paper] == []
