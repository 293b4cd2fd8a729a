"""The form of a cytometry analysis: files that were kept, the panel as it was typed, and the act that it becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from charcot.conduct import analyse_cytometry
from charcot.conduct.analyse_cytometry import CytometryPlan, MarkerAsked
from charcot.product import Lot
from charcot.product.analyses import fold_analyses, limit_of, newest_analyses
from charcot.product.flow_cytometry import PositivityMethod, Tube, parse_tube
from charcot.protocol.plan import ReleaseTest
from charcot.refusal import BadValue
from charcot.web.frame import address, view_of, views_of
from charcot.web.signed_in import actor_of, open_trial_of
from charcot.wiring.looking import TrialView
from charcot.wiring.raw_files import keep_raw_file, read_raw_file

MOST_FILES = 40
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
    )


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
    gates = request.FILES.get("gates")
    plan = CytometryPlan(
        tubes={one.name: read_raw_file(folder, one.sha256) for one in files},
        panel=panel,
        compensation=_one_of(typed.get("compensation", ""), ("file", "stains", "none")),  # type: ignore[arg-type]  # one of its words
        stains=stains,
        unstained=typed.get("unstained") or None,
        gates=None if gates is None else gates.read(),
        population=typed.get("population", "").strip() or None,
        method=PositivityMethod(
            percentile=_percentile(typed.get("percentile", "99")),
            judged=_one_of(typed.get("judged", ""), ("subtracted", "raw")),
        ),
    )
    (entry, *_results) = analyse_cytometry(
        open_trial_of(request),
        actor_of(request),
        node=typed.get("node", ""),
        sampled_at=typed.get("sampled_at", ""),
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
