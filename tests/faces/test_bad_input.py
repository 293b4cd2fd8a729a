"""Everything wrong that can be typed, at every field of every form: a clear word beside the field, and an untouched record."""

import csv
import html
import io
import re

import pytest

from charcot.conduct import read_charter
from charcot.ledger import Kind
from charcot.protocol import Item, Protocol
from faces.practice import BEGAN, Practice

EVERYWHERE = {
    "control": "a\x07b",
    "nul": "a\x00b",
    "override": "12\u202e34",
    "isolate": "\u206712\u2069",
    "emoji": "\U0001f600",
    "private": "\ue000",
    "script": "<script>alert(1)</script>",
    "image": '"><img src=x onerror=alert(1)>',
    "sql": "1'; DROP TABLE store_ledgerentry; --",
    "union": "1 UNION SELECT password FROM auth_user",
    "long": "x9" * 60_000,
}
NUMBERS = (
    "abc",
    "1,2,3",
    "1.2.3",
    "--5",
    "1e999",
    "NaN",
    "Infinity",
    "0x1F",
    "½",
    "10⁶",
    "۱۲۳۴۵۶۷۸۹۰۱۲۳۴۵۶۷۸۹۰",
)
DATES = ("2031-01-01", "31/31/2014", "2014-02-30", "1393-05-01", "yesterday", "0000-00-00", "14.3.14")


def wrong_for(item: Item) -> dict[str, str]:
    """What must be refused in a field of this type."""
    more: tuple[str, ...] = ()
    if item.type in ("integer", "decimal"):
        more = NUMBERS
    elif item.type in ("date", "datetime"):
        more = DATES
    elif item.type == "time":
        more = ("25:00", "noon", "9")
    elif item.type in ("choice", "choices", "yes_no"):
        more = ("definitely", "yes; no")
    return EVERYWHERE | {f"own {place}": text for place, text in enumerate(more)}


def protocol_of(practice: Practice) -> Protocol:
    return read_charter(practice.folder.ledger).ruling_on(BEGAN.date()).study.protocol


def test_every_field_of_every_form_refuses_what_cannot_be_meant(practice: Practice) -> None:
    protocol = protocol_of(practice)
    client = practice.client("investigator-1")
    before = practice.folder.ledger.head()
    tried = 0
    for form in protocol.forms:
        if form.subject != "participant":
            continue
        encounter = (protocol.encounters_of(form.form) or ("-",))[0]
        place = f"/participants/S-02/forms/{form.form}/{encounter}/1/fill"
        typed = [item for item in form.items if item.computed is None]
        kinds = max((list(wrong_for(item)) for item in typed), key=len)
        for kind in kinds:
            sent = {"at": f"{BEGAN:%Y-%m-%d}", "source": "paper", "based_on": "0"}
            asked = [item for item in typed if kind in wrong_for(item)]
            sent |= {f"v.{item.id}": wrong_for(item)[kind] for item in asked}
            answer = client.post(place, sent)
            page = answer.content.decode()
            assert answer.status_code == 422, (form.form, kind, answer.status_code)
            for item in asked:
                if form.plays == "infusion" and item.id in ("weight", "planned_dose"):
                    continue  # known from the record, not typed
                beside = re.search(rf'id="say-{item.id}".*?<p class="wrong">(.*?)</p>', page, re.DOTALL)
                words = html.unescape(beside.group(1)) if beside else ""
                assert len(words) > 10, (form.form, item.id, kind)
                tried += 1
            assert "<script>alert" not in page
            assert "onerror=alert(1)>" not in page.replace("&gt;", "")
    assert practice.folder.ledger.head() == before
    assert tried > 4000


def test_the_same_while_one_types(practice: Practice) -> None:
    protocol = protocol_of(practice)
    client, before = practice.client("coordinator-1"), practice.folder.ledger.head()
    form = protocol.forms_by_id["vital_signs"]
    for kind, text in EVERYWHERE.items():
        sent = {"at": f"{BEGAN:%Y-%m-%d}", "based_on": "0"} | {
            f"v.{item.id}": text for item in form.items if item.computed is None
        }
        told = client.post("/participants/S-02/forms/vital_signs/screening/1/judge", sent)
        assert told.status_code == 200, kind
        assert set(told.json()["problems"]) >= {item.id for item in form.items if item.computed is None}
    assert practice.folder.ledger.head() == before


@pytest.mark.parametrize("text", [*DATES, "a\x00b", "\u202e2014-01-01", "<script>", "9" * 5000])
def test_the_day_of_a_form(practice: Practice, text: str) -> None:
    client, before = practice.client("coordinator-1"), practice.folder.ledger.head()
    answer = client.post(
        "/participants/S-02/forms/urine_culture/screening/1/fill",
        {"at": text, "source": "paper", "based_on": "0"},
    )
    assert answer.status_code == 422
    assert re.search(r'id="say-at".*?<p class="wrong">Date .{10,}?</p>', answer.content.decode(), re.DOTALL)
    assert practice.folder.ledger.head() == before


def test_a_date_before_birth(practice: Practice) -> None:
    client = practice.client("coordinator-1")
    day = f"{BEGAN.replace(hour=12):%Y-%m-%d}"
    place = "/participants/S-01/forms"
    sent = {
        "at": day,
        "source": "paper",
        "based_on": "0",
        "v.sex": "M",
        "v.age_at_consent": "44",
        "v.birth_date": "1980",
    }
    for _ in range(2):  # once more where a question was asked
        answer = client.post(f"{place}/demography/screening/1/fill", sent | {"at": _later(practice, "S-01")})
        seen = re.search(r'name="seen" value="([^"]*)"', answer.content.decode())
        sent |= {"seen": seen.group(1) if seen else ""}
    before = practice.folder.ledger.head()
    answer = client.post(
        f"{place}/concomitant_medication/-/1/fill",
        {"at": _later(practice, "S-01"), "source": "paper", "based_on": "0", "v.medicine": "riluzole", "v.indication": "ALS",
         "v.started_on": "1979", "v.ongoing": "yes", "v.immunosuppressive": "no"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "Started lies before the participant was born (1980). This is 1979." in html.unescape(
        answer.content.decode()
    )
    assert practice.folder.ledger.head() == before


def _later(practice: Practice, participant: str) -> str:
    entries = practice.folder.ledger.entries(subjects=[f"participant/{participant}"])
    return max(e.clinical_time or "" for e in entries)[:10]


def test_a_lost_superscript_is_questioned(practice: Practice) -> None:
    client, before = practice.client("investigator-1"), practice.folder.ledger.head()
    told = client.post(
        "/participants/S-02/forms/infusion/infusion_day/1/judge",
        {
            "v.given_dose": "106",
            "v.concentration": "106",
            "v.started_at": _later(practice, "S-02") + "T10:00",
        },
    ).json()
    asked = " ".join(question["message"] for question in told["questions"])
    assert "lost superscript, such as 106 for 10^6" in asked  # the protocol's own check
    assert "Concentration: 106 cells/ml is very few. Was a superscript lost" in asked
    assert practice.folder.ledger.head() == before


def test_fields_that_nobody_was_shown_are_not_read(practice: Practice) -> None:
    client, before = practice.client("coordinator-1"), practice.folder.ledger.head()
    answer = client.post(
        "/participants/S-02/forms/urine_culture/screening/1/fill",
        {"at": _later(practice, "S-02"), "source": "paper", "based_on": "0", "v.nothing": "1", "v.__class__": "x",
         "based_on[]": "7"},
    )  # fmt: skip
    assert answer.status_code in (302, 422)
    entries = list(practice.folder.ledger.entries(after=before.sequence))
    assert all("nothing" not in e.data.get("values", {}) for e in entries)


@pytest.mark.parametrize("based_on", ["-1", "99999999999999999999", "abc", "1e3", "۱"])
def test_versions_that_never_were(practice: Practice, based_on: str) -> None:
    client, before = practice.client("coordinator-1"), practice.folder.ledger.head()
    answer = client.post(
        "/participants/S-02/forms/urine_culture/screening/1/judge", {"at": "2014-01-01", "based_on": based_on}
    )
    assert answer.status_code == 200
    assert practice.folder.ledger.head() == before


PERSIAN = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")


def test_the_day_and_the_values_of_a_form_are_read_in_any_digits_and_kept_as_typed(
    practice: Practice,
) -> None:
    client, before = practice.client("coordinator-1"), practice.folder.ledger.head()
    day = _later(practice, "S-02")
    sent = {"at": day.translate(PERSIAN), "source": "paper", "based_on": "0", "v.weight": "۷۰٫۵"}
    assert client.post("/participants/S-02/forms/vital_signs/screening/1/fill", sent).status_code == 302
    (entry,) = (
        e for e in practice.folder.ledger.entries(after=before.sequence) if e.kind is Kind.FORM_RECORDED
    )
    assert (entry.clinical_time, entry.typed) == (day, {"clinical_time": day.translate(PERSIAN)})
    weight = entry.data["values"]["weight"]
    assert (weight["value"], weight["typed"]) == ("70.5", "۷۰٫۵")
    shown = practice.client("monitor-1").get(f"/record/{entry.sequence}").content.decode()
    for kept, typed in ((day, day.translate(PERSIAN)), ("70.5", "۷۰٫۵")):
        assert f"<td>{kept}</td><td><bdi>{typed}</bdi></td>" in shown
    rows = csv.DictReader(
        io.StringIO(
            client.get("/record.csv?form=vital_signs&participant=S-02").getvalue().decode("utf-8-sig")
        )
    )
    told = {row["item"]: row["typed"] for row in rows if row["entry"] == str(entry.sequence)}
    assert told["Weight"] == f"clinical time: {day.translate(PERSIAN)}; ۷۰٫۵"


def test_a_form_to_which_something_is_added_keeps_the_day_it_had(practice: Practice) -> None:
    client, day = practice.client("coordinator-1"), _later(practice, "S-02")
    place = "/participants/S-02/forms/vital_signs/screening/1/fill"
    sent = {"at": day.translate(PERSIAN), "source": "paper", "v.weight": "70.5"}
    assert client.post(place, sent | {"based_on": "0"}).status_code == 302
    added = client.post(place, sent | {"based_on": "1", "v.pulse": "۷۱"})
    assert added.status_code == 302, re.findall(r'class="wrong">(.+?)<', added.content.decode())
    last = [e for e in practice.folder.ledger.entries() if e.kind is Kind.FORM_RECORDED][-1]
    assert (last.clinical_time, last.typed, last.data["values"]["pulse"]["typed"]) == (day, {}, "۷۱")
