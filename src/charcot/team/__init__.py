"""Team: who may act, in which role, on whose delegation; and what the ethics committees approved."""

from charcot.team.approvals import DocumentApproval, fold_approvals, require_approved
from charcot.team.charter import ActiveProtocol, Charter, fold_charter
from charcot.team.delegation import Delegation, fold_delegations, require_may

__all__ = [
    "ActiveProtocol",
    "Charter",
    "Delegation",
    "DocumentApproval",
    "fold_approvals",
    "fold_charter",
    "fold_delegations",
    "require_approved",
    "require_may",
]
