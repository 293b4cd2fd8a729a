"""A donor's reaction is followed until it has an outcome, corrected in the open, and found from the donor."""

import pytest

from charcot.ledger import Entry, Kind
from charcot.product import Donor, fold_donor
from charcot.product.donor_reactions import list_open_reactions
from charcot.product.tracing import TraceEdge, derive_trace_edges
from charcot.refusal import BadValue, OutOfOrder, ReasonMissing
from charcot.report.product_words import describe_product
from product.bench import INVESTIGATOR, NURSE, TECHNICIAN, Bench


def donor(bench: Bench) -> Donor:
    found = fold_donor(tuple(bench.trial.ledger.entries(subjects=["donor/D1"])))
    assert found is not None
    return found


def report(bench: Bench, severity: str = "mild", outcome: str = "ongoing") -> Entry:
    (entry,) = bench.act("report_donor_reaction", NURSE, donor="D1", at="2014-01-11", description="Bruise", severity=severity,
                         outcome=outcome)  # fmt: skip
    return entry


def follow(bench: Bench, outcome: str, at: str = "2014-01-20", reaction: str = "r1", **more: str) -> Entry:
    (entry,) = bench.act("follow_donor_reaction", INVESTIGATOR, donor="D1", reaction=reaction, at=at, outcome=outcome,
                         **{"found": "Smaller", **more})  # fmt: skip
    return entry


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    made.enrol()
    made.accept()
    return made


def test_a_reaction_is_open_until_its_outcome_which_says_day_and_person(bench: Bench) -> None:
    report(bench)
    assert [(one.id, one.resolved) for one in donor(bench).open_reactions] == [("r1", None)]
    follow(bench, "ongoing", severity="severe")
    (reaction,) = donor(bench).open_reactions
    assert (reaction.severity, reaction.outcome) == ("severe", "ongoing")
    entry = follow(bench, "recovered", "2014-02-01", found="Nothing left")
    (reaction,) = donor(bench).reactions
    assert donor(bench).open_reactions == () and reaction.resolved == entry
    assert (entry.clinical_time, entry.actor, reaction.severity) == ("2014-02-01", INVESTIGATOR, "severe")
    assert describe_product(entry) == "followed the donor's reaction r1 (severe, recovered): Nothing left"


def test_what_cannot_be_said_of_a_reaction_is_refused_with_the_way_on(bench: Bench) -> None:
    report(bench, outcome="recovered")
    with pytest.raises(OutOfOrder, match="has its outcome: recovered"):
        follow(bench, "ongoing")
    with pytest.raises(OutOfOrder, match="no reaction 'r2'") as refused:
        follow(bench, "ongoing", reaction="r2")
    assert "r1" in refused.value.next_step
    report(bench)
    follow(bench, "ongoing", "2014-01-20", "r2")
    with pytest.raises(BadValue, match="before what was said last"):
        follow(bench, "recovered", "2014-01-19", "r2")
    with pytest.raises(BadValue, match="finding is empty"):
        follow(bench, "recovered", "2014-01-21", "r2", found=" ")
    with pytest.raises(BadValue, match="outcome cannot be 'lost'"):
        report(bench, outcome="lost")
    follow(bench, "lost", "2014-01-21", "r2", found="Three calls, no answer")
    assert donor(bench).open_reactions == ()


def test_an_outcome_in_error_opens_the_reaction_again_and_a_number_is_never_given_twice(bench: Bench) -> None:
    reported = report(bench)
    resolved = follow(bench, "recovered")

    def strike(entry: Entry, reason: str = "Of another donor") -> None:
        bench.act("annul_product_entry", TECHNICIAN, about="donor/D1", entry=entry.sequence, reason=reason)

    with pytest.raises(OutOfOrder, match="More was said of this reaction"):
        strike(reported)
    with pytest.raises(ReasonMissing):
        strike(resolved, " ")
    strike(resolved)
    assert [one.outcome for one in donor(bench).open_reactions] == ["ongoing"]
    strike(reported)
    assert donor(bench).reactions == ()
    assert [one.entry for one in donor(bench).annulled] == [resolved, reported]
    report(bench)
    assert [one.id for one in donor(bench).reactions] == ["r2"]
    tested = next(e for e in bench.trial.ledger.entries(subjects=["donor/D1"]) if e.kind is Kind.DONOR_TESTED)
    with pytest.raises(OutOfOrder, match="cannot be taken out"):
        strike(tested)


def test_severe_ones_come_first_and_each_is_found_from_its_donor(bench: Bench) -> None:
    entry = report(bench)
    report(bench, "severe", "unknown")
    waiting = list_open_reactions(bench.trial.ledger.entries())
    assert [(one.donor, one.id) for one in waiting] == [("D1", "r2"), ("D1", "r1")]
    assert derive_trace_edges(entry, ()) == (TraceEdge("donor/D1", "reaction/D1/r1", "had", entry.sequence),)
