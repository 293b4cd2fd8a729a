"""Names in the protocol that have to be the name of something else in it."""

from collections.abc import Iterable, Iterator

from charcot.protocol.finding import Finding, one_of
from charcot.protocol.forms import Item
from charcot.protocol.positions import Positions
from charcot.protocol.study import Protocol
from charcot.protocol.verbs import VERBS
from charcot.protocol.yaml_text import Path


def check_links(protocol: Protocol, positions: Positions) -> Iterator[Finding]:
    """Names that nothing in the protocol has."""
    for path, name, kind, known in _references(protocol):
        if name not in known:
            yield positions.finding("unknown-name", path, f"there is no {kind} {name}", one_of(name, known))
    for path, name in _items_named(protocol):
        yield from _check_item(path, name, protocol, positions)
    for i, intervention in enumerate(protocol.interventions):
        if intervention.dose is None:
            continue
        item = find_item(protocol, intervention.dose.weight)
        if item is not None and item.type not in ("decimal", "integer"):
            what = f"the weight is read from {intervention.dose.weight}, which is not a number"
            yield positions.finding(
                "wrong-type", ("interventions", i, "dose", "weight"), what, "name an item of type decimal"
            )


def find_item(protocol: Protocol, name: str) -> Item | None:
    """The item called `form.item`."""
    form_id, _, item_id = name.partition(".")
    form = protocol.forms_by_id.get(form_id)
    return form.item(item_id) if form is not None else None


def _references(protocol: Protocol) -> Iterator[tuple[Path, str, str, list[str]]]:
    """Every name that must be known: its path, the name, what it should be a name of, and the names there are."""
    forms, encounters = list(protocol.forms_by_id), list(protocol.encounters_by_id)
    populations = [population.id for population in protocol.populations]
    endpoints = [endpoint.id for endpoint in protocol.endpoints]
    roles = [role.id for role in protocol.roles]

    def each(
        path: Path, names: Iterable[str], kind: str, known: list[str]
    ) -> Iterator[tuple[Path, str, str, list[str]]]:
        for index, name in enumerate(names):
            yield (*path, index), name, kind, known

    for i, activity in enumerate(protocol.activities):
        yield from each(("activities", i, "forms"), activity.forms, "form", forms)
        yield from each(("activities", i, "optional"), activity.optional, "form", forms)
        yield from each(("activities", i, "at"), activity.at, "encounter", encounters)
    for i, intervention in enumerate(protocol.interventions):
        yield ("interventions", i, "form"), intervention.form, "form", forms
        yield ("interventions", i, "encounter"), intervention.encounter, "encounter", encounters
    interventions = [intervention.id for intervention in protocol.interventions]
    for i, arm in enumerate(protocol.arms):
        yield from each(("arms", i, "interventions"), arm.interventions, "intervention", interventions)
    objectives = [objective.id for objective in protocol.objectives]
    for i, endpoint in enumerate(protocol.endpoints):
        yield ("endpoints", i, "objective"), endpoint.objective, "objective", objectives
    for i, estimand in enumerate(protocol.estimands):
        yield ("estimands", i, "endpoint"), estimand.endpoint, "endpoint", endpoints
        yield ("estimands", i, "population"), estimand.population, "population", populations
    estimands = [estimand.id for estimand in protocol.estimands]
    for i, result in enumerate(protocol.analysis):
        yield ("analysis", i, "population"), result.population, "population", populations
        if result.estimand is not None:
            yield ("analysis", i, "estimand"), result.estimand, "estimand", estimands
    for i, role in enumerate(protocol.roles):
        yield from each(("roles", i, "may"), role.may, "verb", list(VERBS))
    for i, clock in enumerate(protocol.reporting):
        yield from each(("reporting", i, "concerns"), clock.concerns, "role", roles)
        yield from each(("reporting", i, "escalates_to"), clock.escalates_to, "role", roles)
    if protocol.randomisation is not None:
        concealed = protocol.randomisation.concealed_from
        yield from each(("randomisation", "concealed_from"), concealed, "role", roles)
    for i, full in enumerate(protocol.verification.full):
        yield ("verification", "full", i, "form"), full.form, "form", forms
        compared = protocol.forms_by_id.get(full.form)
        if compared is not None:
            known = [item.id for item in compared.items]
            yield from each(("verification", "full", i, "items"), full.items, f"item of {full.form}", known)
    lists = [code_list.id for code_list in protocol.code_lists]
    for i, form in enumerate(protocol.forms):
        items = [item.id for item in form.items]
        for j, item in enumerate(form.items):
            if isinstance(item.codes, str):
                yield ("forms", i, "items", j, "codes"), item.codes, "code list", lists
        for j, check in enumerate(form.checks):
            yield from each(("forms", i, "checks", j, "items"), check.items, f"item of {form.form}", items)


def _items_named(protocol: Protocol) -> Iterator[tuple[Path, str]]:
    for i, intervention in enumerate(protocol.interventions):
        if intervention.dose is not None:
            yield ("interventions", i, "dose", "weight"), intervention.dose.weight
    for i, test in enumerate(protocol.release_specification):
        if test.item is not None:
            yield ("release_specification", i, "item"), test.item
    if protocol.sex_item is not None:
        yield ("sex_item",), protocol.sex_item
    if protocol.birth_item is not None:
        yield ("birth_item",), protocol.birth_item
    if protocol.randomisation is not None:
        for i, stratum in enumerate(protocol.randomisation.strata):
            yield ("randomisation", "strata", i), stratum


def _check_item(path: Path, name: str, protocol: Protocol, positions: Positions) -> Iterator[Finding]:
    form_id, dot, item_id = name.partition(".")
    form = protocol.forms_by_id.get(form_id)
    if not dot:
        homes = [f"{form.form}.{name}" for form in protocol.forms if form.item(name) is not None]
        instead = f"write {' or '.join(homes[:3])}" if homes else "write form.item"
        yield positions.finding(
            "unknown-name", path, f"{name} does not say which form it is an item of", instead
        )
    elif form is None:
        yield positions.finding(
            "unknown-name", path, f"there is no form {form_id}", one_of(form_id, protocol.forms_by_id)
        )
    elif form.item(item_id) is None:
        known = [item.id for item in form.items]
        yield positions.finding(
            "unknown-name", path, f"the form {form_id} has no item {item_id}", one_of(item_id, known)
        )
