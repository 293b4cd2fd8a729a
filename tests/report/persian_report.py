"""The shipped trial with a protocol whose title, sponsor, visits and forms are named in Persian; for tests alone."""

import json
from functools import lru_cache

from charcot.datasets import derive_datasets
from charcot.ledger import Entry, Kind, canonical_json
from charcot.report import Report, make_report
from report.shipped_trial import shipped_entries, snapshot_of_entries

TITLE = "تزریق وریدی سلول‌های بنیادی مزانشیمی در بیماران مبتلا به ALS: کارآزمایی فاز ۱"
SHORT = "کارآزمایی رویان"
SPONSOR = "پژوهشگاه رویان، تهران"
SCREENING, MONTH_12 = "غربالگری", "ماه ۱۲"
WORDS = (
    ("title: >-\n    Intravenous infusion of allogeneic adipose-derived mesenchymal stromal cells in patients with amyotrophic lateral\n"
     "    sclerosis: a single-centre, open-label, single-arm phase I/IIa clinical trial", f"title: '{TITLE}'\n  language: fa"),
    ("short_title: Royan Ad-MSC in ALS", f"short_title: {SHORT}"),
    ("sponsor: Royan Institute, Tehran", f"sponsor: {SPONSOR}"),
    ("label: Screening\n", f"label: {SCREENING}\n"),
    ("label: Month 12\n", f"label: {MONTH_12}\n"),
    ("label: Month 6\n", "label: ماه ۶\n"),
    ("label: All who received the infusion", "label: همهٔ کسانی که تزریق دریافت کردند"),
)  # fmt: skip
"""What stands in the shipped protocol, and what stands there instead."""


@lru_cache(maxsize=1)
def persian_report() -> Report:
    """The report of the same entries, read by the Persian protocol."""
    entries = tuple(
        _translated(entry) if entry.kind in _HOLDS_FILES else entry for entry in shipped_entries()
    )
    snapshot = snapshot_of_entries(entries)
    return make_report(snapshot, derive_datasets(snapshot))


_HOLDS_FILES = (Kind.PROTOCOL_ACTIVATED,)


def _translated(entry: Entry) -> Entry:
    content = json.loads(entry.text)
    found = 0
    for file, text in content["data"]["files"].items():
        for old, new in WORDS:
            found += old in text
            text = text.replace(old, new)
        content["data"]["files"][file] = text
    assert found == len(WORDS), "the shipped protocol no longer says what is translated here"
    return Entry(canonical_json(content), entry.previous_hash, entry.hash)
