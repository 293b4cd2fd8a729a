"""Two moments compared: what changed leads from the one to the other, and every entry between is told once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from charcot.ledger import Entry
from charcot.participants import Dossier
from charcot.report.moment_changes import compare_dossiers
from report.shipped_trial import shipped_entries, snapshot_of_entries

LAST = 1600


def dossiers(sequence: int) -> dict[str, Dossier]:
    snapshot = snapshot_of_entries(shipped_entries()[:sequence])
    return {dossier.participant: dossier for dossier in snapshot.dossiers}


def test_a_correction_is_told_with_both_values_who_and_why() -> None:
    correction = next(e for e in shipped_entries() if e.verb == "correct" and e.participant == "S-02")
    before, after = dossiers(correction.sequence - 1)["S-02"], dossiers(correction.sequence)["S-02"]
    changed = compare_dossiers(before, after)
    (form,) = changed.forms
    weight = next(value for value in form.values if value.item == "weight")
    assert weight.before is not None and weight.before.text == "68.3"
    assert weight.after is not None and weight.after.text == "58.3"
    assert {value.item for value in form.values} == {"weight", "bmi"}  # the index follows from the weight
    (entry,) = form.entries
    assert entry.hash == correction.hash
    assert "paper form says 58.3 kg" in (entry.reason or "")


def test_a_participant_screened_between_the_moments_is_new() -> None:
    screened = next(
        e for e in shipped_entries() if e.kind == "participant_screened" and e.participant == "S-05"
    )
    changed = compare_dossiers(None, dossiers(screened.sequence)["S-05"])
    assert changed.is_new and changed.after == "screened"
    assert [name for name, _entries in changed.events] == ["course"]


@settings(max_examples=8, deadline=None)
@given(st.integers(20, LAST), st.integers(0, 120))
def test_the_changes_lead_from_the_earlier_moment_to_the_later(one: int, further: int) -> None:
    before, after = dossiers(one), dossiers(one + further)
    for name, later in after.items():
        earlier = before.get(name)
        changed = compare_dossiers(earlier, later)
        values = {
            key: dict(versions[-1].values) for key, versions in earlier.casebook.forms.items()
        } if earlier is not None else {}  # fmt: skip
        for form in changed.forms:
            made = values.setdefault(form.key, {})
            for value in form.values:
                if value.after is None:
                    made.pop(value.item)
                else:
                    made[value.item] = value.after
        assert values == {key: dict(versions[-1].values) for key, versions in later.casebook.forms.items()}
        told: list[Entry] = [e for form in changed.forms for e in form.entries]
        told += [e for _name, entries in changed.events for e in entries]
        assert sorted(e.sequence for e in told) == [e.sequence for e in later.entries if e.sequence > one]
