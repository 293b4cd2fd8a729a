"""The one exception tree of the domain: what was refused, by which rule, and what to do next."""

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """Something that may not be done.

    `what` says what was refused, `rule` by which rule (a protocol section or a rule of the system),
    `next_step` what the user can do about it. `facts` carries the same as data, for faces and tests.
    """

    def __init__(
        self, what: str, *, rule: str, next_step: str, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.rule = rule
        self.next_step = next_step
        self.facts: Mapping[str, Any] = dict(facts or {})

    def __str__(self) -> str:
        return f"{self.what}\n  Rule: {self.rule}\n  What to do: {self.next_step}"

    def as_data(self) -> dict[str, Any]:
        """The refusal as plain data: kind, what, rule, next_step, facts."""
        return {
            "refusal": type(self).__name__,
            "what": self.what,
            "rule": self.rule,
            "next_step": self.next_step,
            "facts": dict(self.facts),
        }


class NotAllowed(Refusal):
    """The actor does not hold a role that may do this."""


class OutOfOrder(Refusal):
    """The act would come before something that has to come first, or after something that ends it."""


class OutdatedVersion(Refusal):
    """The writer worked from a version of a form that is no longer the newest; both are in `facts`."""


class BadValue(Refusal):
    """A value does not fit the item it was given for."""


class ReasonMissing(Refusal):
    """The act needs a reason."""


class NotEligible(Refusal):
    """The participant does not meet the criteria and no waiver covers what is not met."""


class BrokenRecord(Refusal):
    """The ledger, a backup or an archive does not verify."""


class UnreadableProtocol(Refusal):
    """The protocol contains mistakes; `facts["findings"]` lists them."""
