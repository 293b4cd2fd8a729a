"""As of an earlier entry, report and datasets are what they were when that entry was the last."""

from datetime import UTC, datetime
from pathlib import Path

from ruamel.yaml import YAML

from charcot.conduct import Trial
from charcot.datasets import derive_datasets, take_snapshot
from charcot.exchange.datasets import write_datasets
from charcot.ledger import Ledger, MemoryLedger, MemoryVault, view_as_of
from charcot.report import make_report, render_html
from charcot.simulation import play, shipped_course
from charcot.wiring.clock import SimulatedClock
from charcot.wiring.templates import find_template


def given_out(ledger: Ledger, out: Path) -> dict[str, bytes]:
    """The report and every exported file, as bytes by name."""
    snapshot = take_snapshot(ledger)
    datasets = derive_datasets(snapshot)
    cut = datetime.fromisoformat(snapshot.head.recorded_at)
    files = {"report.html": render_html(make_report(snapshot, datasets)).encode()}
    for kind in ("csv", "parquet", "sav", "dta"):
        write_datasets(datasets, out / kind, kind, cut=cut, receipt=snapshot.receipt)
        files |= {f"{kind}/{path.name}": path.read_bytes() for path in sorted((out / kind).iterdir())}
    return files


def test_report_and_exports_as_of_an_entry_are_those_made_then(tmp_path: Path) -> None:
    template = find_template("royan-admsc")
    published = YAML(typ="safe").load((template.place / "course" / "published.yaml").read_text())
    acts = shipped_course(template.protocol_files(), published)
    trial = Trial(MemoryLedger(), MemoryVault(), clock := SimulatedClock(datetime(2013, 1, 1, tzinfo=UTC)))
    moments = {25, len(acts) // 4, len(acts) // 2, len(acts) - 3}
    made_then: dict[int, dict[str, bytes]] = {}

    def look(done: int, of: int) -> None:
        if done in moments:
            head = trial.ledger.head().sequence
            made_then[head] = given_out(trial.ledger, tmp_path / f"then-{head}")

    play(trial, clock, acts, look)
    assert len(made_then) == len(moments)
    for head, then in made_then.items():
        now = given_out(view_as_of(trial.ledger, head), tmp_path / f"now-{head}")
        assert now.keys() == then.keys()
        changed = [name for name in now if now[name] != then[name]]
        assert not changed, f"as of entry {head}"
