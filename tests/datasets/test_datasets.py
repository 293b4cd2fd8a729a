"""The datasets, read from the record: values, parents, and what must not change them."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charcot.datasets import derive_datasets
from charcot.refusal import Refusal
from conduct.desk import TWO_ARMS, Desk, protocol_files


def rows(desk: Desk, name: str) -> list[dict[str, Any]]:
    return derive_datasets(desk.snapshot())[name].frame.to_dicts()


def test_participants(desk: Desk) -> None:
    desk.treat("S-1")
    desk.begin("S-2")
    desk.about("decline", "2014-01-08", "S-2", reason="Afraid")
    desk.about("screen", "2014-01-05", "S-3")
    one, two, three = rows(desk, "participants")
    assert [r["status"] for r in (one, two, three)] == ["infused", "declined", "screened"]
    assert (one["arm"], one["infused_at"], one["consented_at"]) == (
        "cells_arm",
        "2014-01-20T10:00",
        "2014-01-06T10:00",
    )
    assert (two["declined_at"], two["enrolled"], two["consented"]) == ("2014-01-08", False, True)
    assert (three["consented"], three["waived"], three["arm"]) == (False, None, None)


def test_forms_keep_types_units_and_labels(desk: Desk) -> None:
    desk.begin()
    desk.fill("demography", "2014-01-07", "screening", age="40", sporadic="yes", sex="F", birth_date="1973")
    desk.fill("identity", "2014-01-07", "screening", name="Maryam Karimi")
    dataset = derive_datasets(desk.snapshot())["form_demography"]
    (row,) = dataset.frame.to_dicts()
    assert (row["age"], row["sporadic"], row["birth_date"], row["birth_date_earliest"]) == (
        40,
        "yes",
        "1973",
        date(1973, 1, 1),
    )
    assert row["symptoms"] is None
    assert dataset.column("age").unit == "years"
    assert dataset.column("sex").codes == {"F": "Female", "M": "Male"}
    every = derive_datasets(desk.snapshot())
    assert "form_identity" not in every
    assert not any("Karimi" in str(d.frame.rows()) for d in every.values())
    for each in every.values():
        assert each.frame.columns == [column.name for column in each.columns]


def test_an_item_named_like_a_column_of_every_dataset() -> None:
    desk = Desk(
        files=protocol_files(("id: height", "id: day"), ("weight / height / height", "weight / day / day"))
    )
    desk.begin()
    desk.fill("vital_signs", "2014-01-07", "screening", weight="70", pulse="70", day="170")
    (row,) = rows(desk, "form_vital_signs")
    assert (row["day"], row["day_value"]) == (None, 170.0)


def test_events_against_the_infusion(desk: Desk) -> None:
    desk.treat()
    for onset in (
        "2014-01-19",
        "2014-01-20",
        "2014-01-20T09:00",
        "2014-01-20T10:00",
        "2014-02-25",
        "2014-01",
        "2014-02",
    ):
        desk.about("report_event", onset, values={"term": onset})
    found = {r["term"]: (r["onset_day"], r["treatment_emergent"]) for r in rows(desk, "events")}
    assert found == {
        "2014-01-19": (-1, False),
        "2014-01-20": (0, None),  # the hour is not known
        "2014-01-20T09:00": (0, False),
        "2014-01-20T10:00": (0, True),
        "2014-02-25": (36, True),
        "2014-01": (None, None),
        "2014-02": (None, True),
    }


def test_normal_ranges_follow_the_sex(desk: Desk) -> None:
    """Haemoglobin of women 12 to 16 g/dl in the small protocol; both ends are normal."""
    desk.treat()
    desk.fill("blood", "2014-03-20", "month_2", haemoglobin="16")
    (row,) = rows(desk, "laboratory")
    assert (row["value"], row["low"], row["high"], row["flag"]) == (16.0, 12.0, 16.0, "normal")
    (demography,) = desk.dossier().casebook.instances("demography")
    assert demography.entry.sequence in row["entries"]
    desk.act(
        "correct",
        participant="S-1",
        form="demography",
        encounter="screening",
        changes={"sex": "M"},
        based_on=1,
        reason="Misread",
    )
    (row,) = rows(desk, "laboratory")
    assert (row["low"], row["flag"]) == (13.0, "normal")


def survival(desk: Desk) -> tuple[date, bool, bool, int]:
    (row,) = rows(desk, "survival")
    return row["end"], row["died"], row["end_is_imputed"], row["days"]


def test_survival_counts_to_the_last_day_known_alive(desk: Desk) -> None:
    desk.treat()
    assert survival(desk) == (date(2014, 1, 20), False, False, 0)
    desk.weigh("2014-03-20", "month_2")
    assert survival(desk) == (date(2014, 3, 20), False, False, 59)
    desk.about("contact", "2014-05-01", alive=True)
    desk.about("contact", "2014-06-01", alive=False)
    assert survival(desk)[0] == date(2014, 5, 1)
    desk.about("report_event", "2014-07", values={"term": "Fever"})  # which day of July is not known
    desk.about("lose_to_follow_up", "2014-07-10", reason="Called thrice")
    assert survival(desk)[0] == date(2014, 7, 10)
    desk.about("record_death", "2014-08-01", cause="x")
    assert survival(desk) == (date(2014, 8, 1), True, False, 193)


def test_a_death_known_by_its_month_alone(desk: Desk) -> None:
    """Alive on 20 March, dead within March: 20 to 31, the middle is the 25th."""
    desk.treat()
    desk.weigh("2014-03-20", "month_2")
    desk.about("record_death", "2014-03", cause="x")
    assert survival(desk)[:3] == (date(2014, 3, 25), True, True)
    (row,) = rows(desk, "survival")
    (weighed,) = (v for v in desk.dossier().casebook.instances("vital_signs") if v.key.encounter == "month_2")
    assert weighed.entry.sequence in row["entries"]


def test_a_death_in_this_year_did_not_happen_after_it_was_told(desk: Desk) -> None:
    """Told on 1 December, alive on 20 January: between them lie 315 days, half of them 157."""
    desk.treat()
    desk.about("record_death", "2014", cause="x")
    assert survival(desk) == (date(2014, 6, 26), True, True, 157)


def test_repeated_infusions_are_counted_from_the_first(desk: Desk) -> None:
    desk.treat()
    desk.about(
        "record", "2014-02-20", form="vital_signs", encounter="extra", values={"weight": "80", "pulse": "70"}
    )
    desk.infuse("2014-02-20T10:00", dose="160000000")
    assert [(r["day"], r["weight"], r["planned_dose"]) for r in rows(desk, "exposure")] == [
        (0, 70.5, 1.41e8),
        (31, 80.0, 1.6e8),
    ]
    assert len(rows(desk, "survival")) == 1


def test_absent_values_stay_absent(desk: Desk) -> None:
    from charcot.ledger import Absence, Value

    desk.begin()
    none = Value(absent=Absence.NOT_DONE, why="Broken")
    desk.about(
        "record",
        "2014-01-07",
        form="vital_signs",
        encounter="screening",
        values={"weight": none, "height": none, "pulse": "70"},
    )
    (row,) = rows(desk, "form_vital_signs")
    assert (row["weight"], row["bmi"]) == (None, None)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(0, 9), min_size=1, max_size=8))
def test_entries_about_others_change_no_row(choices: list[int]) -> None:
    """Whatever happens to S-2 and to nobody: the rows of S-1 stay as they are."""
    desk = Desk(files=protocol_files(*TWO_ARMS))
    desk.enrol("S-1", arm="cells_arm")
    desk.infuse()
    desk.about("report_event", "2014-02", values={"term": "Fever"})
    desk.fill("blood", "2014-03-20", "month_2", haemoglobin="12")
    day = desk.clock()

    def own_rows() -> dict[str, list[Any]]:
        found = derive_datasets(desk.snapshot(day))
        return {name: d.frame.filter(d.frame["participant"] == "S-1").rows() for name, d in found.items()}

    before = own_rows()
    assert sum(map(len, before.values())) > 10
    acts = [
        ("screen", {"participant": "S-2", "at": "2014-01-05"}),
        ("consent", {"participant": "S-2", "at": "2014-01-06T10:00", "form_version": "1.0"}),
        ("record", {"participant": "S-2", "at": "2014-01-07", "form": "demography", "encounter": "screening", "values": {"age": "41", "sporadic": "yes"}}),
        ("record", {"participant": "S-2", "at": "2014-01-07", "form": "vital_signs", "encounter": "screening", "values": {"weight": "90", "pulse": "70"}}),
        ("enrol", {"participant": "S-2", "at": "2014-01-10", "arm": "watched"}),
        ("report_event", {"participant": "S-2", "at": "2014-01-10", "values": {"term": "Fever"}}),
        ("record_death", {"participant": "S-2", "at": "2014-02-01", "cause": "x"}),
        ("report_deviation", {"at": "2014-02-01", "category": "x", "section": "y", "description": "z"}),
        ("report_deviation", {"at": "2014-02-01", "category": "x", "section": "y", "description": "z", "participant": "S-2"}),
        ("delegate", {"person": "x", "role": "monitor", "since": date(2014, 1, 1)}),
    ]  # fmt: skip
    for choice in [0, 1, *choices]:
        verb, arguments = acts[choice]
        try:
            desk.act(verb, **arguments)
        except Refusal:
            continue
    assert own_rows() == before


@pytest.mark.parametrize("form", ["infusion", "demography", "vital_signs", "consent"])
def test_a_correction_changes_only_rows_that_name_it(desk: Desk, form: str) -> None:
    """Every row that a correction changes had the corrected entry among its parents."""
    desk.treat()
    desk.weigh("2014-03-20", "month_2", "71.0")
    desk.fill("blood", "2014-03-20", "month_2", haemoglobin="12.5")
    desk.about("report_event", "2014-02-25", values={"term": "Fever"})
    desk.about("record_death", "2014-04-01", cause="x")
    day = desk.clock()
    before = derive_datasets(desk.snapshot(day))
    changes = {
        "infusion": {"started_at": "2014-01-21T11:00"},
        "demography": {"sex": "M"},
        "vital_signs": {"weight": "72"},
        "consent": {"consented_on": "2014-01-05T10:00"},
    }
    place = {"infusion": "infusion_day", "consent": ""}.get(form, "screening")
    corrected = desk.dossier().casebook.instances(form)[0].entry.sequence
    desk.act(
        "correct",
        participant="S-1",
        form=form,
        encounter=place,
        changes=changes[form],
        based_on=1,
        reason="Misread",
    )
    after = derive_datasets(desk.snapshot(day))
    changed = 0
    for name, dataset in before.items():
        for old, new in zip(dataset.frame.to_dicts(), after[name].frame.to_dicts(), strict=True):
            if {k: v for k, v in old.items() if k != "entries"} != {
                k: v for k, v in new.items() if k != "entries"
            }:
                changed += 1
                assert corrected in old["entries"], (name, old, new)
    assert changed
