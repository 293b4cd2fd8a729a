"""All rules of a protocol, each compiled once and looked up by its text and scope."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from charcot.protocol.finding import Finding
from charcot.protocol.positions import Positions
from charcot.protocol.rules.compiling import parse_rule
from charcot.protocol.rules.reference import Expects, RuleError, Scope
from charcot.protocol.rules.steps import Rule
from charcot.protocol.study import Protocol
from charcot.protocol.yaml_text import Path

Key = tuple[str, str | None, Expects]


@dataclass(frozen=True)
class RulePlace:
    """A rule as it stands in the protocol."""

    path: Path
    text: str
    form: str | None
    expects: Expects = "truth"

    @property
    def key(self) -> Key:
        """What the rule is looked up by."""
        return self.text, self.form, self.expects


@dataclass(frozen=True)
class RuleBook:
    """The compiled rules of one protocol."""

    protocol: Protocol = field(repr=False)
    rules: Mapping[Key, Rule] = field(repr=False)

    def rule(self, text: str, form: str | None = None, expects: Expects = "truth") -> Rule:
        """The rule with this text; one that the protocol does not contain is compiled each time it is asked for.

        Raises RuleError where such a rule cannot be used.
        """
        key = (text, form, expects)
        return self.rules.get(key) or parse_rule(text, Scope(self.protocol, form), expects)


def rule_places(protocol: Protocol) -> Iterator[RulePlace]:
    """Every rule of a protocol, with its path and scope."""
    for i, criterion in enumerate(protocol.criteria):
        yield RulePlace(("criteria", i, "rule"), criterion.rule, None)
    for i, intervention in enumerate(protocol.interventions):
        for j, precondition in enumerate(intervention.preconditions):
            yield RulePlace(("interventions", i, "preconditions", j, "rule"), precondition.rule, None)
    for i, test in enumerate(protocol.release_specification):
        if test.rule is not None:
            form = test.item.partition(".")[0] if test.item else None
            yield RulePlace(("release_specification", i, "rule"), test.rule, form)
    events = protocol.form_playing("adverse_event")
    for i, boundary in enumerate(protocol.boundaries):
        yield RulePlace(("boundaries", i, "event"), boundary.event, events.form if events else None)
    for i, result in enumerate(protocol.analysis):
        if result.reads is not None and result.reads.watched is not None:
            here_event: Path = ("analysis", i, "reads", "watched", "event")
            yield RulePlace(here_event, result.reads.watched.event, events.form if events else None)
    for i, clock in enumerate(protocol.reporting):
        yield RulePlace(("reporting", i, "when"), clock.when, events.form if events else None)
    for i, full in enumerate(protocol.verification.full):
        if full.where is not None and full.form in protocol.forms_by_id:
            yield RulePlace(("verification", "full", i, "where"), full.where, full.form)
    for i, form_ in enumerate(protocol.forms):
        for j, item in enumerate(form_.items):
            here: Path = ("forms", i, "items", j)
            if item.required_if is not None:
                yield RulePlace((*here, "required_if"), item.required_if, form_.form)
            if item.shown_if is not None:
                yield RulePlace((*here, "shown_if"), item.shown_if, form_.form)
            if item.computed is not None:
                yield RulePlace((*here, "computed"), item.computed, form_.form, "value")
        for j, check in enumerate(form_.checks):
            yield RulePlace(("forms", i, "checks", j, "rule"), check.rule, form_.form)


def compile_rules(protocol: Protocol, positions: Positions) -> tuple[RuleBook, list[Finding]]:
    """All rules compiled, and the findings of those that cannot be."""
    rules: dict[Key, Rule] = {}
    findings: list[Finding] = []
    for place in rule_places(protocol):
        try:
            if place.key not in rules:
                rules[place.key] = parse_rule(place.text, Scope(protocol, place.form), place.expects)
        except RuleError as error:
            findings.extend(positions.in_rule(place.path, finding) for finding in error.findings)
    return RuleBook(protocol, rules), findings
