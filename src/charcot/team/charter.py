"""What holds for the trial as a whole: how it was opened, protocols in force, approvals, delegations."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from charcot.ledger import Entry, Kind
from charcot.protocol import Study, require_study
from charcot.refusal import OutOfOrder
from charcot.team.access import AccessChange, fold_access
from charcot.team.approvals import DocumentApproval, fold_approvals
from charcot.team.delegation import Delegation, fold_delegations
from charcot.team.site_ranges import SiteRange, fold_site_ranges


@dataclass(frozen=True)
class ActiveProtocol:
    """A protocol version that was activated, with the entry that holds its full text."""

    version: str
    effective: date
    entry: Entry

    @cached_property
    def study(self) -> Study:
        """The protocol, read from the ledger's own copy."""
        return require_study(self.entry.data["files"])


@dataclass(frozen=True)
class DataCut:
    """A named data cut: the record up to and including entry `sequence`, whose hash was noted then."""

    name: str
    sequence: int
    hash: str
    statement: str
    entry: Entry


@dataclass(frozen=True)
class AdoptedClaims:
    """A file of published claims that was put on the record: its name, and its whole text."""

    file: str
    text: str
    fingerprint: str
    entry: Entry


@dataclass(frozen=True)
class Charter:
    """The trial's own facts, folded from the entries whose subject is the trial."""

    opened: Entry
    protocols: tuple[ActiveProtocol, ...]
    approvals: tuple[DocumentApproval, ...]
    delegations: tuple[Delegation, ...]
    cuts: tuple[DataCut, ...] = ()
    access: tuple[AccessChange, ...] = ()
    locked: Entry | None = None
    """The lock of the whole trial, while it holds."""
    claims: tuple[AdoptedClaims, ...] = ()
    """Every adopted version of the claims; the last one is judged."""
    site_ranges: tuple[SiteRange, ...] = ()
    """The normal ranges that sites entered for their own laboratories."""

    @property
    def trial(self) -> str:
        """The id of the trial."""
        return str(self.opened.data["trial"])

    @property
    def purpose(self) -> str:
        """`live`, `practice` or `demo`."""
        return str(self.opened.data["purpose"])

    @property
    def simulated_clock(self) -> bool:
        """Whether the moments of recording were simulated."""
        return bool(self.opened.data["clock"] == "simulated")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the site, in which clinical times are written."""
        return ZoneInfo(self.opened.data["zone"])

    def site_time(self, moment: datetime) -> datetime:
        """A moment as the clocks at the site show it, without zone."""
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def protocol_on(self, day: date) -> ActiveProtocol:
        """The newest activated protocol that is effective on `day`; raises OutOfOrder where there is none."""
        for protocol in reversed(self.protocols):
            if protocol.effective <= day:
                return protocol
        known = ", ".join(f"{p.version} (from {p.effective})" for p in self.protocols) or "none"
        raise OutOfOrder(
            f"No protocol version is in force on {day}.",
            rule="Protocol: every act is judged by an activated version that is effective on its day",
            next_step=f"Activated versions: {known}. Activate a version, or check the date.",
            facts={"day": str(day)},
        )

    def ruling_on(self, day: date) -> ActiveProtocol:
        """The version in force on `day`; before any is, the first, by which the trial is being prepared."""
        return next((p for p in reversed(self.protocols) if p.effective <= day), self.protocols[0])

    def protocol(self, version: str) -> ActiveProtocol:
        """The activated protocol with this version number."""
        return next(p for p in reversed(self.protocols) if p.version == version)

    def first_site(self, day: date) -> str:
        """The first site of the design, to which everything without a site belongs."""
        return self.ruling_on(day).study.protocol.trial.design.sites[0].id

    def cut(self, name: str) -> DataCut | None:
        """The data cut with this name, in capitals or not."""
        return next((cut for cut in self.cuts if cut.name.lower() == name.lower()), None)


def fold_charter(entries: Iterable[Entry]) -> Charter:
    """The charter that the trial's own entries make; raises OutOfOrder where no trial was opened."""
    listed = list(entries)
    opened = next((entry for entry in listed if entry.kind is Kind.TRIAL_OPENED), None)
    if opened is None:
        raise OutOfOrder(
            "No trial has been opened here yet.",
            rule="Ledger: the first entry opens the trial",
            next_step="Open the trial first: it states purpose, site time zone and first people.",
        )
    return Charter(
        opened=opened,
        protocols=tuple(
            ActiveProtocol(entry.data["version"], date.fromisoformat(entry.data["effective"]), entry)
            for entry in listed
            if entry.kind is Kind.PROTOCOL_ACTIVATED
        ),
        approvals=fold_approvals(listed),
        delegations=fold_delegations(listed),
        cuts=tuple(
            DataCut(e.data["name"], int(e.data["sequence"]), e.data["hash"], e.data["statement"], e)
            for e in listed
            if e.kind is Kind.DATA_CUT_MADE
        ),
        access=fold_access(listed),
        locked=_lock_of(listed),
        claims=tuple(
            AdoptedClaims(e.data["file"], e.data["text"], e.data["fingerprint"], e)
            for e in listed
            if e.kind is Kind.CLAIMS_ADOPTED
        ),
        site_ranges=fold_site_ranges(listed),
    )


def _lock_of(entries: list[Entry]) -> Entry | None:
    """The lock of the trial, unless it was opened again."""
    turned = [entry for entry in entries if entry.kind in (Kind.LOCKED, Kind.UNLOCKED)]
    return turned[-1] if turned and turned[-1].kind is Kind.LOCKED else None
