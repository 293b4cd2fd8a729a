"""A protocol that was read and found whole: its text, its fingerprint and its rules, ready for use."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from charcot.protocol.rules.book import RuleBook
from charcot.protocol.study import Protocol


@dataclass(frozen=True)
class Study:
    """What the trial runs on: one version of its protocol."""

    protocol: Protocol
    files: Mapping[str, str] = field(repr=False)
    fingerprint: str
    rules: RuleBook = field(repr=False, compare=False)
