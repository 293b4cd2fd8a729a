from charcot.analysis import Result, Selection
from charcot.report import render_table_csv, render_table_text
from charcot.report.format import PERCENT, Format, format_p, format_value
from charcot.report.table import Number, Table, TableCell, TableColumn, TableRow, interval, number
from charcot.statistics import Interval


def made(id: str, value: float | Interval | None) -> Result:
    return Result(id, id, Selection("people"), "mean", value, 3)


SHARE = made("share", Interval(0.125, 0.0316, 0.5265, 0.95, "exact"))
TABLE = Table(
    "tiny",
    "Table 9. A few people",
    "Measure",
    (
        TableColumn("Mean"),
        TableColumn("SD", note="Spread of people."),
        TableColumn("95 % interval", under="exact"),
    ),
    (
        TableRow("Age", (number(made("age", 49.1176), 1), number(made("sd", 13.32), 1)), unit="years"),
        TableRow(
            "Onset",
            (),
            (
                TableRow(
                    "Limb",
                    (TableCell((Number(SHARE, PERCENT),)), TableCell(), interval(SHARE, PERCENT)),
                    note="Arm or leg.",
                ),
                TableRow("Bulbar", (number(made("none", None)),)),
            ),
        ),
    ),
    caption=("n = 3.",),
    notes=("Made by hand.",),
)

TEXT = """\
Table 9. A few people. n = 3.
───────────────────────────────────────
Measure     Mean  SD (a)  95 % interval
                                  exact
───────────────────────────────────────
Age, years  49.1    13.3
Onset
  Limb (b)  12.5            3.2 to 52.6
  Bulbar      –
───────────────────────────────────────
(a) Spread of people.
(b) Arm or leg.
Made by hand.
"""


def test_a_table_as_text() -> None:
    assert render_table_text(TABLE) == TEXT


def test_a_table_as_csv() -> None:
    assert render_table_csv(TABLE).splitlines() == [
        "Measure,Mean,SD,95 % interval exact",
        '"Age, years",49.1,13.3,',
        "Onset,,,",
        "Onset: Limb,12.5,,3.2 to 52.6",
        "Onset: Bulbar,–,,",
    ]


def test_an_interval_without_bounds_is_one_dash() -> None:
    nothing = made("a", Interval(1.0, float("nan"), float("nan"), 0.95, "log-log"))
    assert interval(nothing, PERCENT).text == "–"


def test_stored_codes_are_shown_in_words() -> None:
    assert format_value("M", Format(codes=(("M", "Male"),))) == "Male"


def test_p_values_keep_the_digits_that_matter() -> None:
    # paper.md, points 15: Fisher p .0588 and .27
    assert [format_p(p) for p in (0.0588, 0.27, 0.0001)] == ["0.059", "0.27", "<0.001"]
