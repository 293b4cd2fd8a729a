"""From a changed claims.yaml to an adopted one by the commands: nothing moves before, and old reports never do."""

import json
import re
from pathlib import Path

from running import Charcot


def test_claims_change_no_report_before_they_are_adopted_and_none_as_of_before(
    charcot: Charcot, copy_of_demo: Path
) -> None:
    trial, file = copy_of_demo, copy_of_demo / "claims.yaml"
    said = charcot("claims", trial).out
    adopted = re.match(r"Judged: the claims adopted with entry (\d+)\.\n", said)
    assert adopted is not None
    entry = adopted[1]
    report = trial / "reports" / f"report-as-of-{entry}.html"
    assert charcot("report", trial, "--as-of", entry).status == 0
    before = report.read_bytes()
    assert b"Reproduced" in before
    assert "differs" not in said

    text = file.read_text("utf-8")
    file.write_text(text.replace("published: 49.12\n", "published: 48.12\n", 1), "utf-8")
    said = charcot("claims", trial).out
    assert (
        f"Judged: the claims adopted with entry {entry}. The claims.yaml in the folder differs from it"
        in said
    )
    assert verdict(charcot("claims", trial, "--json").out) == "reproduced"
    assert verdict(charcot("claims", trial, "--working-copy", "--json").out) == "contradicted"

    refused = charcot(
        "adopt-claims", trial, "--person", "monitor-1", "--role", "monitor", "--reason", "Why not."
    )
    assert refused.status != 0
    again = charcot(
        "adopt-claims",
        trial,
        "--person",
        "statistician-1",
        "--role",
        "statistician",
        "--reason",
        "A misprint.",
    )
    assert f"Adopted with entry {int(entry) + 1}" in again.out
    assert verdict(charcot("claims", trial, "--json").out) == "contradicted"
    assert verdict(charcot("claims", trial, "--as-of", entry, "--json").out) == "reproduced"
    assert charcot("report", trial, "--as-of", entry).status == 0
    assert report.read_bytes() == before
    receipt = next(line for line in charcot("verify", trial).out.splitlines() if line.startswith("Receipt:"))
    assert "adopted 141 claims" in charcot("history", trial).out
    assert receipt


def verdict(listed: str) -> str:
    return next(one["verdict"] for one in json.loads(listed) if one["id"] == "age_mean")
