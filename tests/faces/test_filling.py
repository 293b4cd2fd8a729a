"""Forms filled on pages: saved, refused beside the field, corrected, drafted, merged; the record stays as it was until then."""

import html
import json
import re
from typing import Any

import pytest

from charcot.ledger import Kind
from faces.practice import BEGAN, NAME, Practice

DAY = f"{BEGAN:%Y-%m-%d}"
VITALS = "/participants/S-02/forms/vital_signs/screening/1"
GOOD = {
    "weight": "70.5", "height": "174", "pulse": "72", "systolic": "130", "diastolic": "80", "temperature": "36.6",
    "respiratory_rate": "16", "oxygen_saturation": "97", "on_oxygen": "no",
}  # fmt: skip


def consented(practice: Practice) -> str:
    """The day on which S-02 consented, and after which forms are filled."""
    entries = practice.folder.ledger.entries(subjects=["participant/S-02"])
    return next(e.clinical_time or "" for e in entries if e.kind is Kind.FORM_RECORDED)[:10]


def sheet(practice: Practice, values: dict[str, str], **more: str) -> dict[str, str]:
    sent = {"at": consented(practice), "source": "paper", "based_on": "0", "seen": "", **more}
    return sent | {f"v.{name}": text for name, text in values.items()}


def head(practice: Practice) -> int:
    return practice.folder.ledger.head().sequence


def said(answer: Any, item: str) -> str:
    """What stands beside a field."""
    found = re.search(rf'id="say-{item}".*?<p class="wrong">(.*?)</p>', answer.content.decode(), re.DOTALL)
    return html.unescape(found.group(1)) if found else ""


def newest(practice: Practice) -> dict[str, Any]:
    return dict(list(practice.folder.ledger.entries())[-1].data)


def test_a_form_is_saved_as_it_was_typed_and_put_right(practice: Practice) -> None:
    client = practice.client("coordinator-1")
    answer = client.post(
        f"{VITALS}/fill",
        sheet(practice, GOOD | {"weight": " ۱۵۴,۵ ", "height": "68,5", "temperature": "36,6"})
        | {"u.weight": "lb", "u.height": "in"},
    )
    assert answer.status_code == 302
    saved = newest(practice)
    assert saved["source"] == "paper"
    assert saved["values"]["weight"] == {
        "origin": "entered",
        "typed": "۱۵۴,۵",
        "typed_unit": "lb",
        "value": "70.1",
    }
    assert saved["values"]["height"] == {
        "origin": "entered",
        "typed": "68,5",
        "typed_unit": "in",
        "value": "174.0",
    }
    assert saved["values"]["temperature"] == {"origin": "entered", "typed": "36,6", "value": "36.6"}
    assert saved["values"]["pulse"] == {"origin": "entered", "value": "72"}
    page = client.get(VITALS).content.decode()
    assert "typed as ۱۵۴,۵ lb" in page


def test_wrong_fields_are_named_beside_them_and_nothing_is_entered(practice: Practice) -> None:
    client, before = practice.client("coordinator-1"), head(practice)
    answer = client.post(
        f"{VITALS}/fill", sheet(practice, GOOD | {"pulse": "fast", "systolic": "70", "weight": "7000"})
    )
    assert answer.status_code == 422
    assert said(answer, "pulse") == "Pulse must be a whole number in beats/min, such as 12; this is 'fast'."
    assert said(answer, "weight") == "Weight must lie between 20 and 250 kg; this is 7000."
    assert "must be higher than diastolic" in said(answer, "systolic")
    assert 'value="7000"' in answer.content.decode()  # what was typed is still there
    assert head(practice) == before


def test_questions_are_shown_before_they_are_kept(practice: Practice) -> None:
    client = practice.client("coordinator-1")
    sent = sheet(practice, GOOD | {"pulse": "130"})
    answer = client.post(f"{VITALS}/fill", sent)
    assert answer.status_code == 422
    assert "usually between 50 and 110" in answer.content.decode()
    seen = re.search(r'name="seen" value="([^"]*)"', answer.content.decode())
    assert seen is not None
    assert client.post(f"{VITALS}/fill", sent | {"seen": seen.group(1)}).status_code == 302
    kinds = [e.kind for e in practice.folder.ledger.entries()]
    assert Kind.FORM_RECORDED in kinds[-2:]


def test_a_value_can_be_absent_with_its_reason(practice: Practice) -> None:
    client = practice.client("coordinator-1")
    sent = sheet(practice, GOOD | {"height": ""}) | {"a.height": "not_done"}
    answer = client.post(f"{VITALS}/fill", sent)
    assert answer.status_code == 422
    assert "say why" in said(answer, "height")
    assert client.post(f"{VITALS}/fill", sent | {"w.height": "Cannot stand"}).status_code == 302
    assert newest(practice)["values"]["height"] == {
        "absent": "not_done",
        "origin": "entered",
        "why": "Cannot stand",
    }


def test_a_correction_shows_before_and_after_and_asks_why(practice: Practice) -> None:
    client = practice.client("coordinator-1")
    client.post(f"{VITALS}/fill", sheet(practice, GOOD))
    changed = sheet(practice, GOOD | {"weight": "75.0", "height": ""}, based_on="1")
    before = head(practice)
    answer = client.post(f"{VITALS}/fill", changed)
    assert answer.status_code == 422
    assert said(answer, "reason") == "Say in a few words why it is changed."
    page = answer.content.decode()
    assert re.search(r"Weight</th><td><del>70.5</del></td><td>75.0</td>", page)
    assert re.search(r"Height</th><td><del>174</del></td><td>–</td>", page)
    shown = re.search(r'name="shown" value="([^"]*)"', page)
    assert shown is not None
    unseen = client.post(f"{VITALS}/fill", changed | {"reason": "Misread"})
    assert unseen.status_code == 422  # the changes were not confirmed as they were shown
    assert head(practice) == before
    answer = client.post(f"{VITALS}/fill", changed | {"reason": "Misread", "shown": shown.group(1)})
    assert answer.status_code == 302
    entry = next(e for e in reversed(list(practice.folder.ledger.entries())) if e.kind is Kind.FORM_RECORDED)
    assert (entry.verb, entry.reason, entry.data["version"]) == ("correct", "Misread", 2)
    assert entry.data["values"]["weight"]["value"] == "75.0"
    assert "height" not in entry.data["values"]
    assert entry.data["values"]["pulse"] == {"origin": "entered", "value": "72"}


def test_what_was_missing_is_added_without_a_reason(practice: Practice) -> None:
    client = practice.client("coordinator-1")
    client.post(f"{VITALS}/fill", sheet(practice, GOOD | {"height": ""}))
    assert client.post(f"{VITALS}/fill", sheet(practice, GOOD, based_on="1")).status_code == 302
    entry = list(practice.folder.ledger.entries())[-1]
    assert (entry.verb, entry.data["version"], entry.reason) == ("record", 2, None)


def test_the_same_sheet_sent_twice_is_saved_once(practice: Practice) -> None:
    client = practice.client("coordinator-1")
    event = {"term": "Headache", "category": "other", "onset": consented(practice), "outcome": "recovered", "grade": "1",
             "serious": "no", "relation_product": "unlikely", "relation_procedure": "unlikely"}  # fmt: skip
    sent = sheet(practice, event, token="once-and-for-all")
    place = "/participants/S-02/forms/adverse_event/-/1/fill"
    seen = re.search(r'name="seen" value="([^"]*)"', client.post(place, sent).content.decode())
    sent |= {"seen": seen.group(1) if seen else ""}
    if client.post(place, sent).status_code == 422:
        pytest.fail(client.post(place, sent).content.decode()[-3000:])
    after = head(practice)
    assert client.post(place, sent).status_code == 302
    assert head(practice) == after


def test_two_people_on_one_form_see_each_other_and_put_both_together(practice: Practice) -> None:
    hers, his = practice.client("coordinator-1"), practice.client("investigator-1")
    hers.get(f"{VITALS}/fill")
    told = json.loads(his.post(f"{VITALS}/judge", sheet(practice, GOOD | {"weight": "71.0"})).content)
    assert told["others"] == ["coordinator-1"]
    assert hers.post(f"{VITALS}/fill", sheet(practice, GOOD | {"pulse": "80"})).status_code == 302
    before = head(practice)
    his_sheet = sheet(practice, GOOD | {"weight": "71.0", "height": ""})
    told = json.loads(his.post(f"{VITALS}/judge", his_sheet).content)
    assert (told["newest"], told["saved_by"]) == (1, "coordinator-1")
    answer = his.post(f"{VITALS}/fill", his_sheet)
    assert answer.status_code == 409
    assert head(practice) == before
    page = answer.content.decode()
    assert re.search(r"theirs[^>]*> 70.5", page)
    assert re.search(r"yours[^>]*> 71.0", page)
    assert his.post(f"{VITALS}/fill", his_sheet | {"merging": "1"}).status_code == 409  # nobody decided
    picked = his_sheet | {
        "merging": "1",
        "pick.weight": "yours",
        "pick.pulse": "theirs",
        "pick.height": "theirs",
    }
    review = his.post(f"{VITALS}/fill", picked)
    assert review.status_code == 422
    text = review.content.decode()
    assert re.search(r"Weight</th><td><del>70.5</del></td><td>71.0</td>", text)
    assert re.search(r'name="based_on" value="1"', text)
    assert "Pulse</th><td><del>" not in text  # hers stays


def test_a_draft_is_kept_offered_and_thrown_away_and_is_no_part_of_the_record(practice: Practice) -> None:
    client, before = practice.client("coordinator-1"), head(practice)
    told = json.loads(
        client.post(f"{VITALS}/judge", sheet(practice, {"weight": "70.5", "pulse": "fast"})).content
    )
    assert re.fullmatch(r"\d\d:\d\d", told["saved_at"])
    page = client.get(f"{VITALS}/fill").content.decode()
    assert f"Your draft of {told['saved_at']} is in the fields: saved, not entered." in page
    assert 'value="fast"' in page
    assert "Vital signs and weight, your draft" in client.get("/participants/S-02").content.decode()
    other = practice.client("investigator-1")
    assert "Your draft" not in other.get(f"{VITALS}/fill").content.decode()
    assert client.post(f"{VITALS}/discard").status_code == 302
    assert "Your draft" not in client.get(f"{VITALS}/fill").content.decode()
    assert head(practice) == before


def test_a_draft_is_unreadable_in_the_file(practice: Practice) -> None:
    client = practice.client("coordinator-1")
    place = "/participants/S-02/forms/identity/screening/1"
    client.post(f"{place}/judge", sheet(practice, {"given_name": "Xylophonia", "family_name": "Quux-Marker"}))
    assert 'value="Xylophonia"' in client.get(f"{place}/fill").content.decode()
    for file in (practice.folder.path / "local").rglob("*"):
        if file.is_file():
            assert b"Xylophonia" not in file.read_bytes(), file.name


def test_a_draft_survives_the_death_of_the_server(practice: Practice) -> None:
    from faces.practice import open_practice

    practice.client("coordinator-1").post(f"{VITALS}/judge", sheet(practice, {"weight": "70.5"}))
    practice.folder.close()
    again = open_practice(practice.folder.path)
    assert 'value="70.5"' in again.client("coordinator-1").get(f"{VITALS}/fill").content.decode()


def test_values_appear_as_one_types(practice: Practice) -> None:
    client = practice.client("coordinator-1")
    told = json.loads(
        client.post(f"{VITALS}/judge", sheet(practice, {"weight": "70", "height": "175"})).content
    )
    assert told["computed"]["bmi"] == "22.9"  # 70 / 1.75² = 22.857
    # items (1,3,1,1,2,1,2,1,1,1,3,2) give total 19, bulbar 5, fine 4, gross 4, respiratory 6, MiToS 4, King's 4B
    names = ("speech", "salivation", "swallowing", "handwriting", "cutting_food", "dressing_hygiene", "turning_in_bed",
             "walking", "climbing_stairs", "dyspnoea", "orthopnoea", "respiratory_insufficiency")  # fmt: skip
    scores = dict(zip(names, "131121211132", strict=True)) | {"gastrostomy": "no"}
    place = "/participants/S-02/forms/alsfrs_r/screening/1"
    told = json.loads(client.post(f"{place}/judge", sheet(practice, scores)).content)
    assert {name: told["computed"][name] for name in ("total", "bulbar", "fine_motor", "gross_motor", "respiratory")} == {
        "total": "19", "bulbar": "5", "fine_motor": "4", "gross_motor": "4", "respiratory": "6",
    }  # fmt: skip
    assert told["stages"] == "King's stage 4B, MiToS 4"
    assert "handling_utensils" in told["hidden"]
    assert "cutting_food" in told["required"]
    told = json.loads(client.post(f"{place}/judge", sheet(practice, scores | {"gastrostomy": "yes"})).content)
    assert "does not apply" in told["problems"]["cutting_food"]


def test_what_a_role_may_not_see_is_neither_shown_nor_read_nor_lost(practice: Practice) -> None:
    place = "/participants/S-01/forms/identity/screening/1"
    physician = practice.client("safety_physician-1")  # may record and correct, and does not see names
    page = physician.get(f"{place}/fill").content.decode()
    assert NAME not in page
    assert "(not shown to your role)" in page
    before = head(practice)
    answer = physician.post(
        f"{place}/fill", {"at": DAY, "source": "paper", "based_on": "1", "v.family_name": "Other"}
    )
    assert answer.status_code in (302, 422)
    assert head(practice) == before
    assert NAME in practice.client("coordinator-1").get(f"{place}/fill").content.decode()


@pytest.mark.parametrize("who", ["monitor-1", "data_manager-1", "statistician-1", "inspector-1"])
def test_who_may_not_fill_forms_does_not_get_the_page(practice: Practice, who: str) -> None:
    client, before = practice.client(who), head(practice)
    assert client.get(f"{VITALS}/fill").status_code == 403
    assert client.post(f"{VITALS}/fill", sheet(practice, GOOD)).status_code == 403
    assert client.post(f"{VITALS}/judge", sheet(practice, GOOD)).status_code == 403
    assert head(practice) == before


def test_a_forged_request_is_refused(practice: Practice) -> None:
    signed_in = practice.client("coordinator-1")
    forger, before = practice.client(forgery=True), head(practice)
    forger.cookies = signed_in.cookies
    assert forger.post(f"{VITALS}/fill", sheet(practice, GOOD)).status_code == 403
    assert forger.post(f"{VITALS}/judge", sheet(practice, GOOD)).status_code == 403
    assert head(practice) == before


def test_an_unknown_place_has_no_page(practice: Practice) -> None:
    client = practice.client("coordinator-1")
    assert client.get("/participants/S-99/forms/vital_signs/screening/1/fill").status_code == 404
    assert client.get("/participants/S-02/forms/nothing/screening/1/fill").status_code in (400, 404)
    assert client.get("/participants/S-02/forms/vital_signs/screening/7/fill").status_code in (400, 404)
