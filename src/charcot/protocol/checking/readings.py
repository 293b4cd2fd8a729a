"""Names that the analysis plan reads: the baseline form and its items, items of adverse events and procedures."""

from collections.abc import Iterator

from charcot.protocol.finding import Finding, one_of
from charcot.protocol.forms import Form
from charcot.protocol.plan import PlannedReading
from charcot.protocol.positions import Positions
from charcot.protocol.study import Protocol
from charcot.protocol.yaml_text import Path


def check_readings(protocol: Protocol, positions: Positions) -> Iterator[Finding]:
    """Planned results that read a form or an item which the protocol does not have."""
    for i, result in enumerate(protocol.analysis):
        if result.reads is None:
            continue
        for path, name, form in _items_read(protocol, result.reads, ("analysis", i, "reads")):
            known = [item.id for item in form.items] if form is not None else []
            if name not in known:
                where = (
                    f"the form {form.form}" if form is not None else "a form that the protocol does not have"
                )
                yield positions.finding(
                    "unknown-name", path, f"{where} has no item {name}", one_of(name, known)
                )
        form_id = result.reads.form
        if form_id is not None and form_id not in protocol.forms_by_id:
            path = ("analysis", i, "reads", "form")
            yield positions.finding(
                "unknown-name", path, f"there is no form {form_id}", one_of(form_id, protocol.forms_by_id)
            )


def _items_read(
    protocol: Protocol, reads: PlannedReading, at: Path
) -> Iterator[tuple[Path, str, Form | None]]:
    """Each item named: where it stands in the file, its name, and the form that should have it."""
    if reads.form in protocol.forms_by_id:
        form = protocol.forms_by_id[reads.form]
        for index, name in enumerate(reads.skip):
            yield (*at, "skip", index), name, form
        for field, item in (("total", reads.total), ("duration", reads.duration)):
            if item is not None:
                yield (*at, field), item, form
    if reads.predictors is not None:
        named = [r.reads.form for r in protocol.analysis if r.reads is not None and r.reads.form is not None]
        baseline = protocol.forms_by_id.get(named[0]) if named else None
        for field in ("age", "onset_site", "fvc"):
            yield (*at, "predictors", field), getattr(reads.predictors, field), baseline
    events = protocol.form_playing("adverse_event")
    for field, item in (("category", reads.category), ("outcome", reads.outcome)):
        if item is not None:
            yield (*at, field), item, events
    if reads.procedure is not None:
        form_id, _, kind = reads.procedure.partition(".")
        yield (*at, "procedure"), kind, protocol.forms_by_id.get(form_id)
