"""The lists of missed visits, withdrawals, people lost and deviations: what stands in them, for whom, and as of when."""

import html
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from charcot.conduct import contact, lose_to_follow_up, miss, withdraw
from charcot.ledger import Actor
from faces.concealing import open_concealed
from faces.practice import BEGAN, Practice

DESK = Actor("coordinator-1", "coordinator")
PAGES = ("/missed-visits", "/withdrawals", "/lost-to-follow-up", "/deviations")


def day(number: int) -> str:
    """S-01 was screened and consented on day 1, S-02 on day 2, S-03, of the other site, on day 5."""
    return f"{BEGAN + timedelta(days=number):%Y-%m-%d}"


@pytest.fixture
def trial(concealed_made: Path, tmp_path: Path) -> Practice:
    return open_concealed(Path(shutil.copytree(concealed_made, tmp_path / "course")))


def rows_of(practice: Practice, path: str, person: str = "coordinator-1") -> list[list[str]]:
    """The rows of the table on a page, each cell as its words."""
    answer = practice.client(person).get(path)
    assert answer.status_code == 200, path
    body = answer.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    cells = [re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("</tr>")[:-1]]
    return [[" ".join(html.unescape(re.sub(r"<[^>]*>", "", cell)).split()) for cell in row] for row in cells]


def test_a_visit_past_its_window_stands_there_until_somebody_says_why_it_was_missed(trial: Practice) -> None:
    # Screening: 0 to 14 days after consent (schedule.yaml), so the window of S-02 closed on day 16.
    past = (datetime.now(UTC).date() - (BEGAN + timedelta(days=16)).date()).days
    found = {row[0]: row for row in rows_of(trial, "/missed-visits?reason=without")}
    assert list(found) == ["S-01", "S-02", "S-03"]  # the longest past first
    assert found["S-02"][2] == "Screening"
    assert found["S-02"][4:] == [str(past), "the whole visit", "not recorded Say why"]
    assert found["S-01"][5].startswith("Demography, ")  # one form was filled there
    page = trial.client("coordinator-1").get("/missed-visits").content.decode()
    assert 'href="/participants/S-02/acts/miss?about=screening"' in page
    assert "Say why" not in trial.client("monitor-1").get("/missed-visits").content.decode()

    miss(trial.trial, DESK, participant="S-02", encounter="screening", at=day(20), reason="In hospital")
    before = trial.folder.ledger.head().sequence - 1
    assert [row[0] for row in rows_of(trial, "/missed-visits?reason=without")] == ["S-01", "S-03"]
    (said,) = rows_of(trial, "/missed-visits?reason=with")
    assert said[0] == "S-02"
    assert said[4:6] == ["–", "the whole visit"]
    assert said[6].startswith("In hospital coordinator-1, ")
    assert len(rows_of(trial, "/missed-visits")) == 3
    assert len(rows_of(trial, f"/missed-visits?as_of={before}&reason=with")) == 0


def test_a_missed_form_that_turned_up_says_so(trial: Practice) -> None:
    miss(trial.trial, DESK, participant="S-02", encounter="screening", form="urine_culture", at=day(20), reason="Lost")  # fmt: skip
    assert rows_of(trial, "/missed-visits?reason=with")[0][5] == "Urine culture"
    answer = trial.client("coordinator-1").post(
        "/participants/S-02/forms/urine_culture/screening/1/fill",
        {
            "at": day(15),
            "source": "paper",
            "based_on": "0",
            "v.collected_at": f"{day(15)}T08:00",
            "v.growth": "none",
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    assert rows_of(trial, "/missed-visits?reason=with")[0][5] == "Urine culture filled after all"


def test_withdrawals_stand_by_kind_with_what_they_stop_and_who_recorded_them(trial: Practice) -> None:
    withdraw(trial.trial, DESK, participant="S-01", scope="treatment", at=day(20))
    withdraw(trial.trial, DESK, participant="S-01", scope="data", at=day(21), reason="Moves abroad")
    newest, first = rows_of(trial, "/withdrawals")
    assert newest[0] == first[0] == "S-01"
    assert (newest[3], first[3]) == ("use of data", "treatment")
    assert newest[4].startswith("Nothing more is recorded.")
    assert newest[4].endswith(
        "8 planned visits are not expected any more."
    )  # 9 of the schedule, less Screening
    assert first[4] == "No further infusion. Visits go on."
    assert (newest[5], first[5]) == ("Moves abroad", "none given")
    assert newest[6].startswith("coordinator-1, ")
    assert newest[7] == "withdrew"
    assert [row[3] for row in rows_of(trial, "/withdrawals?kind=treatment")] == ["treatment"]
    assert rows_of(trial, "/withdrawals?kind=follow_up") == []


def test_who_was_lost_stands_with_the_last_contact_until_they_are_found(trial: Practice) -> None:
    lose_to_follow_up(trial.trial, DESK, participant="S-01", at=day(30), reason="Called five times")
    (lost,) = rows_of(trial, "/lost-to-follow-up")
    assert lost[0] == "S-01"
    assert lost[3] == "Called five times"
    assert lost[4].startswith("coordinator-1, ")
    assert lost[5] == "not yet"
    assert lost[6].startswith("lost to follow-up")
    contact(trial.trial, DESK, participant="S-01", at=day(40), alive=True, values={"mode": "telephone"})  # fmt: skip
    (found,) = rows_of(trial, "/lost-to-follow-up")
    assert found[5] == f"{BEGAN + timedelta(days=40):%-d %b %Y}"
    assert found[6] == "consented"


def test_deviations_are_chosen_by_kind_and_by_words(trial: Practice) -> None:
    miss(trial.trial, DESK, participant="S-02", encounter="screening", at=day(20), reason="In hospital")
    miss(trial.trial, DESK, participant="S-01", encounter="screening", form="urine_culture", at=day(20), reason="Broken tube")  # fmt: skip
    client = trial.client("data_manager-1")

    def named(query: str) -> list[str]:
        page = client.get(f"/deviations{query}").content.decode()
        return re.findall(r'<li><a href="/participants/(.+?)"', page)

    assert named("") == ["S-01", "S-02"]
    assert named("?kind=missed+visit") == ["S-02"]
    assert named("?q=broken") == ["S-01"]
    assert named("?q=nothing+like+it") == []


def test_a_role_of_one_site_finds_the_people_of_that_site_alone(trial: Practice) -> None:
    for participant in ("S-01", "S-03"):
        miss(trial.trial, DESK, participant=participant, encounter="screening", form="urine_culture", at=day(20), reason="Lost")  # fmt: skip
        withdraw(trial.trial, DESK, participant=participant, scope="treatment", at=day(21))
        lose_to_follow_up(trial.trial, DESK, participant=participant, at=day(22), reason="Called")
    everywhere, bound = trial.client("monitor-1"), trial.client("monitor-2")
    for path in PAGES:
        assert "S-01" in everywhere.get(path).content.decode(), path
        page = bound.get(path).content.decode()
        assert "S-03" in page, path
        assert "S-01" not in page, path


def test_the_lists_are_reached_from_the_participants_and_from_each_other(trial: Practice) -> None:
    client = trial.client("coordinator-1")
    for path in ("/participants", "/screening", *PAGES):
        page = client.get(path).content.decode()
        assert all(f'href="{other}"' in page for other in ("/screening", *PAGES)), path
    assert 'href="/deviations"' in client.get("/").content.decode()
