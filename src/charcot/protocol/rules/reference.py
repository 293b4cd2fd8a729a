"""What a rule refers to, where its names may come from, and the facts it is judged on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from typing import Protocol as Interface

from charcot.protocol.finding import Finding
from charcot.protocol.study import Protocol
from charcot.refusal import UnreadableProtocol

Expects = Literal["truth", "value"]
ReferencePart = Literal["value", "earliest", "latest"]

PARTICIPANT_DATES = ("consented_on", "enrolled_on", "infused_on", "died_on")
"""The items of the pseudo form `participant`; all are dates."""


@dataclass(frozen=True)
class Reference:
    """One value a rule needs. Without `encounter`, the facts decide which filling of the form is meant."""

    form: str
    item: str
    encounter: str | None = None
    part: ReferencePart = "value"


@dataclass(frozen=True)
class Scope:
    """The names a rule may use: items of `form` bare, all others as `form.item`."""

    protocol: Protocol
    form: str | None = None


class Facts(Interface):
    """The record, as far as rules see it: texts as they were typed, None where nothing is known."""

    def value(self, reference: Reference) -> str | None:
        """The text of one value."""

    def rows(self, form: str) -> Sequence[Mapping[str, str | None]]:
        """All fillings of a repeating form, item id to text."""


@dataclass(frozen=True)
class Outcome:
    """What a rule came to: True, False or None (unknown), or the value of a computed item.

    `used` maps each reference as the rule writes it to the text that was used; rows of repeating forms
    stand as `adverse_event[2].grade`.
    """

    value: Any
    used: Mapping[str, str | None]


class RuleError(UnreadableProtocol):
    """A rule that cannot be used; lines and columns of `findings` count within the text of the rule."""

    def __init__(self, text: str, findings: tuple[Finding, ...]) -> None:
        super().__init__(
            f"the rule {text!r} cannot be used: " + "; ".join(finding.what for finding in findings),
            rule="Rules in the protocol",
            next_step="; ".join(finding.instead for finding in findings),
            facts={"findings": [finding.as_data() for finding in findings]},
        )
        self.findings = findings
