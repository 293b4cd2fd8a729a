"""The form of a cytometry analysis: files that were kept, the panel as it was typed, and the act that it becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.utils.translation import gettext as _

from charcot.conduct import analyse_cytometry
from charcot.conduct.analyse_cytometry import CytometryPlan, MarkerAsked
from charcot.product import Lot
from charcot.product.analyses import fold_analyses, limit_of, newest_analyses
from charcot.product.flow_cytometry import (
    GatedTube,
    Gating,
    PositivityMethod,
    Spillover,
    Tube,
    estimate_spillover,
    keep_apart,
    parse_gating_ml,
    parse_tube,
    render_gating_ml,
)
from charcot.product.flow_cytometry.drawn_gates import LOGICLE, MOST_GATES, DrawnGate, parse_drawn_gates
from charcot.protocol.plan import ReleaseTest
from charcot.refusal import BadValue
from charcot.visits import normalise_moment, normalise_number
from charcot.web.frame import address, view_of, views_of
from charcot.web.gate_drawing import GateCount, GatePlot, count_gates, plot_events
from charcot.web.plain_words import typed_otherwise
from charcot.web.signed_in import actor_of, open_trial_of
from charcot.wiring.looking import TrialView
from charcot.wiring.raw_files import keep_raw_file, read_raw_file

MOST_FILES = 40
SPARE = 3
"""Empty lines of gates that are offered."""
LONGEST_GATES = 200_000
GATE_FIELDS = ("name", "kind", "x", "y", "x_scale", "y_scale", "numbers", "within")
RULE = "Flow cytometry: files, panel, compensation and gates are stated before anything is computed"


@dataclass(frozen=True)
class KeptTube:
    """One raw file that was kept: its name, SHA-256, channels and number of events."""

    name: str
    sha256: str
    channels: tuple[str, ...]
    events: int
    has_matrix: bool
    notes: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """What the form sends to name it again."""
        return f"{self.sha256} {self.name}"


@dataclass(frozen=True)
class TypedMarker:
    """One line of the panel as it was typed."""

    test: str
    label: str
    limit: str
    channel: str = ""
    sample: str = ""
    control: str = ""


@dataclass(frozen=True)
class CytometryForm:
    """Everything that the page shows."""

    files: tuple[KeptTube, ...]
    channels: tuple[str, ...]
    lines: tuple[TypedMarker, ...]
    nodes: tuple[str, ...]
    earlier: tuple[str, ...]
    typed: Mapping[str, str]
    stains: tuple[tuple[str, str], ...]
    gates: tuple[DrawnGate, ...]
    gating: str
    locked: tuple[str, ...]


def kept_files_of(request: HttpRequest) -> tuple[KeptTube, ...]:
    """The files that the form names again. Raises what a lost or broken file raises."""
    folder = views_of(request).folder
    found = []
    for field in request.POST.getlist("kept")[:MOST_FILES]:
        sha256, _space, name = field.partition(" ")
        found.append(_kept(name, parse_tube(read_raw_file(folder, sha256))))
    return tuple(found)


def form_of(
    request: HttpRequest, view: TrialView, lot: Lot, files: Sequence[KeptTube], *, keep: bool = False
) -> CytometryForm:
    """The form as it was typed; `keep`: with the files that were uploaded, kept now. Raises what a file refuses."""
    kept = {one.name: one for one in files}
    if keep:
        folder = views_of(request).folder
        for given in request.FILES.getlist("files")[: MOST_FILES - len(kept)]:
            stored, tube = keep_raw_file(folder, given.name or "", given.chunks())
            kept[stored.name] = _kept(stored.name, tube)
        if not kept:
            raise _bad(_("Choose the FCS files."), _("All tubes of the panel, with their controls."))
    channels = tuple(dict.fromkeys(name for one in kept.values() for name in one.channels))
    typed = {name: request.POST.get(name, "") for name in request.POST}
    return CytometryForm(
        files=tuple(kept.values()),
        channels=channels,
        lines=tuple(_line(test, typed) for test in markers_of(view)),
        nodes=tuple(
            node for node, p in lot.genealogy.populations.items() if p.kind not in ("tissue", "dose")
        ),
        earlier=tuple(one.id for one in newest_analyses(fold_analyses(lot.entries))),
        typed=typed,
        stains=tuple((channel, typed.get(f"stain {channel}", "")) for channel in channels),
        gates=typed_gates(typed, SPARE),
        gating=_gating_text(request, lot),
        locked=tuple(
            f"{one.id}/{one.version}"
            for one in fold_analyses(lot.entries)
            if one.entry.data["gates"] is not None
        ),
    )


def typed_gates(typed: Mapping[str, str], spare: int = 0) -> tuple[DrawnGate, ...]:
    """The lines of gates that were drawn or typed, and some empty ones to fill in."""
    lines = []
    for n in range(1, MOST_GATES + 1):
        said = {what: typed.get(f"gate {n} {what}", "").strip() for what in GATE_FIELDS}
        if said["name"] or said["numbers"]:
            lines.append(DrawnGate(**said))
    return (*lines, *(DrawnGate("", "rectangle") for _ in range(min(spare, MOST_GATES - len(lines)))))


def gating_of(form: CytometryForm) -> Gating:
    """The gates that the form holds: a file's, those of a version before, or the lines. Raises NoGate."""
    if form.gating:
        if len(form.gating) > LONGEST_GATES:
            raise _bad(
                _("The file of gates is larger than %(most)s characters.") % {"most": LONGEST_GATES},
                _("Export only the gates of this panel."),
            )
        if "\ufffd" in form.gating:
            raise _bad(
                _("The file of gates is not written in UTF-8, so its letters cannot be told."),
                _("Save it as UTF-8, or export it again."),
            )
        if typed_gates(form.typed):
            raise _bad(
                _("There are gates drawn here and gates of a file or of an earlier analysis."),
                _("Take away the lines, or choose no file and no earlier analysis."),
            )
        return parse_gating_ml(form.gating.encode())
    return parse_drawn_gates(typed_gates(form.typed))


def _gating_text(request: HttpRequest, lot: Lot) -> str:
    """Gating-ML that was uploaded now or before, or that an earlier version of an analysis was locked with."""
    if "forget" in request.POST:
        return ""
    given = request.FILES.get("gates")
    if given is not None:
        given.seek(0)  # a form is made twice where something is refused
        return str(given.read(LONGEST_GATES + 1).decode("utf-8-sig", "replace"))
    wanted = request.POST.get("locked", "")
    for one in fold_analyses(lot.entries):
        if wanted and wanted == f"{one.id}/{one.version}" and one.entry.data["gates"] is not None:
            return str(one.entry.data["gates"])
    return request.POST.get("gating", "") if not wanted else ""


def plot_of(request: HttpRequest, form: CytometryForm) -> tuple[GatePlot, list[GateCount]]:
    """The events of the chosen tube on the chosen channels, with gates and what they hold. Raises what these refuse."""
    typed = form.typed
    folder = views_of(request).folder
    kept = {one.name: one for one in form.files}
    name = typed.get("plot_tube", "") or next(
        (line.sample for line in form.lines if line.sample in kept), form.files[0].name
    )
    if name not in kept:
        raise _bad(_("This file is not among the files."), _("Choose one of them."))
    tubes = {name: parse_tube(read_raw_file(folder, kept[name].sha256))}
    x, y = (
        _chosen_axis(typed, letter, number, kept[name].channels) for number, letter in enumerate(("x", "y"))
    )
    gating = gating_of(form)
    matrix = _matrix_of(request, form)
    scales = (
        {**gating.transforms, "logicle": LOGICLE} if "logicle" not in gating.transforms else gating.transforms
    )
    gated = GatedTube(tubes[name], replace(gating, transforms=scales), matrix)
    within = typed.get("plot_within", "").strip()
    return plot_events(name, gated, gating, (x, y), within), count_gates(gated, gating)


def _chosen_axis(
    typed: Mapping[str, str], letter: str, number: int, channels: Sequence[str]
) -> tuple[str, str]:
    """A channel and its scale: those that were chosen, else scatter, which is linear, where there is any."""
    preset = next(
        (name for name in channels if name.upper().startswith(("FSC", "SSC")[number])),
        channels[number % len(channels)],
    )
    channel = typed.get(f"plot_{letter}", "") or preset
    linear = channel.upper().startswith(("FSC", "SSC", "TIME"))
    return channel, _one_of(
        typed.get(f"plot_{letter}_scale", ""), ("linear", "logicle") if linear else ("logicle", "linear")
    )


def _matrix_of(request: HttpRequest, form: CytometryForm) -> Spillover | None:
    """The matrix that plot and counts use, as the analysis will; None: each file's own."""
    how = _one_of(form.typed.get("compensation", ""), ("file", "stains", "none"))
    if how == "file":
        return None
    stains = {channel: name for channel, name in form.stains if name}
    dark = form.typed.get("unstained", "")
    hashes = {one.name: one.sha256 for one in form.files}
    if how == "none" or not stains or not {*stains.values(), dark} <= set(hashes):
        return keep_apart(form.channels[:1])
    folder = views_of(request).folder
    tubes = {name: parse_tube(read_raw_file(folder, hashes[name])) for name in {*stains.values(), dark}}
    return estimate_spillover(tubes[dark], {c: tubes[name] for c, name in stains.items()}, tuple(stains))


def markers_of(view: TrialView) -> tuple[ReleaseTest, ...]:
    """The tests of the specification that a share of positive cells answers."""
    found = view.nobody.protocol.release_specification
    return tuple(
        test
        for test in found
        if "cytometry" in test.method.casefold()
        and limit_of(test) != limit_of(test.model_copy(update={"rule": None}))
    )


def analyse_typed(request: HttpRequest, lot: Lot, files: Sequence[KeptTube]) -> str:
    """Enters the analysis that was typed; the address of its page. Raises what the act refuses."""
    view, typed = view_of(request), request.POST
    folder = views_of(request).folder
    panel = tuple(
        MarkerAsked(line.label, line.channel, line.sample, line.control, line.test)
        for test in markers_of(view)
        if (line := _line(test, typed)).channel or line.sample
    )
    half = [one.marker for one in panel if not (one.channel and one.sample and one.control)]
    if half:
        raise _bad(
            _("For %(markers)s something is missing.") % {"markers": ", ".join(half)},
            _("Each marker needs its channel, the file of the sample and the file of its control."),
        )
    stains = {c: name for one in files for c in one.channels if (name := typed.get(f"stain {c}", ""))}
    form = form_of(request, view, lot, files)
    gating = gating_of(form)
    read = {
        "percentile": normalise_number(typed.get("percentile", "99")),
        "sampled_at": normalise_moment(typed.get("sampled_at", "")),
    }
    plan = CytometryPlan(
        tubes={one.name: read_raw_file(folder, one.sha256) for one in files},
        panel=panel,
        compensation=_one_of(typed.get("compensation", ""), ("file", "stains", "none")),  # type: ignore[arg-type]  # one of its words
        stains=stains,
        unstained=typed.get("unstained") or None,
        gates=form.gating.encode() or (render_gating_ml(gating) if gating.gates else None),
        population=typed.get("population", "").strip() or None,
        method=PositivityMethod(
            percentile=_percentile(read["percentile"]),
            judged=_one_of(typed.get("judged", ""), ("subtracted", "raw")),
        ),
    )
    (entry, *_results) = analyse_cytometry(
        replace(open_trial_of(request), typed=typed_otherwise(typed, read)),
        actor_of(request),
        node=typed.get("node", ""),
        sampled_at=read["sampled_at"],
        plan=plan,
        replaces=typed.get("replaces") or None,
        reason=typed.get("reason") or None,
    )
    return address("cytometry_analysis", lot.id, entry.data["id"], entry.data["version"])


def _kept(name: str, tube: Tube) -> KeptTube:
    return KeptTube(name, tube.sha256, tube.names, len(tube), tube.spillover_text is not None, tube.notes)


def _line(test: ReleaseTest, typed: Mapping[str, str]) -> TypedMarker:
    said = (typed.get(f"{what} {test.id}", "") for what in ("channel", "sample", "control"))
    return TypedMarker(test.id, test.test, test.limit, *said)


def _percentile(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 50 <= value < 100:
        raise _bad(
            _("%(given)s is no percentile of the control.") % {"given": repr(text)},
            _("Write a number from 50 to below 100, such as 99."),
        )
    return value


def _one_of(given: str, allowed: Sequence[str]) -> str:
    return given if given in allowed else allowed[0]


def _bad(what: str, next_step: str) -> BadValue:
    return BadValue(what, rule=RULE, next_step=next_step)
