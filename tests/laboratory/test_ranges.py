"""Normal ranges of sites, by day, sex and age; and what investigators say of values outside them."""

from datetime import datetime

import pytest

from charcot.conduct.lock import LOCKING
from charcot.datasets import derive_datasets
from charcot.laboratory import LabResult, list_results
from charcot.ledger import Kind
from charcot.participants import LockedAway
from charcot.refusal import BadValue, OutdatedVersion, OutOfOrder, ReasonMissing, Refusal
from charcot.team import Signature
from conduct.desk import DATA_MANAGER, Desk, protocol_files

LIST = {"site": "Tehran", "form": "blood", "item": "haemoglobin", "source": "List of the laboratory"}
HERE = {"participant": "S-1", "form": "blood", "encounter": "month_2", "item": "haemoglobin"}
PLACES = (("screening", "2014-01-07", "14.5"), ("month_2", "2014-03-20", "14.5"))


class TehranDesk(Desk):
    """A desk at one of two sites."""

    def begin(self, participant: str = "S-1") -> None:
        self.about("screen", "2014-01-05", participant, site="Tehran")
        self.about("consent", "2014-01-06T10:00", participant, form_version="1.0")


@pytest.fixture
def desk() -> Desk:
    """One woman, born in 1974, infused in January: haemoglobin 14.5 g/dl before and after; the protocol's range is 12 to 16."""
    files = protocol_files(
        ("forms: [blood], at: [month_2]", "forms: [blood], at: [screening, month_2]"),
        ("sex_item: demography.sex", "sex_item: demography.sex\nbirth_item: demography.birth_date"),
    )
    desk = Desk(files=files)
    desk.act(
        "delegate", person=DATA_MANAGER.person, role=DATA_MANAGER.role, since=datetime(2014, 1, 1).date()
    )
    desk.treat()
    desk.about(
        "correct", "2014-01-07", form="demography", encounter="screening", changes={"birth_date": "1974-03-20"}, based_on=1,
        reason="Was left out.",
    )  # fmt: skip
    for encounter, day, value in PLACES:
        desk.fill("blood", day, encounter, haemoglobin=value)
    return desk


def results(desk: Desk) -> list[LabResult]:
    (dossier,) = [d for d in desk.snapshot().dossiers if d.participant == "S-1"]
    return list(list_results(dossier))


def flags(desk: Desk) -> list[str | None]:
    return [found.flag for found in results(desk)]


def test_a_range_from_a_day_on_leaves_earlier_samples_as_they_were(desk: Desk) -> None:
    assert flags(desk) == ["normal", "normal"]
    before = derive_datasets(desk.snapshot())["laboratory"].frame
    (entry,) = desk.act("set_range", **LIST, since="2014-03-20", low="150", high="170", unit="g/l")
    assert (entry.kind, entry.data["low"], entry.data["high"]) == (Kind.NORMAL_RANGE_SET, "15", "17")
    after = derive_datasets(desk.snapshot())["laboratory"].frame
    assert flags(desk) == ["normal", "low"]
    known = [name for name in before.columns if name != "entries"]
    assert after[known].row(0) == before[known].row(0)
    assert (after["low"][1], after["grade"][1], after["term"][1]) == (15.0, 1, "Anaemia")
    assert entry.sequence in after["entries"][1].to_list()


def test_of_two_ranges_the_later_day_and_the_later_entry_hold(desk: Desk) -> None:
    desk.act("set_range", **LIST, since="2014-03-01", high="14")
    assert flags(desk) == ["normal", "high"]
    desk.act("set_range", **LIST, since="2014-02-01", high="12")
    assert flags(desk) == ["normal", "high"]  # the one from March still holds at the visit of March
    desk.act("set_range", **LIST, since="2014-03-01", high="15")
    assert flags(desk) == ["normal", "normal"]


def test_a_range_for_others_is_not_hers(desk: Desk) -> None:
    desk.act("set_range", **LIST, since="2014-01-01", high="10", sex="M")
    desk.act("set_range", **LIST, since="2014-01-01", high="10", age_from=40)
    # She is 39 on 7 January and 40 from 20 March on.
    assert flags(desk) == ["normal", "high"]
    desk.act("set_range", **LIST, since="2014-01-01", high="11", age_to=39)
    assert [found.range.high for found in results(desk)] == ["11", "10"]


def test_ranges_of_another_site_are_not_hers() -> None:
    desk = TehranDesk(files=protocol_files(("sites: [Tehran]", "sites: [Tehran, Yazd]")))
    desk.treat()
    desk.fill("blood", "2014-03-20", "month_2", haemoglobin="14.5")
    desk.act("set_range", **{**LIST, "site": "Yazd"}, since="2014-01-01", high="10")
    assert flags(desk) == ["normal"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"low": "16", "high": "12"}, "high"),
        ({}, "low"),
        ({"low": "twelve"}, "low"),
        ({"low": "NaN"}, "low"),
        ({"low": "12", "unit": "mmol/l"}, "unit"),
        ({"low": "12", "since": "March"}, "since"),
        ({"low": "12", "age_from": 60, "age_to": 50}, "age_to"),
        ({"low": "12", "age_from": "sixty"}, "age_from"),
        ({"low": "12", "age_to": "60.5"}, "age_to"),
        ({"low": "12", "age_to": "131"}, "age_to"),
        ({"low": "12", "age_to": "-1"}, "age_to"),
        ({"low": "12", "item": "weight"}, None),
        ({"low": "12", "sex": "X"}, None),
        ({"low": "12", "site": "Mars"}, None),
        ({"low": "12", "source": " "}, None),
    ],
)
def test_a_range_that_cannot_be_is_refused_in_words(
    desk: Desk, given: dict[str, object], field: str | None
) -> None:
    head = desk.trial.ledger.head()
    with pytest.raises(Refusal) as refused:
        desk.act("set_range", **{**LIST, "since": "2014-01-01", **given})
    assert isinstance(refused.value, BadValue | ReasonMissing) and refused.value.next_step
    if field is not None:
        assert refused.value.facts["field"] == field
    assert desk.trial.ledger.head() == head


def test_each_value_outside_its_range_is_judged_and_asked_for_again_when_it_is_corrected(desk: Desk) -> None:
    with pytest.raises(OutOfOrder):  # a value within its range is nobody's to judge
        desk.act("judge_result", **HERE, version=1, significant="no")
    desk.about(
        "correct",
        "2014-03-20",
        form="blood",
        encounter="month_2",
        changes={"haemoglobin": "9.1"},
        based_on=1,
        reason="Misread.",
    )
    assert [(found.grade, found.judgement) for found in results(desk)] == [(0, None), (2, None)]
    with pytest.raises(OutdatedVersion):
        desk.act("judge_result", **HERE, version=1, significant="no")
    with pytest.raises(Refusal):  # what matters is said in words
        desk.act("judge_result", **HERE, version=2, significant="yes")
    desk.act("judge_result", **HERE, version=2, significant="yes", comment="Bled from the gastrostomy.")
    judged = results(desk)[1].judgement
    assert judged is not None and (judged.significant, judged.comment) == (True, "Bled from the gastrostomy.")
    row = derive_datasets(desk.snapshot())["laboratory"].frame.row(1, named=True)
    assert (row["significant"], row["comment"]) == (True, "Bled from the gastrostomy.")
    assert judged.entry.sequence in row["entries"]
    desk.about(
        "correct",
        "2014-03-20",
        form="blood",
        encounter="month_2",
        changes={"haemoglobin": "9.4"},
        based_on=2,
        reason="Misread.",
    )
    assert results(desk)[1].judgement is None
    desk.about(
        "correct",
        "2014-03-20",
        form="blood",
        encounter="month_2",
        changes={"haemoglobin": "9.1"},
        based_on=3,
        reason="It was 9.1.",
    )
    assert results(desk)[1].judgement is not None  # what was said of 9.1 holds for 9.1


@pytest.mark.parametrize("typed", ["12,5", " ۱۲٫۵ ", "+12.5"])
def test_ends_are_read_as_numbers_on_forms_are_and_kept_as_typed(desk: Desk, typed: str) -> None:
    (entry,) = desk.act("set_range", **LIST, since="2014-01-01", low=typed)
    assert entry.data["low"] == "12.5"
    assert entry.data["typed"] == {"unit": "g/dl", "low": typed}
    (plain,) = desk.act("set_range", **LIST, since="2014-01-02", low="12.5")
    assert "typed" not in plain.data


def test_ages_are_read_as_numbers_on_forms_are_and_kept_as_typed(desk: Desk) -> None:
    (entry,) = desk.act("set_range", **LIST, since="2014-01-01", high="14", age_from=" ۳۹", age_to="40")
    assert (entry.data["age_from"], entry.data["age_to"]) == (39, 40)
    assert entry.data["typed"] == {"age_from": " ۳۹"}
    assert flags(desk) == ["high", "high"]  # 39 at screening, and 40 on the day of the second sample
    (both,) = desk.act("set_range", **LIST, since="2014-01-02", high="14,0", age_from="٤٠")
    assert both.data["typed"] == {"unit": "g/dl", "high": "14,0", "age_from": "٤٠"}


def test_a_range_by_age_is_for_those_whose_age_is_certain(desk: Desk) -> None:
    desk.about(
        "correct", "2014-01-07", form="demography", encounter="screening", changes={"birth_date": "1974"}, based_on=2,
        reason="The day is not known.",
    )  # fmt: skip
    desk.act("set_range", **LIST, since="2014-01-01", high="14", age_to=39)
    desk.act("set_range", **LIST, since="2014-01-01", high="14", age_from=40)
    assert flags(desk) == ["normal", "normal"]  # 39 or 40 on both days
    desk.act("set_range", **LIST, since="2014-01-01", high="14", age_from=39)
    assert flags(desk) == ["high", "high"]


def test_a_locked_trial_gets_no_other_ranges(desk: Desk) -> None:
    closed = {
        "statement": "All data are final.",
        "reason": "A trial run.",
        "signature": Signature("password", LOCKING),
    }
    desk.act("lock", DATA_MANAGER, scope="trial", **closed)
    head = desk.trial.ledger.head()
    with pytest.raises(LockedAway, match="normal ranges cannot be changed"):
        desk.act("set_range", **LIST, since="2014-01-01", high="14")
    assert desk.trial.ledger.head() == head and flags(desk) == ["normal", "normal"]


def test_what_is_judged_may_be_judged_after_a_lock(desk: Desk) -> None:
    desk.act("set_range", **LIST, since="2014-01-01", high="14")
    desk.act("lock", DATA_MANAGER, scope="participant", participant="S-1")
    desk.act("judge_result", **HERE, version=1, significant="no", comment="As ever.")
    assert results(desk)[1].judgement is not None
