"""Analyse the flow cytometry of a population: raw files, panel, compensation, gates and verdicts in one entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from charcot.clinical_time import ClinicalTime
from charcot.conduct.on_product import draft_on, require_lot, require_minute, ruling
from charcot.conduct.request_test import require_release_test
from charcot.conduct.trial import Situation, Trial, act_on_trial, require_one_of, require_reason, require_text
from charcot.ledger import Actor, Draft, Entry, Kind, subject_of
from charcot.product import Lot, judge_result, lot_of
from charcot.product.analyses import (
    CytometryAnalysis,
    fold_analyses,
    limit_of,
    marker_data,
    newest_analyses,
    result_text,
)
from charcot.product.flow_cytometry import (
    SCALE,
    Gating,
    MarkerMeasured,
    MarkerVerdict,
    PanelLine,
    PositivityMethod,
    Spillover,
    Tube,
    estimate_spillover,
    keep_apart,
    measure_panel,
    parse_gating_ml,
    parse_tube,
)
from charcot.refusal import BadValue, OutOfOrder

METHOD = PositivityMethod()
MOST_GATES = 200_000
"""How long the text of the gates may be that an entry keeps [bytes]."""


class RawFileChanged(OutOfOrder):
    """A new analysis of the same sample does not rest on the same raw files."""


@dataclass(frozen=True)
class MarkerAsked:
    """One marker of a panel: its channel, the files of sample and control, and the release test it answers, if any."""

    marker: str
    channel: str
    sample: str
    control: str
    test: str | None = None


@dataclass(frozen=True)
class CytometryPlan:
    """How a panel is analysed. `tubes` are raw files by name; `stains` the single stain of each channel, `unstained` their dark tube.

    `compensation` is none, file (the matrix that each file holds) or stains. `gates` is Gating-ML 2.0, `population` the gate
    within which cells are judged.
    """

    tubes: Mapping[str, bytes]
    panel: Sequence[MarkerAsked]
    compensation: Literal["none", "file", "stains"] = "file"
    stains: Mapping[str, str] | None = None
    unstained: str | None = None
    gates: bytes | None = None
    population: str | None = None
    method: PositivityMethod = METHOD


@dataclass(frozen=True)
class _Read:
    """The tubes and what they are compensated and gated by."""

    tubes: Mapping[str, Tube]
    spillover: Spillover | None
    gating: Gating


def analyse_cytometry(
    trial: Trial,
    actor: Actor,
    *,
    node: str,
    sampled_at: str,
    plan: CytometryPlan,
    replaces: str | None = None,
    reason: str | None = None,
) -> tuple[Entry, ...]:
    """Enters an analysis of a population's sample, computed here from the bytes of its raw files.

    Markers that answer a test which was requested of this population and has no result yet give its result. `replaces` names
    an analysis that is made anew: its files must be the same, a reason is needed, both versions are kept, and results that were
    entered stand. Raises what files, gates and channels refuse; RawFileChanged.
    """
    read = _read(plan)
    measured: dict[tuple[PanelLine, ...], tuple[MarkerMeasured, ...]] = {}

    def judge(situation: Situation) -> list[Draft]:
        lot = require_lot(situation, lot_of(node))
        moment = require_minute(sampled_at, situation)
        population = lot.genealogy.populations.get(node)
        if population is None or moment.surely_before(ClinicalTime(population.began)):
            raise OutOfOrder(
                f"There is no population {node!r} at {sampled_at}.",
                rule="Quality control: a sample is taken from something that was made before",
                next_step="Check the code and the time.",
                facts={"node": node},
            )
        earlier = _earlier(lot, node, plan, replaces)
        why = reason
        if earlier is not None:
            why = require_reason(reason, "Flow cytometry: analysed anew for a stated reason")
        lines = tuple(_line(situation, asked) for asked in plan.panel)
        if lines not in measured:
            measured[lines] = _measure(read, lines, plan)
        number = len({one.id for one in fold_analyses(lot.entries)}) + 1
        data = {
            "id": earlier.id if earlier else f"c{number}",
            "version": str(earlier.version + 1 if earlier else 1),
            "node": node,
            "passage": None if population.passage is None else str(population.passage),
            **_describe(plan, read),
            "markers": [
                marker_data(one, asked.test) for one, asked in zip(measured[lines], plan.panel, strict=True)
            ],
        }
        subject = subject_of("product", lot.id)
        draft = draft_on(
            situation, actor, "analyse_cytometry", Kind.CYTOMETRY_ANALYSED, subject, data, moment, why
        )
        return [draft, *_results(situation, actor, lot, node, moment, plan, measured[lines])]

    return act_on_trial(trial, actor, "analyse_cytometry", judge)


def _read(plan: CytometryPlan) -> _Read:
    if not plan.panel:
        raise BadValue(
            "No marker is asked for.",
            rule="Flow cytometry, panel: at least one marker",
            next_step="Say which channel shows which marker, and which file is its control.",
        )
    tubes = {name: parse_tube(content) for name, content in plan.tubes.items()}
    gating = Gating({}) if plan.gates is None else parse_gating_ml(plan.gates)
    if plan.gates is not None and len(plan.gates) > MOST_GATES:
        raise BadValue(
            f"The gates are longer than {MOST_GATES:,} bytes.",
            rule="Flow cytometry, gates: kept on the record with the analysis",
            next_step="Export only the gates of this panel.",
        )
    channels = tuple(dict.fromkeys(asked.channel for asked in plan.panel))
    spillover = None
    if plan.compensation == "none":
        spillover = keep_apart(channels)
    elif plan.compensation == "file":
        _require_own_matrix(plan, tubes)
    else:
        stains = plan.stains or {}
        if bare := [channel for channel in channels if channel not in stains]:
            raise BadValue(
                f"There is no single stain for {', '.join(bare)}.",
                rule="Flow cytometry, compensation: every channel of the panel is compensated",
                next_step="Choose the file of its single stain, or analyse without compensation.",
            )
        missing = sorted({*stains.values(), plan.unstained or ""} - set(tubes))
        if missing:
            raise BadValue(
                f"There is no file {', '.join(name or 'of unstained cells' for name in missing)}.",
                rule="Flow cytometry, compensation: an unstained tube and a single stain for each channel",
                next_step="Choose the files of the single stains, or take the matrix that the files hold.",
            )
        spillover = estimate_spillover(
            tubes[plan.unstained or ""],
            {channel: tubes[name] for channel, name in stains.items()},
            tuple(stains),
        )
    return _Read(tubes, spillover, gating)


def _require_own_matrix(plan: CytometryPlan, tubes: Mapping[str, Tube]) -> None:
    """Raises BadValue where a sample or control holds no matrix: it would silently stay uncompensated."""
    used = dict.fromkeys(name for asked in plan.panel for name in (asked.sample, asked.control))
    bare = [name for name in used if name in tubes and tubes[name].spillover_text is None]
    if bare:
        raise BadValue(
            f"{', '.join(bare)} holds no spillover matrix.",
            rule="Flow cytometry, compensation: control and sample are compensated alike",
            next_step="Upload the single stains, or say that nothing is to be compensated.",
        )


def _line(situation: Situation, asked: MarkerAsked) -> PanelLine:
    marker = require_text(asked.marker, "marker")
    if asked.test is None:
        return PanelLine(marker, asked.channel, asked.sample, asked.control)
    test = require_release_test(situation, asked.test)
    return PanelLine(marker, asked.channel, asked.sample, asked.control, limit_of(test))


def _measure(read: _Read, lines: Sequence[PanelLine], plan: CytometryPlan) -> tuple[MarkerMeasured, ...]:
    hashes = "".join(read.tubes[name].sha256 for name in sorted(read.tubes))
    seed = int(sha256(hashes.encode()).hexdigest()[:8], 16)
    return measure_panel(
        read.tubes, lines, plan.method, seed=seed, compensation=read.spillover, gating=read.gating,
        population=plan.population,
    )  # fmt: skip


def _describe(plan: CytometryPlan, read: _Read) -> dict[str, Any]:
    method = plan.method
    matrix = read.spillover
    return {
        "files": [
            {
                "name": name,
                "sha256": tube.sha256,
                "size": str(len(plan.tubes[name])),
                "format": tube.version,
                "events": str(len(tube)),
                "notes": list(tube.notes),
            }
            for name, tube in read.tubes.items()
        ],
        "scale": SCALE,
        "compensation": {
            "by": plan.compensation,
            "channels": [] if matrix is None else list(matrix.dyes),
            "matrix": [] if matrix is None else [[repr(v) for v in row] for row in matrix.matrix.tolist()],
        },
        "gates": None if plan.gates is None else plan.gates.decode("utf-8", "replace"),
        "gates_sha256": None if plan.gates is None else sha256(plan.gates).hexdigest(),
        "population": plan.population,
        "method": {
            "percentile": f"{method.percentile:g}",
            "judged": method.judged,
            "least_control": str(method.least_control),
            "least_sample": str(method.least_sample),
            "level": f"{method.level:g}",
            "draws": str(method.draws),
        },
    }


def _earlier(lot: Lot, node: str, plan: CytometryPlan, replaces: str | None) -> CytometryAnalysis | None:
    """The version that is analysed anew; raises OutOfOrder or RawFileChanged."""
    newest = newest_analyses(fold_analyses(lot.entries))
    given = {name: sha256(content).hexdigest() for name, content in plan.tubes.items()}
    if replaces is None:
        same = [one for one in newest if one.node == node and set(given.values()) & _hashes(one)]
        if same:
            raise OutOfOrder(
                f"These files were already analysed ({same[0].id}).",
                rule="Flow cytometry: a new analysis of the same files is a new version with a reason; both are kept",
                next_step=f"Make {same[0].id} anew, and say why.",
                facts={"analysis": same[0].id},
            )
        return None
    require_one_of(replaces, [one.id for one in newest if one.node == node], "analysis")
    found = next(one for one in newest if one.id == replaces)
    if {file["name"]: file["sha256"] for file in found.files} != given:
        raise RawFileChanged(
            f"The files are not those that {replaces} was made from.",
            rule="Flow cytometry: a sample is analysed anew from the same raw files, known by their SHA-256",
            next_step="Use the files that are kept. If the sample was measured again, enter it as an analysis of its own.",
            facts={"analysis": replaces},
        )
    return found


def _hashes(analysis: CytometryAnalysis) -> set[str]:
    return {str(file["sha256"]) for file in analysis.files}


def _results(
    situation: Situation,
    actor: Actor,
    lot: Lot,
    node: str,
    moment: ClinicalTime,
    plan: CytometryPlan,
    measured: Sequence[MarkerMeasured],
) -> list[Draft]:
    """The results of tests that were requested of this population and wait for one."""
    study = situation.charter.ruling_on(situation.now.date()).study
    drafts = []
    for one, asked in zip(measured, plan.panel, strict=True):
        waiting = [t for t in lot.tests if t.test == asked.test and t.node == node and t.resulted is None]
        if not waiting:
            continue
        line = require_release_test(situation, asked.test or "")
        value = (
            result_text(one, plan.method.judged) if one.found.raw.estimate == one.found.raw.estimate else "0"
        )
        invalid = one.found.why if one.found.verdict is MarkerVerdict.INVALID else None
        files = dict.fromkeys((asked.sample, asked.control))
        data = {
            "id": waiting[0].id,
            "test": line.id,
            "value": value,
            "verdict": "INVALID" if invalid else judge_result(study, line, value),
            "method": line.method,
            "limit": line.limit,
            "rule": line.rule,
            "specification": ruling(situation).version.number,
            "evidence": [{"name": name, "sha256": sha256(plan.tubes[name]).hexdigest()} for name in files],
        }
        subject = subject_of("product", lot.id)
        drafts.append(
            draft_on(
                situation, actor, "analyse_cytometry", Kind.TEST_RESULTED, subject, data, moment, invalid
            )
        )
    return drafts
