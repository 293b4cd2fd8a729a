"""The audit as it is given out: to other programs, in the report, and on the command line."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from charcot.cli import claims as command
from charcot.ledger import MemoryLedger, MemoryVault
from charcot.report.claims import AuditedClaim, ClaimsFile, UnreadableClaims, claims_as_data, render_claims
from charcot.report.claims.results import CLAIMS_DATASET, derive_claim_results, derive_claims_dataset
from charcot.report.document import Paragraph, Section
from charcot.report.table import Table, text_of, walk_rows
from charcot.report.text import render_table_text
from charcot.wiring.claims import NoClaims, audit_folder, read_claims, write_claims
from charcot.wiring.folder import TrialFolder
from charcot.wiring.templates import find_template


@pytest.fixture
def folder(played: MemoryLedger, tmp_path: Path) -> TrialFolder:
    write_claims(find_template("royan-admsc"), tmp_path)
    return TrialFolder(tmp_path, played, MemoryVault())  # type: ignore[arg-type]  # a ledger and vault in memory


@pytest.fixture(scope="module")
def section(claims: ClaimsFile, audited: dict[str, AuditedClaim]) -> Section:
    listed = list(audited.values())
    datasets = {CLAIMS_DATASET: derive_claims_dataset(claims, listed, 1)}
    return render_claims(claims, listed, derive_claim_results(listed, datasets))


def test_data_for_other_programs(audited: dict[str, AuditedClaim]) -> None:
    data = claims_as_data(list(audited.values()))
    assert json.loads(json.dumps(data)) == data
    for one in data:
        assert {"id", "place", "published", "recomputed", "verdict", "because"} <= set(one)
    mean = next(one for one in data if one["id"] == "age_mean")
    assert mean["recomputed"] == pytest.approx(49.11764705882353, abs=0)
    assert mean["place"] == "Table 1, footnote: “The mean age of patients was 49.12 ± 13.32 years old”"


def test_the_section_says_the_counts_first_and_shows_each_claim_once(
    section: Section, audited: dict[str, AuditedClaim]
) -> None:
    counts = Counter(one.verdict for one in audited.values())
    first = section.blocks[0]
    assert isinstance(first, Paragraph)
    said = text_of(first.pieces)
    assert f"Of {len(audited)} numbers" in said
    for number in counts.values():
        assert f" {number} " in said
    tables = [block for block in section.blocks if isinstance(block, Table)]
    shown = [row.label for table in tables for _, row in walk_rows(table.rows)]
    assert Counter(shown) == Counter(one.claim.text for one in audited.values())
    assert len({table.id for table in tables}) == len(tables)
    assert tables[-1].title == "What holds"


def test_published_stands_beside_recomputed(section: Section) -> None:
    table = next(
        block for block in section.blocks if isinstance(block, Table) and block.id == "claims-numbers"
    )
    text = render_table_text(table)
    assert "13.32 years" in text
    assert "3.231147" in text
    assert "it is the standard deviation" in text


def run(folder: TrialFolder, monkeypatch: pytest.MonkeyPatch, *options: str) -> Any:
    app = typer.Typer()
    app.command()(command.claims)
    monkeypatch.setattr(command, "open_folder", lambda path: folder)
    return CliRunner().invoke(app, [str(folder.path), *options])


def test_the_command(
    folder: TrialFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(folder, monkeypatch, "--json")
    assert done.exit_code == 0
    assert len(json.loads(done.stdout)) == len(audit_folder(folder).audited)
    assert run(folder, monkeypatch).exit_code == 0


def test_as_of_the_first_entry_nothing_is_published(folder: TrialFolder) -> None:
    early = {one.claim.id: one for one in audit_folder(folder, "12").audited}
    assert early["age_mean"].verdict == "not computable from what was published"
    assert early["age_mean"].parents == ()


def test_a_trial_without_claims(folder: TrialFolder) -> None:
    (folder.path / "claims.yaml").unlink()
    assert read_claims(folder.path) is None
    with pytest.raises(NoClaims, match=r"no claims\.yaml"):
        audit_folder(folder)


def test_claims_that_cannot_be_read(folder: TrialFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder.path / "claims.yaml").write_bytes(b"publication: \xff")
    with pytest.raises(NoClaims, match="UTF-8"):
        read_claims(folder.path)
    (folder.path / "claims.yaml").write_text("claims: []")
    with pytest.raises(UnreadableClaims):
        read_claims(folder.path)
    assert run(folder, monkeypatch).exit_code == 2
