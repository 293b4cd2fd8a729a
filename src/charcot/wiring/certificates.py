"""Certificates of analysis, gathered from a view of the trial."""

from charcot.ledger import Kind, Receipt, subject_of
from charcot.product import Donor, DoseCourse, Lot, check_donor, fold_donor, fold_dose, fold_lot
from charcot.protocol import Protocol
from charcot.report.certificate import CertificateOfAnalysis, derive_certificate
from charcot.wiring.looking import TrialView


def certificate_of(view: TrialView, lot: str) -> CertificateOfAnalysis | None:
    """The certificate of a lot as of the view; None where there is no such lot."""
    found = lot_in(view, lot)
    if found is None:
        return None
    protocol = _specification(view, found)
    donor = fold_donor(tuple(view.ledger.entries(subjects=[subject_of("donor", found.donor)])))
    return derive_certificate(
        protocol,
        found,
        donor,
        doses_of(view, found),
        donor_verdict=_donor_verdict(protocol, donor, found),
        receipt=Receipt(view.charter.trial, view.head.sequence, view.head.hash),
        at=view.now,
        purpose=view.charter.purpose,
    )


def lot_in(view: TrialView, lot: str) -> Lot | None:
    """A lot as of the view."""
    return fold_lot(tuple(view.ledger.entries(subjects=[subject_of("product", lot)])))


def doses_of(view: TrialView, lot: Lot) -> tuple[DoseCourse, ...]:
    """The doses that were prepared from a lot."""
    prepared = view.ledger.entries(kinds=[Kind.DOSE_PREPARED])
    subjects = dict.fromkeys(entry.subject for entry in prepared if entry.data["lot"] == lot.id)
    found = (fold_dose(tuple(view.ledger.entries(subjects=[subject]))) for subject in subjects)
    return tuple(course for course in found if course is not None)


def _specification(view: TrialView, lot: Lot) -> Protocol:
    """The protocol whose specification the lot was certified by, or else the one in force."""
    certified = lot.certification
    if certified is not None:
        for active in view.charter.protocols:
            if active.version == certified.data["specification"]:
                return active.study.protocol
    return view.charter.ruling_on(view.now.date()).study.protocol


def _donor_verdict(protocol: Protocol, donor: Donor | None, lot: Lot) -> str:
    """How the tests of the stage Donor stand before anybody certified."""
    if donor is None or donor.decision is None:
        return "NOT TESTED"
    if donor.decision.decision == "ineligible":
        return "FAIL"
    if donor.decision.decision == "exception" or protocol.product is None:
        return "PASS"
    return "FAIL" if check_donor(protocol.product.donor, donor, lot.procured_at) else "PASS"
