"""Team: who may act, in which role, on whose delegation; and what the ethics committees approved."""

from charcot.team.access import CHANGES, OWN_CHANGES, AccessChange, fold_access
from charcot.team.approvals import DocumentApproval, fold_approvals, require_approved
from charcot.team.charter import ActiveProtocol, AdoptedClaims, Charter, fold_charter
from charcot.team.delegation import Delegation, fold_delegations, may_do, require_may, sites_of
from charcot.team.signature import METHODS, NotSigned, Signature, require_signature, signed_by
from charcot.team.site_ranges import SiteRange, fold_site_ranges

__all__ = [
    "CHANGES",
    "METHODS",
    "OWN_CHANGES",
    "AccessChange",
    "ActiveProtocol",
    "AdoptedClaims",
    "Charter",
    "Delegation",
    "DocumentApproval",
    "NotSigned",
    "Signature",
    "SiteRange",
    "fold_access",
    "fold_approvals",
    "fold_charter",
    "fold_delegations",
    "fold_site_ranges",
    "may_do",
    "require_approved",
    "require_may",
    "require_signature",
    "signed_by",
    "sites_of",
]
