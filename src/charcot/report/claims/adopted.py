"""The claims that a trial has adopted, read from the ledger's own copy, and whether its forms can answer them."""

from datetime import datetime
from functools import lru_cache

from charcot.datasets import Snapshot
from charcot.ledger import Head
from charcot.report.claims.audit import require_known
from charcot.report.claims.claim import ClaimsFile
from charcot.report.claims.evidence import printed_evidence, published_evidence
from charcot.report.claims.reading import parse_claims
from charcot.team import Charter


def adopted_claims(charter: Charter) -> ClaimsFile | None:
    """The claims that were adopted last, as of the charter; None where none were."""
    if not charter.claims:
        return None
    return _parse(charter.claims[-1].file, charter.claims[-1].text)


def require_answerable(claims: ClaimsFile, charter: Charter) -> None:
    """Raises UnreadableClaims where a query reads a form or an item that no activated protocol has."""
    opened = charter.opened
    nobody = Snapshot(charter, (), (), Head(opened.sequence), datetime.fromisoformat(opened.recorded_at))
    evidence = published_evidence(nobody, claims.evidence)
    require_known(claims, evidence, {**evidence, **printed_evidence(claims.tables)})


@lru_cache(maxsize=8)
def _parse(file: str, text: str) -> ClaimsFile:
    return parse_claims(file, text)
