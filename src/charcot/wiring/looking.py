"""Looking at a trial: as it is, as it was, and whether its record holds."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from charcot.conduct import read_charter
from charcot.conduct.cut import CUT_NAME
from charcot.conduct.holding import ask_watch
from charcot.datasets import Snapshot, derive_datasets, summarise, take_snapshot
from charcot.datasets.overview import FoldedOverview, Overview
from charcot.ledger import (
    TRIAL,
    Entry,
    Fault,
    Head,
    Ledger,
    LedgerAsOf,
    Receipt,
    check_chain,
    parse_receipt,
    view_as_of,
)
from charcot.participants import Dossier, Query
from charcot.protocol import Finding, fingerprint, parse_protocol
from charcot.refusal import BadValue, BrokenRecord, OutOfOrder
from charcot.report import Report, make_report, render_html
from charcot.report.claims import ClaimsFile, adopted_claims
from charcot.report.safety_report import make_safety_report
from charcot.safety import SafetyWatch
from charcot.team import Charter
from charcot.visits import PlannedVisit
from charcot.wiring.clock import real_clock
from charcot.wiring.collecting import collector_paused
from charcot.wiring.folder import TrialFolder, open_folder, read_protocol
from charcot.wiring.reading import TrialReader
from charcot.wiring.trail import Trail

Made = TypeVar("Made")


@dataclass(frozen=True)
class Verification:
    """What recomputing the chain found: how far it holds, and the first entry that does not fit."""

    receipt: Receipt
    fault: Fault | None


@dataclass(frozen=True)
class WorkingCopy:
    """What reading a folder's `protocol/` found, and whether it is what the trial runs by."""

    findings: tuple[Finding, ...]
    differs_from_active: bool


def ledger_as_of(folder: TrialFolder, moment: str | None) -> Ledger:
    """The ledger now, or as of an entry number, a named data cut, or a time (the site's zone unless it carries one).

    Raises BrokenRecord where the record up to a data cut is no longer what was cut.
    """
    if moment is None:
        return folder.ledger
    if re.fullmatch(r"\d+", moment):
        return view_as_of(folder.ledger, int(moment))
    if re.fullmatch(CUT_NAME, moment):
        return _ledger_at_cut(folder, moment)
    try:
        time = datetime.fromisoformat(moment)
    except ValueError as error:
        raise BadValue(
            f"{moment!r} is neither an entry number, nor a data cut, nor a time.",
            rule="As of: an entry number, or a time such as 2015-03-01 or 2015-03-01T12:00",
            next_step="Write one of these.",
        ) from error
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", moment):
        time = time.replace(hour=23, minute=59, second=59, microsecond=999_999)
    if time.tzinfo is None:
        time = time.replace(tzinfo=read_charter(folder.ledger).zone)
    return view_as_of(folder.ledger, time)


def _ledger_at_cut(folder: TrialFolder, name: str) -> Ledger:
    charter = read_charter(folder.ledger)
    cut = charter.cut(name)
    if cut is None:
        known = ", ".join(found.name for found in charter.cuts) or "none yet"
        raise BadValue(
            f"There is no data cut called {name!r}.",
            rule="As of: an entry number, a data cut, or a time such as 2015-03-01 or 2015-03-01T12:00",
            next_step=f"Data cuts of this trial: {known}.",
            facts={"given": name, "cuts": [found.name for found in charter.cuts]},
        )
    require_receipt(folder.ledger, Receipt(charter.trial, cut.sequence, cut.hash))
    return view_as_of(folder.ledger, cut.sequence)


def require_receipt(ledger: Ledger, receipt: Receipt) -> None:
    """Raises BadValue for a receipt of another trial, BrokenRecord where the record was cut short or rewritten since."""
    opened = next(iter(ledger.entries(until=1)), None)
    trial = None if opened is None else opened.data.get("trial")
    if trial != receipt.trial:
        raise BadValue(
            f"The receipt is of the trial {receipt.trial!r}, this is {trial!r}.",
            rule="Receipt: it names the trial that it was given for",
            next_step="Use a receipt of this trial, from one of its reports or backups.",
            facts={"receipt": str(receipt), "trial": trial},
        )
    _, fault = check_chain(ledger.rows(until=receipt.sequence), receipt)
    if fault is not None:
        raise BrokenRecord(
            f"The record is not the one that entry {receipt.sequence} was noted for: at entry {fault.sequence}, {fault.what}.",
            rule="Ledger: what was entered stays as it is, for ever",
            next_step="Keep this folder as it is, and compare it with the last backup: charcot verify DIR --against RECEIPT",
            facts={"entry": fault.sequence, "receipt": str(receipt)},
        )


def receipt_of(folder: TrialFolder, text: str) -> Receipt:
    """The receipt in a text, or that of the data cut that it names. Raises UnreadableReceipt where it is neither."""
    charter = read_charter(folder.ledger)
    cut = charter.cut(text.strip())
    return parse_receipt(text) if cut is None else Receipt(charter.trial, cut.sequence, cut.hash)


def snapshot_of(folder: TrialFolder, moment: str | None = None) -> Snapshot:
    """The trial as of a moment; every date in it is counted from the last entry, so it never changes."""
    with collector_paused():
        return take_snapshot(ledger_as_of(folder, moment))


def report_of(folder: TrialFolder, moment: str | None = None) -> tuple[Report, Snapshot]:
    """The report as of a moment, with the snapshot that it was made from."""
    with collector_paused():
        snapshot = snapshot_of(folder, moment)
        return make_report(snapshot, derive_datasets(snapshot)), snapshot


def safety_report_of(folder: TrialFolder, moment: str | None = None) -> tuple[Report, Snapshot]:
    """The report to the safety board as of a moment, with the snapshot that it was made from."""
    with collector_paused():
        snapshot = snapshot_of(folder, moment)
        return make_safety_report(snapshot), snapshot


def snapshot_today(folder: TrialFolder) -> Snapshot:
    """The trial as work is to be done: with today's date, unless the trial's clock is simulated."""
    snapshot = take_snapshot(folder.ledger)
    return snapshot if snapshot.charter.simulated_clock else take_snapshot(folder.ledger, real_clock())


class TrialView:
    """The trial as of one entry. What is shown of it is made when it is first asked for, and kept with the view."""

    def __init__(
        self,
        ledger: Ledger,
        head: Head,
        now: datetime | None,
        reader: TrialReader | None = None,
        overview: Callable[[Head, datetime], Overview] | None = None,
    ) -> None:
        self.ledger = LedgerAsOf(ledger, head.sequence)
        self._whole = ledger
        self.head = head
        self._reader = reader or TrialReader(ledger)
        self._kept_overview = overview
        self.charter: Charter = self._reader.charter(head.sequence)
        self._now = now
        self._folding, self._reporting = threading.RLock(), threading.RLock()
        self._made: dict[str, object] = {}

    @property
    def is_prepared(self) -> bool:
        """Whether a protocol had been activated, without which there is nobody and nothing to show."""
        return bool(self.charter.protocols)

    @property
    def now(self) -> datetime:
        """The moment by which work is due, in the site's time: today's, or that of the last entry."""
        return self.charter.site_time(self._now or datetime.fromisoformat(self.head.recorded_at))

    @property
    def participants(self) -> tuple[str, ...]:
        """Everybody who was screened, in the order of their numbers."""
        return self._reader.participants(self.head.sequence)

    @cached_property
    def nobody(self) -> Snapshot:
        """The trial without its participants: protocol, forms and answers, at the price of reading nobody."""
        self._require_prepared()
        entries = self._reader.entries(TRIAL, self.head.sequence)
        return Snapshot(self.charter, (), entries, self.head, self.now)

    def alone(self, participant: str) -> Snapshot:
        """The trial with one participant only, or with nobody where there is no such person; nobody else is read."""
        self._require_prepared()
        dossier = self._reader.dossier(participant, self.head.sequence, self.now.date())
        return self.nobody if dossier is None else replace(self.nobody, dossiers=(dossier,))

    def dossier(self, participant: str) -> Dossier | None:
        """One participant's dossier; None where there is no such person. Raises OutOfOrder before the first protocol."""
        return next(iter(self.alone(participant).dossiers), None)

    def visits(self, participant: str) -> tuple[PlannedVisit, ...]:
        """One participant's planned visits; none where there is no such person."""
        return self.alone(participant).visits.get(participant, ())

    @property
    def queries(self) -> tuple[Query, ...]:
        """Everybody's queries, in the order in which they were asked."""
        return self.once("queries", lambda: self._reader.queries(self.head.sequence))

    @property
    def overview(self) -> Overview:
        """Lists and counts of participants: out of the kept summaries, or folded for a moment of the past."""
        self._require_prepared()
        if self._kept_overview is not None:
            return self._kept_overview(self.head, self.now)
        return self.once("overview", lambda: FoldedOverview(map(summarise, self.snapshot.dossiers), self.now))

    @property
    def snapshot(self) -> Snapshot:
        """Everybody's dossier, for what needs them all. Raises OutOfOrder before the first protocol."""
        self._require_prepared()
        with self._folding:
            return self._snapshot

    def _require_prepared(self) -> None:
        if not self.is_prepared:
            raise OutOfOrder(
                f"At entry {self.head.sequence} no protocol had been activated yet.",
                rule="As of: people, visits and results are read by a protocol",
                next_step="Look at a later entry, or at the record itself.",
            )

    def ask_safety(self, question: Callable[[SafetyWatch], Made]) -> Made:
        """What the watch over safety answers as of the entry, by the protocol in force; nobody's dossier is opened."""
        self._require_prepared()
        ruling = self.charter.ruling_on(self.now.date()).version
        return ask_watch(self._whole, self.charter, self.head.sequence, ruling, question)

    @property
    def trail(self) -> Trail:
        """The audit trail, a page at a time."""
        return Trail(self.ledger, self._reader, self.head.sequence)

    @property
    def claims(self) -> ClaimsFile | None:
        """The claims that the trial had adopted, if any."""
        return adopted_claims(self.charter)

    @property
    def report(self) -> Report:
        """The report on everything up to the entry."""
        with self._reporting:
            return self._report

    @property
    def cut(self) -> Snapshot:
        """The snapshot that the report is made of: every date in it is counted from the last entry."""
        with self._reporting:
            return self._cut

    @property
    def report_page(self) -> str:
        """The report as a page whose numbers are opened elsewhere, by pages of their own."""
        return self.once("report page", lambda: render_html(self.report, carries_lineage=False))

    @property
    def report_html(self) -> str:
        """The report as one file, with what is behind its numbers."""
        with self._reporting:
            return self._report_html

    def safety_report(self, since: "TrialView | None" = None) -> Report:
        """The report to the safety board on everything up to the entry; `since`: the trial as the board saw it last."""
        if since is None:
            return self.once("safety report", lambda: self._make_safety_report(None))
        return self._make_safety_report(since.cut)

    def _make_safety_report(self, since: Snapshot | None) -> Report:
        if not self.is_prepared:
            _ = self.snapshot  # refuses, in words
        with collector_paused():
            return make_safety_report(self.cut, since)

    @property
    def entries(self) -> Mapping[int, Entry]:
        """Each entry under its number."""
        with self._folding:
            return self._entries

    def once(self, key: str, make: Callable[[], Made]) -> Made:
        """What `make` makes of this view, made at the first call with this key and kept with the view."""
        with self._reporting:
            if key not in self._made:
                self._made[key] = make()
            return self._made[key]  # type: ignore[return-value]  # what the first call with this key made

    @cached_property
    def _snapshot(self) -> Snapshot:
        with collector_paused():
            return take_snapshot(self.ledger, self._now)

    @cached_property
    def _entries(self) -> dict[int, Entry]:
        return {entry.sequence: entry for entry in self.ledger.entries()}

    @cached_property
    def _cut(self) -> Snapshot:
        return self.snapshot if self._now is None else take_snapshot(self.ledger)

    @cached_property
    def _report(self) -> Report:
        if not self.is_prepared:
            _ = self.snapshot  # refuses, in words
        return make_report(self._cut, derive_datasets(self._cut))

    @cached_property
    def _report_html(self) -> str:
        return render_html(self._report)


def verify_folder(folder: TrialFolder, against: Receipt | None = None) -> Verification:
    """Recomputes the whole chain, and compares it with a receipt that was kept outside."""
    head, fault = check_chain(folder.ledger.rows(), against)
    return Verification(Receipt(trial_id(folder) or "unopened", head.sequence, head.hash), fault)


def trial_id(folder: TrialFolder) -> str | None:
    """The trial's id as its first entry says, `unknown` where that entry is damaged; None before it is opened."""
    for entry in folder.ledger.entries(until=1):
        try:
            return str(entry.data["trial"])
        except (ValueError, KeyError):
            return "unknown"
    return None


def is_trial_folder(path: Path) -> bool:
    """Whether a trial was made there, and not only a protocol written."""
    return (path / "trial.txt").is_file()


def check_working_copy(path: Path) -> WorkingCopy:
    """Reads the protocol in a folder, which need not be a trial yet. Raises BadValue where there is none."""
    files = read_protocol(path / "protocol") if (path / "protocol").is_dir() else {}
    if not files:
        raise BadValue(
            f"There is no protocol in {path}.",
            rule="A protocol is a folder protocol/ with YAML files",
            next_step="Give the folder of a trial, or make one: charcot new DIR --from royan-admsc",
        )
    differs = False
    if is_trial_folder(path) and trial_id(folder := open_folder(path)) is not None:
        differs = fingerprint(files) not in {
            protocol.study.fingerprint for protocol in read_charter(folder.ledger).protocols
        }
    return WorkingCopy(parse_protocol(files).findings, differs)
