"""The laboratory on the site: a value outside its range is asked about, judged by the investigator, and a site's range changes it from its day on."""

from datetime import timedelta

from django.test import Client

from charcot.conduct import read_charter, record
from charcot.ledger import Actor
from faces.practice import BEGAN, Practice

PANEL = {
    "haemoglobin": "11.2", "haematocrit": "34", "red_cells": "4.00", "white_cells": "6.1", "neutrophils": "3.5", "lymphocytes": "1.8",
    "platelets": "210", "esr": "14", "inr": "1.0",
}  # fmt: skip
VALUE = "/participants/S-01/laboratory/laboratory_haematology/screening/1"


def text(client: Client, address: str = "/participants/S-01") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_value_outside_its_range_is_judged_and_follows_the_range_of_the_site(practice: Practice) -> None:
    day = f"{BEGAN + timedelta(days=2):%Y-%m-%d}"
    desk, trial = Actor("coordinator-1", "coordinator"), practice.trial
    record(trial, desk, participant="S-01", form="demography", encounter="screening", at=f"{day}T10:00",
           values={"sex": "F", "age_at_consent": "45"})  # fmt: skip
    record(trial, desk, participant="S-01", form="laboratory_haematology", encounter="screening", at=f"{day}T10:00",
           values={"collected_at": f"{day}T10:00", **PANEL})  # fmt: skip
    doctor, monitor = practice.client("investigator-1"), practice.client("monitor-1")
    seen = text(doctor)
    assert (
        "Haemoglobin, normal 12.0 to 15.5 g/dl: Haemoglobin 11.2 g/dl, low" in seen
    )  # in words, for who does not see the picture
    assert "Anaemia" in seen and f'href="{VALUE}/haemoglobin"' in seen
    assert "not judged" in text(monitor) and f'href="{VALUE}/haemoglobin"' not in text(monitor)
    assert doctor.get(f"{VALUE}/platelets").status_code == 404  # lies within its range

    sent = doctor.post(f"{VALUE}/haemoglobin", {"significant": "yes", "comment": "", "token": "a"})
    assert sent.status_code == 422 and "comment" in sent.content.decode()
    sent = doctor.post(f"{VALUE}/haemoglobin", {"significant": "no", "comment": "Long known.", "token": "b"})
    assert sent.status_code == 302
    assert "no: Long known." in text(monitor)
    assert "judged haemoglobin of Haematology and clotting at Screening" in text(
        monitor, "/record?participant=S-01"
    )

    site = read_charter(trial.ledger).first_site(BEGAN.date())
    given = {
        "site": site,
        "since": day,
        "low": "20",
        "high": "10",
        "unit": "g/dl",
        "sex": "F",
        "age_from": "",
        "age_to": "",
        "source": "List 3",
    }
    place = "/safety/ranges/laboratory_haematology/haemoglobin"
    manager = practice.client("data_manager-1")
    wrong = manager.post(place, given | {"token": "c"})
    assert wrong.status_code == 422 and "is less than the lower" in wrong.content.decode()
    assert (
        manager.post(place, given | {"low": "110", "high": "150", "unit": "g/l", "token": "d"}).status_code
        == 302
    )
    ranges = text(monitor, "/safety/ranges")
    assert "11 to 15" in ranges and "List 3" in ranges and "12.0 to 15.5" in ranges
    assert "typed as 110 to 150 g/l" in ranges
    wrong = manager.post(place, given | {"low": "11", "high": "15", "age_from": "sixty", "token": "e"})
    assert wrong.status_code == 422
    assert "sixty is no age in years" in wrong.content.decode() and 'value="sixty"' in wrong.content.decode()
    after = text(doctor)
    assert "Haemoglobin, normal 11 to 15 g/dl: Haemoglobin 11.2 g/dl, within its range" in after
    assert "Anaemia" not in after
