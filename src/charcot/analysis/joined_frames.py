"""Datasets that join several others, one row a participant or a test: slopes before and after, laboratory shifts."""

import polars as pl

from charcot.analysis.plan import ReportPlan
from charcot.analysis.selection import Datasets
from charcot.datasets import ENTRIES, Column, Dataset
from charcot.statistics import estimate_slopes

SLOPE_UNIT = "points/month"
_PERSON = Column("participant", "Participant", pl.String)
LAST_COLUMNS = (
    Column("origin", "Where the values of this row came from", pl.String),
    Column(ENTRIES, "Entries of the ledger that this row came from", pl.List(pl.Int64)),
)
SLOPE_COLUMNS = (
    _PERSON,
    Column("before", "ALSFRS-R slope before (minus ΔFS)", pl.Float64, SLOPE_UNIT, source="derived"),
    Column("after", "ALSFRS-R slope after the infusion", pl.Float64, SLOPE_UNIT, source="derived"),
    Column("difference", "Slope after minus slope before", pl.Float64, SLOPE_UNIT, source="derived"),
    Column("visits", "Scores that the slope after rests on", pl.Int64, source="derived"),
    Column("died", "Died within the time of the slope after", pl.Boolean, source="derived"),
    *LAST_COLUMNS,
)
SHIFT_COLUMNS = (
    _PERSON,
    Column("panel", "Panel", pl.String),
    Column("test", "Test", pl.String),
    Column("label", "Name of the test", pl.String),
    Column("baseline", "Last result before the infusion: low, normal or high", pl.String, source="derived"),
    Column(
        "worst", "Worst result after it: the last that is not normal, if any", pl.String, source="derived"
    ),
    Column("last", "Last result after the infusion", pl.String, source="derived"),
    Column(
        "baseline_grade",
        "Grade (CTCAE v5) of the last result before the infusion",
        pl.Int64,
        source="derived",
    ),
    Column("worst_grade", "Highest grade after it", pl.Int64, source="derived"),
    *LAST_COLUMNS,
)


def derive_slopes(datasets: Datasets, plan: ReportPlan) -> Dataset:
    """One row a participant infused: points per month before, from deltaFS, and after, by least squares within the horizon."""
    columns = [column.name for column in SLOPE_COLUMNS]
    people = datasets["survival"].frame.select(
        "participant",
        "origin",
        ENTRIES,
        (pl.col("died") & (pl.col("months") <= plan.horizon_months)).alias("died"),
    )
    parts = [people]
    baseline = datasets.get(f"form_{plan.baseline_form}")
    before = pl.DataFrame(schema={"participant": pl.String, "before": pl.Float64})
    if baseline is not None and "delta_fs" in baseline.frame.columns:
        rows = baseline.frame.unique("participant", keep="last", maintain_order=True)
        before = rows.select("participant", (-pl.col("delta_fs")).alias("before"))
        parts.append(rows.filter(pl.col("delta_fs").is_not_null()))
    scores = datasets["function"].frame.filter(
        (pl.col("month") > 0) & (pl.col("month") <= plan.horizon_months) & pl.col("total").is_not_null()
    )
    parts.append(scores)
    lines = estimate_slopes(
        scores["month"].to_numpy(),
        scores["total"].cast(pl.Float64).to_numpy(),
        scores["participant"].to_list(),
    )
    after = pl.DataFrame(
        {
            "participant": [line.subject for line in lines],
            "after": [line.slope for line in lines],
            "visits": [line.n for line in lines],
        },
        schema={"participant": pl.String, "after": pl.Float64, "visits": pl.Int64},
    )
    frame = (
        people.select("participant", "died")
        .join(before, on="participant", how="left", maintain_order="left")
        .join(after, on="participant", how="left", maintain_order="left")
        .join(gather(parts), on="participant", how="left", maintain_order="left")
        .with_columns((pl.col("after") - pl.col("before")).alias("difference"), pl.col("visits").fill_null(0))
    )
    return Dataset(
        "slopes",
        "Slopes before and after the infusion",
        "person infused",
        SLOPE_COLUMNS,
        frame.select(columns),
    )


def derive_shifts(datasets: Datasets) -> Dataset:
    """One row a participant and test with a flag before the infusion and one after it."""
    flagged = datasets["laboratory"].frame.filter(pl.col("flag").is_not_null() & pl.col("day").is_not_null())
    flagged = flagged.sort("day", maintain_order=True)
    keys = ["participant", "panel", "test", "label"]
    start = flagged.filter(pl.col("day") <= 0)
    later = flagged.filter(pl.col("day") > 0)
    abnormal = pl.col("flag").filter(pl.col("flag") != "normal")
    frame = (
        start.group_by(keys, maintain_order=True)
        .agg(
            pl.col("flag").last().alias("baseline"),
            pl.col("grade").last().alias("baseline_grade"),
            pl.col("origin").last(),
            pl.col(ENTRIES).last(),
        )
        .join(
            later.group_by(keys, maintain_order=True).agg(
                abnormal.last().fill_null("normal").alias("worst"),
                pl.col("flag").last().alias("last"),
                pl.col("grade").max().alias("worst_grade"),
                pl.col("origin").unique().sort().str.join("+").alias("origins"),
                pl.col(ENTRIES).explode().unique().sort().alias("behind"),
            ),
            on=keys,
            how="inner",
            maintain_order="left",
        )
        .with_columns(
            pl.concat_str([pl.col("origin"), pl.col("origins")], separator="+")
            .str.split("+")
            .list.unique()
            .list.sort()
            .list.join("+")
            .alias("origin"),
            pl.col(ENTRIES).list.set_union("behind").list.sort(),
        )
        .sort("participant", maintain_order=True)
    )
    columns = [column.name for column in SHIFT_COLUMNS]
    return Dataset(
        "laboratory_shifts", "Laboratory shifts", "participant and test", SHIFT_COLUMNS, frame.select(columns)
    )


def gather(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The entries and origins of all rows of each participant."""
    rows = pl.concat([part.select("participant", "origin", ENTRIES) for part in parts])
    return rows.group_by("participant", maintain_order=True).agg(
        pl.col("origin").str.split("+").explode().unique().sort().str.join("+"),
        pl.col(ENTRIES).explode().drop_nulls().unique().sort(),
    )
