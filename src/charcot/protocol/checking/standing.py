"""What the trial stands on: version, approvals, zone, arms and boundaries."""

from collections.abc import Iterator
from zoneinfo import available_timezones

from charcot.protocol.finding import Finding, nearest
from charcot.protocol.positions import Positions
from charcot.protocol.study import Protocol
from charcot.protocol.watching import BOUNDARY_GROUPS, Boundary
from charcot.protocol.yaml_text import Path


def check_standing(protocol: Protocol, positions: Positions) -> Iterator[Finding]:
    """What keeps a trial from being begun under this protocol."""
    trial = protocol.trial
    if trial.zone not in available_timezones():
        zones = {zone.lower(): zone for zone in available_timezones()}
        close = nearest(trial.zone.replace(" ", "_"), zones)
        instead = (
            f"did you mean {zones[close]}?" if close else "write an area and a city, such as Asia/Tehran"
        )
        yield positions.finding(
            "unknown-zone", ("trial", "zone"), f"{trial.zone} is not a time zone", instead
        )
    if not protocol.version.number.strip():
        what = "the protocol has no version number"
        yield positions.finding(
            "no-version",
            ("version", "number"),
            what,
            'write the number that the ethics committee saw, such as "1.0"',
        )
    documents = {document.document for approval in protocol.approvals for document in approval.documents}
    if "consent_form" not in documents:
        what = "no approval names the version of the consent form, so no consent could be accepted"
        instead = "add `- {document: consent_form, version: …}` to the documents of an approval"
        yield positions.finding("no-approved-consent", ("approvals",), what, instead)
    yield from _check_arms(protocol, positions)
    for i, boundary in enumerate(protocol.boundaries):
        yield from _check_boundary(("boundaries", i), boundary, positions)
    yield from _check_groups(protocol, positions)


def _check_arms(protocol: Protocol, positions: Positions) -> Iterator[Finding]:
    design = protocol.trial.design
    path: Path = ("trial", "design")
    if design.planned_enrolment < 1:
        what = f"the planned enrolment is {design.planned_enrolment}"
        yield positions.finding(
            "no-participants", (*path, "planned_enrolment"), what, "write how many participants are planned"
        )
    if not protocol.arms:
        yield positions.finding(
            "arms", ("arms",), "the trial has no arm", "add one arm with its interventions"
        )
    if design.intervention_model == "single_arm" and len(protocol.arms) > 1:
        what = f"the design has a single arm, but {len(protocol.arms)} arms are written"
        yield positions.finding(
            "arms", ("arms", 1), what, "remove the others, or write `intervention_model: parallel`"
        )
    if design.allocation == "randomised" and protocol.randomisation is None:
        what = "the allocation is randomised, but nothing says how"
        yield positions.finding("arms", (*path, "allocation"), what, "add `randomisation:` with its method")
    if design.allocation == "none" and protocol.randomisation is not None:
        what = "there is a randomisation, but the allocation is none"
        yield positions.finding(
            "arms", ("randomisation",), what, "write `allocation: randomised`, or remove it"
        )
    for i, arm in enumerate(protocol.arms):
        if arm.ratio < 1:
            what = f"the arm {arm.id} has the ratio {arm.ratio}, so nobody would be in it"
            yield positions.finding("ratio", ("arms", i, "ratio"), what, "write a whole number of at least 1")


def _check_boundary(path: Path, boundary: Boundary, positions: Positions) -> Iterator[Finding]:
    for key in ("p0", "alpha"):
        value = getattr(boundary, key)
        if not 0 < float(value) < 1:
            what = f"{key} of the boundary {boundary.id} is {value}"
            yield positions.finding(
                "boundary-number", (*path, key), what, "write a fraction between 0 and 1, such as 0.05"
            )
    before = None
    for i, step in enumerate(boundary.stop):
        here: Path = (*path, "stop", i)
        if before is not None and (step.events <= before.events or step.up_to <= before.up_to):
            what = (
                f"the steps of the boundary {boundary.id} do not rise: {step.events} events up to {step.up_to} "
                f"after {before.events} up to {before.up_to}"
            )
            yield positions.finding(
                "boundary-steps", here, what, "write more events and more participants with each step"
            )
        if step.up_to > boundary.planned:
            what = f"a step goes up to {step.up_to} participants, but {boundary.planned} are planned"
            yield positions.finding(
                "boundary-steps", (*here, "up_to"), what, f"write at most {boundary.planned}"
            )
        before = step
    if not boundary.stop:
        what = f"the boundary {boundary.id} has no steps"
        yield positions.finding(
            "boundary-steps", (*path, "stop"), what, "add steps such as {events: 2, up_to: 17}"
        )
    if boundary.method == "tite" and boundary.window is None:
        what = f"the boundary {boundary.id} counts by time followed, but says no window"
        yield positions.finding("boundary-steps", path, what, "add a line such as `window: 2 months`")


def _check_groups(protocol: Protocol, positions: Positions) -> Iterator[Finding]:
    """What boundaries and staggering count per: a known group, or an item of a form that plays an infusion."""
    given = {i.form for i in protocol.interventions}
    counted = [
        *((("boundaries", i), b.id, b.per) for i, b in enumerate(protocol.boundaries)),
        *((("staggering", i), s.id, s.per) for i, s in enumerate(protocol.staggering)),
    ]
    for path, name, per in counted:
        form, _, item = per.partition(".")
        known = protocol.forms_by_id.get(form) if form in given else None
        if per in BOUNDARY_GROUPS or (known is not None and known.item(item) is not None):
            continue
        what = f"{name} counts per {per}, which is no group"
        instead = f"write one of {', '.join(BOUNDARY_GROUPS)}, or an item of the infusion as form.item"
        yield positions.finding("unknown-name", (*path, "per"), what, instead)
