"""The page docs/exactness.md says what is found today; `CHARCOT_RENEW=1` writes it anew, to be read in git."""

import os
from pathlib import Path

import exactness

PAGE = Path(__file__).resolve().parents[2] / "docs" / "exactness.md"


def test_the_page_of_differences_is_true(data, expected):
    rows = [row for family in exactness.FAMILIES for row in family(data, expected)]
    for row in rows:
        assert row.found <= row.allowed, row
    page = exactness.render(rows)
    if os.environ.get("CHARCOT_RENEW") == "1":
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "renew it with CHARCOT_RENEW=1 and read the difference"
