"""The certificate of analysis of a lot: identity, each test with its specification and verdict, deviations, signatures."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from charcot.ledger import Entry, Receipt
from charcot.product import Donor, DoseCourse, Lot
from charcot.product.analyses import CytometryAnalysis, fold_analyses, newest_analyses
from charcot.product.origins import join_origins
from charcot.product.specification import judge_identity, list_verdicts
from charcot.protocol import Protocol
from charcot.protocol.plan import ReleaseTest
from charcot.report.format import format_clinical, format_moment
from charcot.report.oversight_words import describe_method
from charcot.report.pdf import STANDARDS
from charcot.report.typst_data import BANDS, cover_texts
from charcot.report.typst_setting import render_typst

OUTCOMES = {
    "certified": "Certified",
    "conditional": "Certified conditionally: tests are pending",
    "rejected": "Rejected",
}
NOT_CERTIFIED = "Not certified. This is a list of what is known so far."
NO_MORE = "Charcot compares results with a specification. Whether the lot may be used is decided by the qualified person who signs."


@dataclass(frozen=True)
class TestedLine:
    """One test of the specification, as it was made or not: result and verdict in words, files by SHA-256, entries."""

    test: str
    stage: str
    method: str
    limit: str
    required: bool
    result: str
    verdict: str
    files: tuple[tuple[str, str], ...] = ()
    entries: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class SignedLine:
    """A signature: who, in which role, saying what, proven how, when."""

    person: str
    role: str
    meaning: str
    how: str
    when: str
    entry: int


@dataclass(frozen=True)
class CertificateOfAnalysis:
    """Everything that a certificate says, for the page and for paper."""

    trial: str
    trial_title: str
    product: str
    lot: str
    donor: str
    passage: str
    procured: str
    specification: str
    outcome: str
    stands: str
    lines: tuple[TestedLine, ...]
    identities: tuple[tuple[str, str], ...]
    deviations: tuple[tuple[str, str, str, int], ...]
    doses: tuple[tuple[str, str, str], ...]
    signatures: tuple[SignedLine, ...]
    pending: tuple[str, ...]
    receipt: Receipt
    at: datetime
    purpose: str
    synthetic: bool = False
    warnings: tuple[str, ...] = field(default=())


def derive_certificate(
    protocol: Protocol,
    lot: Lot,
    donor: Donor | None,
    doses: Sequence[DoseCourse],
    *,
    donor_verdict: str,
    receipt: Receipt,
    at: datetime,
    purpose: str,
) -> CertificateOfAnalysis:
    """The certificate of a lot as its entries say; `protocol` is the version that it was certified by, or that rules.

    A certified lot shows the verdicts that were signed; a test that was not made is NOT TESTED, a definition of which a test
    was not made NOT ASSESSABLE. `at` is the site's time of the record's end.
    """
    certified = lot.certification
    verdicts: Mapping[str, str] = (
        certified.data["verdicts"] if certified is not None else list_verdicts(protocol, lot, donor_verdict)
    )
    plan = protocol.product
    analyses = newest_analyses(fold_analyses(lot.entries))
    definitions = plan.identities if plan is not None else ()
    return CertificateOfAnalysis(
        trial=protocol.trial.short_title,
        trial_title=protocol.trial.title,
        product=plan.name if plan is not None else "",
        lot=lot.id,
        donor=lot.donor,
        passage=_passages(lot),
        procured=format_clinical(lot.procured_at.text),
        specification=protocol.version.number,
        outcome=NOT_CERTIFIED if certified is None else OUTCOMES[certified.data["outcome"]],
        stands=lot.status,
        lines=tuple(
            _line(test, lot, verdicts.get(test.id, "NOT TESTED"), donor, analyses)
            for test in protocol.release_specification
        ),
        identities=tuple((one.label, judge_identity(one, verdicts)) for one in definitions),
        deviations=tuple(
            (one.id, one.severity, _deviation(one.description, one.closed), one.reported.sequence)
            for one in lot.deviations
        ),
        doses=tuple(_dose(course) for course in doses if course.lot == lot.id),
        signatures=tuple(_signature(protocol, entry) for entry in lot.certifications),
        pending=tuple(certified.data.get("pending", ())) if certified is not None else (),
        receipt=receipt,
        at=at,
        purpose=purpose,
        synthetic="synthetic" in join_origins(lot.entries, purpose),
        warnings=(donor.decision.warning,) if donor and donor.decision and donor.decision.warning else (),
    )


def _passages(lot: Lot) -> str:
    tested = {one.node for one in lot.tests}
    found = sorted(
        {
            p.passage
            for node, p in lot.genealogy.populations.items()
            if node in tested and p.passage is not None
        }
    )
    return ", ".join(f"P{passage}" for passage in found) or "not recorded"


def _line(
    test: ReleaseTest, lot: Lot, verdict: str, donor: Donor | None, analyses: Iterable[CytometryAnalysis]
) -> TestedLine:
    made = [one for one in lot.tests if one.test == test.id]
    results = [one for one in made if one.resulted is not None]
    files = tuple(
        (str(file["name"]), str(file["sha256"]))
        for one in results
        for file in (one.resulted.data["evidence"] if one.resulted is not None else ())
    )
    entries = tuple(
        entry.sequence
        for one in made
        for entry in (one.requested, one.resulted, one.reviewed)
        if entry is not None
    )
    values = [f"{one.value}{_found_invalid(one.verdict)}" for one in results]
    result = "; then ".join(values)
    if not made and test.stage == "Donor" and donor is not None and donor.decision is not None:
        result = f"donor {donor.decision.decision}"
    return TestedLine(
        test.test, test.stage, test.method, test.limit, test.required, result or "–", verdict,
        tuple(dict.fromkeys(files)), entries, _cytometry_note(test.id, analyses),
    )  # fmt: skip


def _found_invalid(verdict: str | None) -> str:
    return " (invalid)" if verdict == "INVALID" else ""


def _cytometry_note(test: str, analyses: Iterable[CytometryAnalysis]) -> str:
    """The interval and threshold of a marker, and whether a person has to look at it."""
    for analysis in analyses:
        for marker in analysis.markers:
            if marker["test"] == test and marker["subtracted"]:
                low, high = (f"{float(end):.2f}" for end in marker["subtracted_interval"])
                percentile = analysis.entry.data["method"]["percentile"]
                again = f"; version {analysis.version} of the analysis" if analysis.version > 1 else ""
                look = "; the verdict hangs on the threshold" if marker["needs_review"] else ""
                return f"95 % interval {low} to {high} %; above the control's {percentile}th percentile{again}{look}"
    return ""


def _deviation(description: str, closed: Entry | None) -> str:
    return f"{description} – {'open' if closed is None else closed.data['outcome']}"


def _dose(course: DoseCourse) -> tuple[str, str, str]:
    expires = "" if course.expires_at is None else format_moment(course.expires_at.text)
    return (course.id, f"{course.cells} {course.basis} cells in {course.volume_ml} ml", expires)


def _signature(protocol: Protocol, entry: Entry) -> SignedLine:
    signed = entry.data["signature"]
    role = protocol.role(entry.actor.role)
    return SignedLine(
        signed["person"],
        role.label if role else entry.actor.role,
        signed["meaning"],
        describe_method(signed["method"]),
        f"{entry.recorded_at[:16].replace('T', ' ')} UTC",
        entry.sequence,
    )


def render_certificate_pdf(certificate: CertificateOfAnalysis) -> bytes:
    """The certificate on A4; the same entries give the same bytes."""
    at = certificate.at
    made_on = datetime(at.year, at.month, at.day, tzinfo=UTC)
    return render_typst(
        "certificate.typ",
        {"certificate": json.dumps(cover_texts(_data(certificate)), ensure_ascii=False)},
        "pdf",
        standards=STANDARDS,
        timestamp=int(made_on.timestamp()),
    )


def _data(it: CertificateOfAnalysis) -> dict[str, Any]:
    return {
        "trial": it.trial,
        "trial_title": it.trial_title,
        "band": BANDS.get(it.purpose, ""),
        "lot": it.lot,
        "outcome": it.outcome,
        "facts": [
            {"name": name, "text": text}
            for name, text in (
                ("Product", it.product),
                ("Lot", it.lot),
                ("Donor", it.donor),
                ("Passage tested", it.passage),
                ("Tissue taken", it.procured),
                ("Specification", f"protocol version {it.specification}"),
                ("Stands", it.stands),
            )
        ],
        "lines": [
            {
                "test": line.test,
                "method": line.method,
                "limit": line.limit + ("" if line.required else " (not required)"),
                "result": line.result,
                "verdict": line.verdict,
                "note": line.note,
                "files": [f"{name}  {digest}" for name, digest in line.files],
            }
            for line in it.lines
        ],
        "identities": [{"name": name, "text": verdict} for name, verdict in it.identities],
        "deviations": [
            {"name": f"{id}, {severity}", "text": words} for id, severity, words, _ in it.deviations
        ],
        "doses": [{"name": id, "text": f"{words}; use before {expires}"} for id, words, expires in it.doses],
        "signatures": [
            {"meaning": s.meaning, "person": s.person, "role": s.role, "how": s.how, "when": s.when}
            for s in it.signatures
        ],
        "pending": list(it.pending),
        "warnings": list(it.warnings),
        "closing": NO_MORE,
        "receipt": str(it.receipt),
        "date": [it.at.year, it.at.month, it.at.day],
    }
