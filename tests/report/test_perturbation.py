"""Changing an entry outside a number's parents never changes the number; changing a parent can."""

import json
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charcot.analysis import compute_again
from charcot.analysis.method import Value
from charcot.ledger import Entry, Kind
from charcot.protocol import Item, Protocol
from charcot.report import Report
from charcot.statistics import SurvivalCurve
from report.shipped_trial import datasets_of, shipped_entries, shipped_report, snapshot_of_entries


@lru_cache(maxsize=1)
def _report() -> Report:
    return shipped_report()


@lru_cache(maxsize=1)
def _protocol() -> Protocol:
    return snapshot_of_entries(shipped_entries()).protocol


@lru_cache(maxsize=1)
def _recorded() -> tuple[tuple[int, str, Item], ...]:
    """Every value that can be changed to another of its kind: the place of its entry, its item."""
    protocol = _protocol()
    found = []
    for place, entry in enumerate(shipped_entries()):
        if entry.kind is not Kind.FORM_RECORDED or entry.participant is None:
            continue
        form = protocol.forms_by_id[entry.data["form"]]
        for id, value in entry.data["values"].items():
            item = form.item(id)
            if (
                item is not None
                and value.get("value") is not None
                and _other(item, value["value"]) is not None
            ):
                found.append((place, id, item))
    return tuple(found)


def _other(item: Item, text: str) -> str | None:
    """Another value of the same item; None for words and times, which no number is made of."""
    if item.type in ("integer", "decimal"):
        number = float(text)
        other = number - 1 if number >= 1 else number + 1
        return str(int(other)) if item.type == "integer" else f"{other:.12g}"
    if item.type in ("choice", "yes_no"):
        codes = [code.code for code in _protocol().codes_of(item)]
        others = [code for code in codes if code != text]
        return others[0] if others else None
    return None


def _change(place: int, item: Item) -> tuple[Entry, tuple[Entry, ...]]:
    """The entry, and all entries with one value of it changed."""
    entries = shipped_entries()
    content = json.loads(entries[place].text)
    value = content["data"]["values"][item.id]
    value["value"] = _other(item, value["value"])
    changed = Entry(json.dumps(content), entries[place].previous_hash, entries[place].hash)
    return entries[place], (*entries[:place], changed, *entries[place + 1 :])


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, SurvivalCurve) and isinstance(other, SurvivalCurve):
        return one.time.tolist() == other.time.tolist() and one.survival.tolist() == other.survival.tolist()
    return repr(one) == repr(other)


def _changed_numbers(entries: tuple[Entry, ...]) -> set[str]:
    report, datasets = _report(), datasets_of(snapshot_of_entries(entries))
    return {
        id
        for id, result in report.results.items()
        if not _same(compute_again(result, datasets), result.value)
    }


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(which=st.integers(min_value=0))
def test_what_is_no_parent_changes_no_number(which: int) -> None:
    recorded = _recorded()
    place, _, item = recorded[(which * 7919) % len(recorded)]
    entry, entries = _change(place, item)
    report = _report()
    for id in _changed_numbers(entries):
        assert entry.sequence in report.parents(id), (id, entry.sequence, item.id)


@pytest.mark.parametrize(
    ("form", "encounter", "item", "number"),
    [
        ("published_baseline", "screening", "age", "table1.age.mean"),
        ("published_baseline", "screening", "disease_duration", "table1.delta_fs.mean"),
        ("alsfrs_r", "month_12", "speech", "anova.alsfrs_r.f"),
        ("alsfrs_r", "month_6", "walking", "mixed.alsfrs_r_total.slope"),
        ("alsfrs_r", "screening", "speech", "mmrm.alsfrs_r_total.month_12.change"),
        ("spirometry", "screening", "fvc_percent", "mmrm.fvc.month_12.mean"),
        ("alsfrs_r", "month_6", "walking", "scores.gross_motor.month_6.change"),
        ("alsfrs_r", "screening", "speech", "scores.total.month_12.change"),
        ("spirometry", "month_4", "fvc_litres", "scores.fvc_litres.month_4.mean"),
        ("infusion", "infusion_day", "given_dose", "exposure.given_dose.mean"),
        ("adverse_event", "", "serious", "table2.serious.events"),
    ],
)
def test_a_parent_can_change_its_number(form: str, encounter: str, item: str, number: str) -> None:
    parents = set(_report().parents(number))
    for place, id, found in _recorded():
        entry = shipped_entries()[place]
        if (id, entry.data["form"], entry.data["encounter"]) != (item, form, encounter):
            continue
        assert entry.sequence in parents
        if number in _changed_numbers(_change(place, found)[1]):
            return
    pytest.fail(f"no {form}.{item} changes {number}")
