"""Names within the product's part of a protocol: steps, materials, equipment, donor tests, and what gates need."""

from collections.abc import Iterator

from charcot.protocol.finding import Finding, one_of
from charcot.protocol.positions import Positions
from charcot.protocol.study import Protocol
from charcot.protocol.yaml_text import Path


def check_manufacture(protocol: Protocol, positions: Positions) -> Iterator[Finding]:
    """Names that nothing has, ids that stand twice, and gates of a protocol without a product."""
    plan = protocol.product
    if plan is None:
        if protocol.gates:
            what = "gates are switched on, but the protocol follows no product"
            yield positions.finding(
                "gates-without-product", ("gates",), what, "write a `product`, or take the gates out"
            )
        return
    if protocol.gates and protocol.dose_basis is None:
        what = "gates are switched on, but nothing says whether viable or all cells make up the dose"
        yield positions.finding(
            "gates-without-basis", ("gates",), what, "write `dose_basis: viable` or `dose_basis: total`"
        )
    steps = [step.id for step in plan.steps]
    known = {
        "materials": ("material", [m.id for m in plan.materials]),
        "equipment": ("equipment", [e.id for e in plan.equipment]),
        "after": ("step", steps),
    }
    for i, step in enumerate(plan.steps):
        for part, (kind, names) in known.items():
            for j, name in enumerate(getattr(step, part)):
                if name not in names:
                    yield _unknown(positions, ("product", "steps", i, part, j), kind, name, names)
    forms = list(protocol.forms_by_id)
    for part in ("screening", "identity"):
        name = getattr(plan.donor, part)
        if name is not None and name not in forms:
            yield _unknown(positions, ("product", "donor", part), "form", name, forms)
    tests = [test.id for test in protocol.release_specification]
    for i, definition in enumerate(plan.identities):
        for j, name in enumerate(definition.tests):
            if name not in tests:
                yield _unknown(
                    positions, ("product", "identities", i, "tests", j), "release test", name, tests
                )
    listed = {
        ("steps",): steps,
        ("materials",): known["materials"][1],
        ("equipment",): known["equipment"][1],
        ("donor", "tests"): [test.id for test in plan.donor.tests],
    }
    for path, ids in listed.items():
        for index, name in enumerate(ids):
            if name in ids[:index]:
                what = f"{name} stands twice"
                yield positions.finding(
                    "not-unique", ("product", *path, index, "id"), what, "give one of them another id"
                )


def _unknown(positions: Positions, path: Path, kind: str, name: str, names: list[str]) -> Finding:
    return positions.finding("unknown-name", path, f"there is no {kind} {name}", one_of(name, names))
