"""Where the audited claims of a publication come from, if the trial has a file of them."""

from charcot.wiring.folder import TrialFolder


def has_claims(folder: TrialFolder) -> bool:
    """Whether the site has a page of claims for this trial."""
    return False
